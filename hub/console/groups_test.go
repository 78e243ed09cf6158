package console

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/hub"
)

func TestOrdersOfOneFormAreTogether(t *testing.T) {
	play := func(at hub.Position, until ark.UnixMilli) order {
		return order{Order: hub.Order{Position: at, Kind: ark.KindPlayNow, Body: ark.PlayNow{Announcement: "welcome", NotAfter: until, By: "a"}}}
	}
	stop := order{Order: hub.Order{Position: 5, Kind: ark.KindStop, Body: ark.Stop{NotAfter: 9}}}
	library := order{Order: hub.Order{Position: 1, Kind: ark.KindLibrary, Body: ark.Library{Version: 1, Size: 1}}}
	var got [][]hub.Position
	for _, g := range gather([]order{play(7, 2), play(6, 2), stop, play(4, 1), play(3, 1), play(2, 1), library}) {
		var at []hub.Position
		for _, o := range g.Orders {
			at = append(at, o.Position)
		}
		if g.At != at[0] || g.Standing() != (g.Kind() == ark.KindLibrary) {
			t.Errorf("group of %v: at %d, standing %v", at, g.At, g.Standing())
		}
		got = append(got, at)
	}
	if diff := cmp.Diff([][]hub.Position{{7, 6}, {5}, {4, 3, 2}, {1}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestHowFarAGroupHasCome(t *testing.T) {
	of := func(s ark.BroadcastState, latency time.Duration, held, lapsed bool) order {
		return order{Order: hub.Order{Kind: ark.KindPlayNow, Van: "v", State: s, Latency: latency, Held: held}, Lapsed: lapsed}
	}
	g := group{Orders: []order{
		of(0, 0, false, false), of(0, 0, true, false), of(0, 0, false, true), of(ark.BroadcastAccepted, 0, true, false),
		of(ark.BroadcastStarted, 3, true, false), of(ark.BroadcastFinished, 3, true, false), of(ark.BroadcastCut, 3, true, false),
		of(ark.BroadcastCut, 0, true, false), of(ark.BroadcastFailed, 0, true, false), of(ark.BroadcastExpired, 0, true, false),
	}}
	want := tally{Vans: 10, Waiting: 1, Held: 1, Lapsed: 1, Accepted: 1, Started: 3, Finished: 1, Cut: 2, Failed: 1, Expired: 1}
	if diff := cmp.Diff(want, g.Tally()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if n := len(g.Loud()); n != 4 { // waiting, held, accepted, started
		t.Errorf("%d vans may sound, want 4", n)
	}
}
