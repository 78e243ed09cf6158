package main

import (
	"runtime"
	"strings"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/households"
	"ark/internal/invented"
)

const (
	searchHouseholds = 100_000
	searchTyped      = 150 // households that are typed for, each by a way of its own
)

// search is what somebody waits for who types at the door: the whole of a
// search in all the households of a van, on one core, after every character
// that is typed.
func search(t *bench) []figure {
	all := invented.Households(1, searchHouseholds)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x := households.New()
	for _, h := range all {
		t.check(x.Add(h))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var took, alike []time.Duration
	for i := range searchTyped {
		h := all[i*len(all)/searchTyped]
		typed := []rune(wayOfTyping(h, i))
		for n := range typed {
			began := time.Now()
			found := x.Find(agent.Query{Text: string(typed[:n+1]), Near: h.Geo, Limit: 20})
			took = append(took, time.Since(began))
			if n == len(typed)-1 && len(found) == 0 {
				t.Fatalf("%s is not found", string(typed))
			}
		}
		began := time.Now()
		x.Alike(h, 5)
		alike = append(alike, time.Since(began))
	}
	return []figure{
		figure{Name: "search as one types, p99 of 100,000 households", Value: millis(percentile(took, 0.99)), Unit: "ms"}.most(50),
		{Name: "  median", Value: millis(percentile(took, 0.5)), Unit: "ms"},
		figure{Name: "  likely duplicates, p99", Value: millis(percentile(alike, 0.99)), Unit: "ms"}.most(50),
		{Name: "  memory of a household in the index", Value: float64(after.HeapAlloc-before.HeapAlloc) / searchHouseholds, Unit: "bytes"},
	}
}

// wayOfTyping is one of the ways to look for a household.
func wayOfTyping(h ark.Household, way int) string {
	words := strings.Fields(households.Words(h)) // a name, its pinyin, its initials, … the door, the room, a number
	name, pinyin, initials := words[0], words[1], words[2]
	room := h.Place.Room
	switch way % 6 {
	case 0:
		return name
	case 1:
		return pinyin
	case 2:
		return initials + " " + room
	case 3:
		return h.Place.Building + "-" + h.Place.Unit + "-" + room
	case 4:
		return room + name[:len("王")]
	}
	return h.Place.Compound + h.Place.Building + "幢" + room
}
