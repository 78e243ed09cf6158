package desk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"ark"
	"ark/hub"
)

// Whatever was meant stands on record whole: each van that was ordered to
// play, each place that somebody was given.
func TestLongListsAreOnRecordWhole(t *testing.T) {
	var vans []ark.VanID
	for i := range 2000 {
		vans = append(vans, ark.VanID(fmt.Sprintf("van-of-a-long-name-%04d", i)))
	}
	var places []ark.Place
	long := strings.Repeat("长", ark.MaxPart)
	for i := range hub.MaxSight {
		places = append(places, ark.Place{Street: long, Community: long, Grid: long, Compound: long, Building: long, Unit: long, Room: fmt.Sprintf("%04d", i)})
	}
	for name, c := range map[string]struct {
		a     about
		of    string
		wants []string
	}{
		"vans":   {aboutVans(vans), "names", texts(vans, func(v ark.VanID) string { return string(v) })},
		"places": {about{"lin", rightsDetail(hub.Roles, hub.Sight{Places: places})}, "places", texts(places, placeText)},
	} {
		b := &book{}
		d := newDesks(b).For(hub.Staff{Name: "lin"})
		if err := d.noteAll(t.Context(), duties["Play"], c.a); err != nil {
			t.Fatal(err)
		}
		kept := ""
		for _, deed := range b.deeds {
			plain := deed.Plain()
			if !maps.Equal(plain.Detail, deed.Detail) {
				t.Errorf("%s: of %d details something is cut", name, len(deed.Detail))
			}
			for _, key := range slices.Sorted(maps.Keys(plain.Detail)) {
				if strings.HasPrefix(key, c.of) {
					kept += plain.Detail[key] + " "
				}
			}
		}
		kept = strings.NewReplacer(" ", "", ";", "").Replace(kept)
		for _, want := range c.wants {
			if !strings.Contains(kept, want) {
				t.Fatalf("%s: %s is not on record", name, want)
			}
		}
		if len(b.deeds) < 2 {
			t.Errorf("%s: %d entries", name, len(b.deeds))
		}
	}
}

func texts[T any](all []T, text func(T) string) (s []string) {
	for _, one := range all {
		s = append(s, text(one))
	}
	return s
}
