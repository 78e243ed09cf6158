package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

var elsewhere = hub.Sight{Places: []ark.Place{{Street: "别处"}}}

// triedAgain: one van's quarantine is read anew while the hub runs, and what is
// understood counts like any other; another's stays as it is.
func triedAgain(t *testing.T, b *bench) {
	one, two := b.journal("van-1", 1), b.journal("van-2", 2)
	d := one.delivery(unknown(one.visit(b.id(), "1")), one.visit(b.id(), "2"), one.entry(ark.Entry{ID: b.id(), Kind: 77, Body: []byte{0xa0}}))
	d.UpTo = one.at
	b.commit(d)
	b.commit(two.delivery(unknown(two.visit(b.id(), "3"))))
	if _, _, err := b.TryAgain(t.Context(), elsewhere, "van-1"); !errors.Is(err, hub.ErrNotThere) {
		t.Fatalf("from elsewhere: %v", err)
	}
	var told []hub.Change
	defer b.Changes(func(c hub.Change) { told = append(told, c) })()
	held, err := b.Quarantine(t.Context(), hub.Everything, "van-1")
	b.must(err)
	if len(held) != 2 || held[0].Seq != 3 || held[1].Seq != 1 || held[1].Reason == "" || held[0].Incarnation != one.inc || held[0].At.IsZero() {
		t.Errorf("in quarantine: %+v", held)
	}
	for i, want := range [][2]int{{1, 1}, {0, 1}} {
		if released, left, err := b.TryAgain(t.Context(), hub.Everything, "van-1"); err != nil || released != want[0] || left != want[1] {
			t.Errorf("time %d: released %d, left %d, %v", i, released, left, err)
		}
	}
	if got := b.places(); !slices.Equal(got, []string{"1", "2"}) || b.van("van-1").Quarantined != 1 || b.van("van-2").Quarantined != 1 {
		t.Errorf("visits %v", got)
	}
	if len(told) != 1 || !told[0].Visits || !told[0].Vans {
		t.Errorf("watchers heard %+v", told)
	}
	b.commit(one.delivery(one.visit(b.id(), "4"))) // positions go on
	if got := b.places(); !slices.Equal(got, []string{"4", "1", "2"}) {
		t.Errorf("visits %v", got)
	}
}

// breaks: what somebody has looked into is no trouble any more, and what comes
// later is one again.
func breaks(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	d := j.delivery(j.visit(b.id(), "1"))
	d.Gaps, d.Fork = []ark.Gap{{From: 5, To: 9}}, &ark.Fork{At: 1, Theirs: ark.FrameKey{7}}
	b.commit(d)
	if v := b.van("van-1"); v.Forks != 1 || v.Gaps != 1 || v.Unseen != 2 {
		t.Errorf("van %+v", v)
	}
	if err := b.SeeBreaks(t.Context(), elsewhere, "van-1", d.At, "chen"); !errors.Is(err, hub.ErrNotThere) {
		t.Errorf("from elsewhere: %v", err)
	}
	b.must(b.SeeBreaks(t.Context(), hub.Everything, "van-1", d.At.Add(-time.Millisecond), "chen")) // there was none yet
	b.must(b.SeeBreaks(t.Context(), hub.Everything, "van-1", d.At, "lin"))
	b.must(b.SeeBreaks(t.Context(), hub.Everything, "van-1", d.At, "chen"))
	later := j.delivery()
	later.At, later.Gaps = d.At.Add(time.Hour), []ark.Gap{{From: 20, To: 20}}
	b.commit(later)
	if v := b.van("van-1"); v.Forks != 1 || v.Gaps != 2 || v.Unseen != 1 {
		t.Errorf("van %+v", v)
	}
	all, err := b.Breaks(t.Context(), hub.Everything, "van-1")
	b.must(err)
	var got []string
	for _, x := range all {
		got = append(got, fmt.Sprintf("%v %d-%d %s %v %v", x.Fork, x.From, x.To, x.SeenBy, x.SeenAt.IsZero(), x.Incarnation == j.inc))
	}
	if want := []string{"false 20-20  true true", "false 5-9 lin false true", "true 1-1 lin false true"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := b.Breaks(t.Context(), elsewhere, "van-1"); !errors.Is(err, hub.ErrNotThere) {
		t.Errorf("from elsewhere: %v", err)
	}
}

// whatVansHold: how far a van's word goes, by which clock, and what of it is
// not here yet.
func whatVansHold(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	id := b.id()
	photo, other := ark.HashOf([]byte("a")), ark.HashOf([]byte("b"))
	body, err := ark.EncodeBody(ark.KindVisit, ark.Visit{Place: "3幢", Outcome: ark.Met, Attachments: []ark.Attachment{{Content: photo, Size: 1000, Type: "image/jpeg", Role: ark.RolePhoto}, {Content: other, Size: 30, Type: "image/jpeg", Role: ark.RolePhoto}}})
	b.must(err)
	d := j.delivery(j.entry(ark.Entry{ID: id, Kind: ark.KindVisit, At: ark.Stamp{Wall: 1_790_000_000_500, Trusted: true}, Body: body}))
	d.Backlog = 10
	b.must(b.Kept(t.Context(), other)) // it came before its visit was understood
	b.commit(d)
	v := b.van("van-1")
	if v.Backlog != 10 || v.Told.UnixMilli() != 1_790_000_000_500 || v.Doubtful || v.Waiting.Files != 1 || v.Waiting.Size != 1000 || v.Waiting.Bytes < 500 || v.Waiting.Bytes > 5000 {
		t.Errorf("van %+v", v)
	}
	b.must(b.Kept(t.Context(), photo))
	d = j.delivery(j.entry(ark.Entry{ID: b.id(), Kind: ark.KindVisit, At: ark.Stamp{Wall: 5}, Body: body}))
	b.commit(d)
	if v := b.van("van-1"); !v.Doubtful || v.Told.UnixMilli() != 1_790_000_000_500 || v.Waiting != (hub.Waiting{}) {
		t.Errorf("van %+v", v)
	}
	b.commit(j.delivery()) // a question brings nothing new
	if v := b.van("van-1"); !v.Doubtful {
		t.Errorf("van %+v", v)
	}
	b.commit(j.delivery(j.visit(b.id(), "x")))
	if v := b.van("van-1"); v.Doubtful || v.Told.UnixMilli() != 1_790_000_000_000 {
		t.Errorf("van %+v", v)
	}
}
