package storetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/hub"

	"github.com/google/go-cmp/cmp"
)

var deedsBegin = time.UnixMilli(1_790_000_000_000).UTC()

// deed is the nth of some that differ.
func deed(n int) hub.Deed {
	return hub.Deed{At: deedsBegin.Add(time.Duration(n) * time.Minute), Who: []string{"lin", "chen", "王老师"}[n%3], From: "192.0.2.7",
		Verb: hub.Verbs[n%4], Object: hub.Object{Kind: []string{hub.ObjectVisit, hub.ObjectHousehold}[n%2], ID: fmt.Sprint(n % 5)},
		Detail: map[string]string{"text": "轮椅", "n": fmt.Sprint(n)}, Outcome: []hub.Outcome{hub.OutcomeAllowed, hub.OutcomeRefused}[n%7/6]}
}

func (b *bench) deeds(f hub.AuditFilter) []hub.AuditEntry {
	b.t.Helper()
	all, err := b.Deeds(b.t.Context(), f, hub.AuditPlace{}, 500)
	b.must(err)
	return all
}

// sound holds the record against its hashes.
func (b *bench) sound(known ...hub.AuditHead) hub.AuditCheck {
	b.t.Helper()
	c, err := b.CheckAudit(b.t.Context(), known, nil)
	b.must(err)
	if len(c.Faults) > 0 {
		b.t.Fatalf("faults of a record that nobody touched: %+v", c.Faults)
	}
	return c
}

// deedsAreOnRecord: what Note has answered is there, whole, in a chain, also
// after the store was opened again, whatever was typed.
func deedsAreOnRecord(t *testing.T, b *bench) {
	if h, err := b.AuditHead(t.Context()); err != nil || h.Seq != 0 || h.Hash != hub.AuditGenesis {
		t.Fatalf("the head of an empty record: %+v, %v", h, err)
	}
	b.sound()
	hostile := hub.Deed{At: deedsBegin, Who: "x\x00\xff'; DROP TABLE audit; --", Verb: hub.VerbSignIn, Outcome: hub.OutcomeRefused,
		Object: hub.Object{Kind: hub.ObjectAccount, ID: strings.Repeat("长", 500)}, Detail: map[string]string{"": "\x00"}}
	b.must(b.Note(t.Context(), deed(0)))
	b.must(b.Note(t.Context(), hostile))
	b.reopen()
	b.must(b.Note(t.Context(), hub.Deed{At: deedsBegin.Add(-time.Hour), Who: "lin", Verb: hub.VerbView, Outcome: hub.OutcomeAllowed})) // the clock was set back
	all := b.deeds(hub.AuditFilter{})
	if len(all) != 3 || all[0].Seq != 2 || all[1].Seq != 1 || all[2].Seq != 3 {
		t.Fatalf("got %+v", all)
	}
	if diff := cmp.Diff(hostile.Plain(), all[0].Deed); diff != "" {
		t.Errorf("what was typed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(deed(0), all[1].Deed); diff != "" {
		t.Errorf("the first (-want +got):\n%s", diff)
	}
	head, err := b.AuditHead(t.Context())
	b.must(err)
	if head.Seq != 3 || head.Hash != all[2].Hash {
		t.Errorf("the head is %+v", head)
	}
	b.must(b.Note(t.Context(), hub.Deed{Who: "lin", Verb: hub.VerbView, Outcome: hub.OutcomeAllowed}))
	if c := b.sound(head, hub.AuditHead{Seq: 1, Hash: all[1].Hash}); c.Heads != 2 || c.Head.Seq != 4 || c.Head.At.IsZero() {
		t.Errorf("the check says %+v", c)
	}
}

// deedsAreFound holds filters and pages against a plain walk.
func deedsAreFound(t *testing.T, b *bench) {
	for n := range 60 {
		b.must(b.Note(t.Context(), deed(n)))
	}
	all := b.deeds(hub.AuditFilter{})
	for _, f := range []hub.AuditFilter{{}, {Who: "王老师"}, {Who: "nobody"}, {Verb: hub.VerbSearch}, {Object: hub.Object{Kind: hub.ObjectVisit}},
		{Object: hub.Object{Kind: hub.ObjectHousehold, ID: "3"}}, {Outcome: hub.OutcomeRefused},
		{From: deedsBegin.Add(10 * time.Minute), To: deedsBegin.Add(20 * time.Minute)},
		{Who: "lin", Verb: hub.VerbView, From: deedsBegin.Add(5 * time.Minute)}} {
		var want []int64
		for _, e := range all {
			if (f.Who == "" || e.Who == f.Who) && (f.Verb == "" || e.Verb == f.Verb) && (f.Object.Kind == "" || e.Object.Kind == f.Object.Kind) &&
				(f.Object.ID == "" || e.Object.ID == f.Object.ID) && (f.Outcome == "" || e.Outcome == f.Outcome) &&
				(f.From.IsZero() || !e.At.Before(f.From)) && (f.To.IsZero() || e.At.Before(f.To)) {
				want = append(want, e.Seq)
			}
		}
		var got []int64
		for after := (hub.AuditPlace{}); ; {
			page, err := b.Deeds(t.Context(), f, after, 7)
			b.must(err)
			for _, e := range page {
				got = append(got, e.Seq)
				after = e.Place()
			}
			if len(page) < 7 {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: got %v, want %v", f, got, want)
		}
	}
	if len(all) != 60 || len(b.deeds(hub.AuditFilter{Who: "王老师"})) != 20 {
		t.Errorf("%d deeds", len(all))
	}
}

// manyDeedsAtOnce: those that wait together are each on record once.
func manyDeedsAtOnce(t *testing.T, b *bench) {
	const people, each = 40, 10
	var all sync.WaitGroup
	for p := range people {
		all.Go(func() {
			for n := range each {
				if err := b.Note(t.Context(), hub.Deed{At: deedsBegin, Who: fmt.Sprint(p), Verb: hub.VerbView, Object: hub.Object{ID: fmt.Sprint(n)}, Outcome: hub.OutcomeAllowed}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if c := b.sound(); c.Head.Seq != people*each {
		t.Fatalf("%d deeds on record, want %d", c.Head.Seq, people*each)
	}
	for p := range people {
		var ids []string
		for _, e := range b.deeds(hub.AuditFilter{Who: fmt.Sprint(p)}) {
			ids = append(ids, e.Object.ID)
		}
		slices.Reverse(ids)
		if got := strings.Join(ids, ""); got != "0123456789" {
			t.Errorf("of %d: %s", p, got)
		}
	}
	if ark.HashOf(nil) == hub.AuditGenesis {
		t.Error("the record begins from nothing")
	}
}
