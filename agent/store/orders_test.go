package store

import (
	"testing"

	"ark"
	"ark/agent"
)

func TestOrdersOnceAndQuarantine(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	inc := ark.NewIncarnation([16]byte{1})
	c, err := s.Hearing(t.Context(), inc)
	must(t, err)
	play := func(n int, k ark.Kind) []byte {
		body, err := ark.EncodeBody(ark.KindPlayNow, ark.PlayNow{Announcement: "welcome", NotAfter: 1})
		must(t, err)
		raw, err := ark.EncodeEntry(ark.Entry{ID: visitID(n), Kind: k, Body: body})
		must(t, err)
		return raw
	}
	var taken ark.Taken
	for _, raw := range [][]byte{play(1, ark.KindPlayNow), play(2, 999), play(1, ark.KindPlayNow), {0xff}} {
		c = c.Next(raw)
		taken.Entries = append(taken.Entries, ark.TakenEntry{Cursor: c, Raw: raw})
	}
	fresh, err := s.Take(t.Context(), inc, taken, c)
	must(t, err)
	if len(fresh) != 1 || fresh[0].ID != visitID(1) {
		t.Fatalf("fresh orders %+v, want the first alone", fresh)
	}
	if got, _ := s.Hearing(t.Context(), inc); got != c {
		t.Fatalf("hearing %v, want %v", got, c)
	}
	d, known, err := s.Heard(t.Context(), inc, 2)
	if must(t, err); !known || d != taken.Entries[1].Cursor.Digest {
		t.Fatal("the digest of a quarantined entry is not known")
	}
	must(t, s.close())
	s = open(t, dir)
	todo, err := s.ToDo(t.Context())
	must(t, err)
	if len(todo) != 1 {
		t.Fatalf("after a crash: %+v", todo)
	}
	must(t, s.Append(t.Context(), agent.Record{Kind: ark.KindOrderState, Body: ark.OrderState{Order: visitID(1), State: ark.BroadcastExpired}}))
	if todo, _ = s.ToDo(t.Context()); len(todo) != 0 {
		t.Fatalf("after its end: %+v", todo)
	}
}

func TestUnfinishedBroadcasts(t *testing.T) {
	s := open(t, t.TempDir())
	run := ark.AsRun{Broadcast: visitID(7), Announcement: "welcome", State: ark.BroadcastStarted}
	must(t, s.Append(t.Context(), agent.Record{Kind: ark.KindBroadcast, Body: run}))
	if got, err := s.Unfinished(t.Context()); err != nil || len(got) != 1 || got[0].Broadcast != run.Broadcast {
		t.Fatal(got, err)
	}
	run.State = ark.BroadcastFinished
	must(t, s.Append(t.Context(), agent.Record{Kind: ark.KindBroadcast, Body: run}))
	if got, err := s.Unfinished(t.Context()); err != nil || len(got) != 0 {
		t.Fatal(got, err)
	}
}
