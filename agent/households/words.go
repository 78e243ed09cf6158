package households

import (
	"slices"
	"strings"

	"ark"
)

// Words is what a search that has no dictionary of readings may look in, such
// as that of a phone out of reach: the names, their pinyin and initials as
// they are most likely read, the door as 3-2-501, the room and the telephone
// numbers, with spaces between.
func Words(h ark.Household) string {
	var all []string
	add := func(s string) {
		if s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	phones := []string{phoneDigits(h.Phone)}
	for _, m := range h.Members {
		if m.Left {
			continue
		}
		var full, short strings.Builder
		for i, r := range []rune(strings.ToLower(m.Name)) {
			reading := strings.Join(readings(r)[:min(1, len(readings(r)))], "")
			if s, ok := surnames[r]; ok && i == 0 {
				reading = s
			}
			full.WriteString(reading)
			short.WriteString(reading[:min(1, len(reading))])
		}
		add(m.Name)
		add(full.String())
		add(short.String())
		phones = append(phones, phoneDigits(m.Phone))
	}
	var door []string
	for _, part := range [...]string{h.Place.Building, h.Place.Unit, h.Place.Room} {
		if part = ark.DoorPart(part); part != "" {
			door = append(door, part)
		}
	}
	add(strings.Join(door, "-"))
	add(ark.DoorPart(h.Place.Room))
	for _, p := range phones {
		add(p)
	}
	return strings.Join(all, " ")
}
