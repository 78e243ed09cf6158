package storetest

import (
	"testing"

	"ark"
	"ark/hub"
)

// visitsBox: a map begins with the town where most of the newest visits in
// sight were made.
func visitsBox(t *testing.T, b *bench) {
	ctx, j := t.Context(), b.journal("van-1", 1)
	wants := func(s hub.Sight, want hub.Box, found bool) {
		t.Helper()
		if got, ok, err := b.VisitsBox(ctx, s); err != nil || ok != found || got != want {
			t.Errorf("in the sight of %+v: %+v, %v, %v, want %+v", s, got, ok, err, want)
		}
	}
	at := func(street string, lat, lon int64) hub.Fact {
		v := ark.Visit{Place: "门", Where: ark.Place{Street: street}, Outcome: ark.Met}
		if lat != 0 {
			v.Geo = &ark.Geo{Lat: lat, Lon: lon}
		}
		return j.fact(b.id(), ark.KindVisit, v)
	}
	wants(hub.Everything, hub.Box{}, false)
	b.commit(j.delivery(at("翠苑", 0, 0)))
	wants(hub.Everything, hub.Box{}, false)
	b.commit(j.delivery(at("翠苑", 302_000_000, 1_201_000_000), at("翠苑", 302_900_000, 1_201_500_000), at("文新", 303_500_000, 1_200_900_000), at("远", -100_000_000, -500_000_000)))
	wants(hub.Everything, hub.Box{South: 302_000_000, West: 1_200_900_000, North: 303_500_000, East: 1_201_500_000}, true)
	wants(hub.Sight{Places: []ark.Place{{Street: "翠苑"}}}, hub.Box{South: 302_000_000, West: 1_201_000_000, North: 302_900_000, East: 1_201_500_000}, true)
	wants(hub.Sight{Places: []ark.Place{{Street: "远"}}}, hub.Box{South: -100_000_000, West: -500_000_000, North: -100_000_000, East: -500_000_000}, true)
	wants(hub.Sight{Places: []ark.Place{{Street: "别处"}}}, hub.Box{}, false)
	wants(hub.Sight{}, hub.Box{}, false)
}
