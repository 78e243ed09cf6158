package storetest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ark"
	"ark/hub"
)

// script is what is said of a visit after its first entry: which saying each
// amendment follows (0: the visit's own), and whether it is withdrawn.
type script struct {
	after     []int
	withdrawn bool
}

// entries says it all anew, under new ids in the same order.
func (b *bench) entries(s script) (visit ark.ID, said []ark.Entry) {
	visit = b.id()
	ids := []ark.ID{{}}
	entry := func(id ark.ID, kind ark.Kind, body any) {
		encoded, err := ark.EncodeBody(kind, body)
		b.must(err)
		said = append(said, ark.Entry{ID: id, Kind: kind, At: ark.Stamp{Wall: id.Time(), Trusted: true}, Body: encoded})
	}
	entry(visit, ark.KindVisit, at("0"))
	for n, after := range s.after {
		id := b.id()
		entry(id, ark.KindAmend, ark.Amend{Visit: visit, Now: at(fmt.Sprint(n + 1)), After: ids[after]})
		ids = append(ids, id)
	}
	if s.withdrawn {
		entry(b.id(), ark.KindWithdraw, ark.Withdrawal{Visit: visit})
	}
	return visit, said
}

// outcome is what became of a visit, whatever the ids.
type outcome struct {
	Now                string
	History            []string
	LastOf, Amended    int
	Withdrawn, Visible bool
}

func (b *bench) outcome(visit ark.ID) (o outcome) {
	b.t.Helper()
	r := b.record(visit)
	o = outcome{Now: r.Place, Amended: r.Amended, Withdrawn: r.Withdrawn}
	for i, e := range r.Editions {
		o.History = append(o.History, fmt.Sprint(e.Kind, e.Visit.Place))
		if e.Entry == r.Last {
			o.LastOf = i
		}
	}
	vs, err := b.Visits(b.t.Context(), hub.Page{Limit: 2})
	b.must(err)
	for _, v := range vs {
		o.Visible = o.Visible || v.ID == visit && v.Place == r.Place && v.Withdrawn == r.Withdrawn
	}
	return o
}

// amendmentsInAnyOrder: whatever comes first, from whichever card, and however
// often, a visit ends the same.
func amendmentsInAnyOrder(t *testing.T, b *bench) {
	var cards [4]*journal
	for i := range cards {
		cards[i] = b.journal("van-1", byte(i+1))
	}
	foreign := b.journal("van-2", 99)
	rapid.Check(t, func(t *rapid.T) {
		s := script{withdrawn: rapid.Bool().Draw(t, "withdrawn")}
		for n := range rapid.IntRange(0, 5).Draw(t, "amendments") {
			s.after = append(s.after, rapid.IntRange(0, n).Draw(t, "after"))
		}
		visit, said := b.entries(s)
		var all []hub.Fact
		for _, e := range said {
			all = append(all, cards[0].entry(e))
		}
		b.commit(cards[0].delivery(all...))
		want := b.outcome(visit)
		if want.Now != "0" && want.Amended == 0 || want.Withdrawn != s.withdrawn || len(want.History) != len(said) {
			t.Fatalf("%+v makes %+v", s, want)
		}
		visit, said = b.entries(s)
		said = append(rapid.Permutation(said).Draw(t, "order"), rapid.SliceOfN(rapid.SampledFrom(said), 0, 4).Draw(t, "again")...)
		stranger := rapid.IntRange(0, len(said)-1).Draw(t, "stranger")
		var under []hub.Delivery // in one commit
		for i, e := range said {
			card := rapid.SampledFrom(cards[:]).Draw(t, "card")
			under = append(under, card.delivery(card.entry(e)))
			if i == stranger {
				under = append(under, foreign.delivery(foreign.fact(b.id(), ark.KindAmend, ark.Amend{Visit: visit, Now: at("another van's")})))
			}
			if rapid.Bool().Draw(t, "commit") || i == len(said)-1 {
				b.commit(under...)
				under = nil
			}
		}
		if diff := cmp.Diff(want, b.outcome(visit)); diff != "" {
			t.Fatalf("%+v in another order (-want +got):\n%s", s, diff)
		}
	})
	for range 2 {
		if v := b.van("van-2"); v.Quarantined == 0 || v.Quarantined != int(v.Entries) {
			t.Errorf("of %d amendments of another van's visits %d are in quarantine", v.Entries, v.Quarantined)
		}
		if v := b.van("van-1"); v.Quarantined != 0 {
			t.Errorf("%d entries are in quarantine", v.Quarantined)
		}
		b.reopen() // those in quarantine are tried again, and stay
	}
}

// foreignAmendments: nobody changes another van's visit, nor names a visit's
// own entry as an amendment of it.
func foreignAmendments(t *testing.T, b *bench) {
	mine, theirs := b.journal("van-1", 1), b.journal("van-2", 2)
	visit, early := b.id(), b.id()
	// before the visit has come, and after; in a later commit, and in the same
	b.commit(theirs.delivery(theirs.fact(early, ark.KindWithdraw, ark.Withdrawal{Visit: visit})))
	b.reopen()
	b.commit(mine.delivery(mine.visit(visit, "1室")), theirs.delivery(theirs.fact(b.id(), ark.KindAmend, ark.Amend{Visit: visit, Now: at("2室")})))
	b.commit(theirs.delivery(theirs.fact(b.id(), ark.KindWithdraw, ark.Withdrawal{Visit: visit})))
	b.commit(mine.delivery(mine.fact(visit, ark.KindAmend, ark.Amend{Visit: visit, Now: at("3室")})))
	for range 2 {
		if r := b.record(visit); r.Place != "1室" || r.Withdrawn || len(r.Editions) != 1 {
			t.Errorf("changed by another van: %+v", r)
		}
		if one, two := b.van("van-1"), b.van("van-2"); two.Quarantined != 3 || one.Quarantined != 1 {
			t.Errorf("in quarantine: %d of another van, %d of its own, want 3 and 1", two.Quarantined, one.Quarantined)
		}
		b.reopen()
	}
}

// amendmentsHaveBounds: a van that amends without end costs little.
func amendmentsHaveBounds(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	visit := b.id()
	facts := []hub.Fact{j.visit(visit, "0")}
	for n := range hub.MaxVisitEntries + 3 {
		facts = append(facts, j.fact(b.id(), ark.KindAmend, ark.Amend{Visit: visit, Now: at(fmt.Sprint(n))}))
	}
	b.commit(j.delivery(facts...))
	if r := b.record(visit); len(r.Editions) != hub.MaxVisitEntries+1 {
		t.Errorf("%d editions", len(r.Editions))
	}
	facts = nil
	for range 1003 {
		facts = append(facts, j.fact(b.id(), ark.KindAmend, ark.Amend{Visit: b.id(), Now: at("?")}))
	}
	b.commit(j.delivery(facts...))
	if v := b.van("van-1"); v.Quarantined != 6 {
		t.Errorf("%d in quarantine, want 3 of one visit and 3 of visits that are not here", v.Quarantined)
	}
}
