package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

func at(place string) ark.Visit { return ark.Visit{Place: place, Outcome: ark.Met} }

func (b *bench) record(id ark.ID) hub.VisitRecord {
	b.t.Helper()
	r, err := b.VisitRecord(b.t.Context(), hub.Everything, id)
	b.must(err)
	return r
}

// visitsAreAmended: the visit is what its newest entry says, and all it was is
// kept.
func visitsAreAmended(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	visit, first, second, gone := b.id(), b.id(), b.id(), b.id()
	made := at("1室")
	made.Age, made.Off = 60_000, 5
	amended := at("2室")
	amended.Age = 1
	b.commit(j.delivery(j.fact(visit, ark.KindVisit, made)))
	if r := b.record(visit); r.Place != "1室" || r.Last != visit || r.Amended != 0 || len(r.Editions) != 1 || r.State != ark.ReviewNone {
		t.Fatalf("a new visit: %+v", r)
	}
	// one in the commit of another visit, and one alone
	b.commit(j.delivery(j.fact(first, ark.KindAmend, ark.Amend{Visit: visit, Now: at("1室半")}), j.visit(b.id(), "3室")))
	c := b.commit(j.delivery(j.fact(second, ark.KindAmend, ark.Amend{Visit: visit, Now: amended, Why: "看错门牌", After: first})))
	if !c.Visits {
		t.Error("nobody is told that a visit has changed")
	}
	b.reopen()
	r := b.record(visit)
	if r.Place != "2室" || r.Last != second || r.Amended != 2 || r.Withdrawn || r.Age != 60_000 || r.Off != 5 || r.Van != "van-1" {
		t.Errorf("amended: %+v", r)
	}
	if len(r.Editions) != 3 || r.Editions[0].Visit.Place != "1室" || r.Editions[1].Entry != first || r.Editions[2].Why != "看错门牌" || r.Editions[2].Received.IsZero() {
		t.Errorf("its history: %+v", r.Editions)
	}
	b.commit(j.delivery(j.fact(gone, ark.KindWithdraw, ark.Withdrawal{Visit: visit, Why: "敲错门", Name: "林"})))
	vs, err := b.Visits(t.Context(), hub.Page{Limit: 9})
	b.must(err)
	if len(vs) != 2 || vs[1].Place != "2室" || !vs[1].Withdrawn || vs[1].Last != gone || vs[1].Amended != 2 || vs[0].Withdrawn || vs[0].Last != vs[0].ID {
		t.Errorf("visits %+v", vs)
	}
	last := b.record(visit).Editions[3]
	if !last.Withdrawn || last.By != "林" || last.Why != "敲错门" || last.Kind != ark.KindWithdraw {
		t.Errorf("the withdrawal: %+v", last)
	}
	if _, err := b.VisitRecord(t.Context(), hub.Everything, b.id()); !errors.Is(err, hub.ErrNotThere) {
		t.Errorf("a visit that is none: %v", err)
	}
}

// clocksOfVisits: a van that woke in 1970 called the phone's clock wrong. Once
// its own was known to be, all entries about the visit have the right time,
// and the phone none of the blame: as the van shows it.
func clocksOfVisits(t *testing.T, b *bench) {
	const right = 1_790_000_000_000
	j := b.journal("van-1", 1)
	visit := b.id()
	say := func(id ark.ID, kind ark.Kind, mono time.Duration, body any) hub.Fact {
		encoded, err := ark.EncodeBody(kind, body)
		b.must(err)
		return j.entry(ark.Entry{ID: id, Kind: kind, At: ark.Stamp{Wall: ark.UnixMilli(mono.Milliseconds()), Boot: ark.BootID{1}, Mono: mono}, Body: encoded})
	}
	v := at("1室")
	v.Age, v.Off = 60_000, right+90_000
	b.commit(j.delivery(say(visit, ark.KindVisit, 100*time.Second, v)))
	v.Age, v.Off = 0, right+10*60_000
	b.commit(j.delivery(say(b.id(), ark.KindAmend, 200*time.Second, ark.Amend{Visit: visit, Now: v}),
		say(b.id(), ark.KindWithdraw, 300*time.Second, ark.Withdrawal{Visit: visit, Age: 50_000})))
	if r := b.record(visit); !r.Doubtful(r.At) || r.MadeAt(r.At) != 40_000 {
		t.Fatalf("before: %+v", r)
	}
	b.commit(j.delivery(say(b.id(), ark.KindClock, 400*time.Second, ark.Clock{Wall: right + 400_000, Source: "hub"})))
	r := b.record(visit)
	if r.Doubtful(r.At) || r.MadeAt(r.At) != right+40_000 || r.Off != 90_000 {
		t.Errorf("made %d, doubtful %v, off %d", r.MadeAt(r.At)-right, r.Doubtful(r.At), r.Off)
	}
	for i, want := range []struct {
		made, off int64
		doubtful  bool
	}{{40_000, 90_000, false}, {200_000, 10 * 60_000, true}, {250_000, 0, false}} {
		e := r.Editions[i]
		if int64(e.Made)-right != want.made || e.Visit.Off != want.off || e.Visit.Doubtful(e.At) != want.doubtful {
			t.Errorf("entry %d: made %d, off %d, doubtful %v; want %+v", i, int64(e.Made)-right, e.Visit.Off, e.Visit.Doubtful(e.At), want)
		}
		if e.Incarnation != j.inc || int(e.Seq) != i+1 || e.Step != right {
			t.Errorf("entry %d: no. %d of %s, corrected by %d", i, e.Seq, e.Incarnation, e.Step-right)
		}
	}
}

// rawEntries: what the vans sent of a visit, byte for byte and with the digest
// that stands there, for whoever sees the visit.
func rawEntries(t *testing.T, b *bench) {
	one := b.journal("van-1", 1)
	visit, id := b.id(), b.id()
	b.commit(one.delivery(one.visit(b.id(), "other"), one.visit(visit, "1室")))
	amended := one.fact(id, ark.KindAmend, ark.Amend{Visit: visit, Now: at("2室")})
	b.commit(one.delivery(amended))
	page, err := b.VisitEntries(t.Context(), hub.Everything, visit, 0)
	b.must(err)
	all := page.Entries
	if len(all) != 2 || all[0].Seq != 2 || all[1].Seq != 3 || all[1].Incarnation != one.inc || all[1].Received.IsZero() || !bytes.Equal(all[1].Raw, amended.Raw) || all[1].Digest != amended.Cursor.Digest {
		t.Errorf("entries %+v", all)
	}
	if _, err := b.VisitEntries(t.Context(), elsewhere, visit, 0); !errors.Is(err, hub.ErrNotThere) {
		t.Errorf("from elsewhere: %v", err)
	}
	if _, err := b.VisitEntries(t.Context(), hub.Everything, b.id(), 0); !errors.Is(err, hub.ErrNotThere) {
		t.Errorf("of a visit that is none: %v", err)
	}
	const more = 2*hub.MaxRawEntries + 1
	var facts []hub.Fact
	for n := range more { // the last ones are as large as they come
		now := at("门")
		if n >= hub.MaxRawEntries {
			for range 4 {
				now.Answers = append(now.Answers, ark.Answer{Code: fmt.Sprint("q", len(now.Answers)), Values: []string{strings.Repeat("长", 2000)}})
			}
		}
		facts = append(facts, one.fact(b.id(), ark.KindAmend, ark.Amend{Visit: visit, Now: now}))
	}
	b.commit(one.delivery(facts...))
	got := 0
	for {
		page, err := b.VisitEntries(t.Context(), hub.Everything, visit, got)
		b.must(err)
		bytes := 0
		for _, e := range page.Entries {
			bytes += len(e.Raw)
			if got++; int(e.Seq) != got+1 {
				t.Fatalf("entry %d is number %d of its journal", got, e.Seq)
			}
		}
		if len(page.Entries) == 0 || len(page.Entries) > hub.MaxRawEntries || bytes > hub.MaxRawBytes || page.All != 2+more {
			t.Fatalf("a page of %d entries, %d bytes, of %d", len(page.Entries), bytes, page.All)
		}
		if got == page.All {
			break
		}
	}
	if page, err := b.VisitEntries(t.Context(), hub.Everything, visit, got); err != nil || len(page.Entries) != 0 || page.All != got {
		t.Errorf("behind the last: %+v, %v", page, err)
	}
}

// reviews: each is of what staff saw, and goes to the van.
func reviews(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	visit, amend := b.id(), b.id()
	b.commit(j.delivery(j.visit(visit, "1室")))
	review := func(entry ark.ID, s ark.ReviewState, comment string) error {
		return b.SetReview(t.Context(), hub.Everything, ark.Review{Visit: visit, Entry: entry, State: s, Comment: comment, By: "lin", At: 7}, hub.AnyReview)
	}
	state := func(want ark.ReviewState) {
		t.Helper()
		vs, err := b.Visits(t.Context(), hub.Page{Limit: 9})
		b.must(err)
		if r := b.record(visit); r.State != want || vs[0].State != want {
			t.Errorf("state %v, in the list %v, want %v", r.State, vs[0].State, want)
		}
		for s := ark.ReviewNone; s <= ark.ReviewRejected; s++ {
			if n, err := b.CountVisits(t.Context(), hub.Everything, hub.VisitFilter{State: &s}, 9); err != nil || (n == 1) != (s == want) {
				t.Errorf("%d visits are %s, %v", n, s, err)
			}
		}
	}
	var told []hub.Change
	defer b.Changes(func(c hub.Change) { told = append(told, c) })()
	b.must(review(visit, ark.ReviewReturned, "哪一户？"))
	if len(told) != 1 || !told[0].Visits || !told[0].Orders {
		t.Errorf("told %+v", told)
	}
	state(ark.ReviewReturned)
	b.commit(j.delivery(j.fact(amend, ark.KindAmend, ark.Amend{Visit: visit, Now: at("1单元1室")})))
	state(ark.ReviewNone) // what was amended is to be looked at again
	for name, c := range map[string]struct{ got, want error }{
		"of what it was":   {review(visit, ark.ReviewApproved, ""), hub.ErrStale},
		"of nothing":       {b.SetReview(t.Context(), hub.Everything, ark.Review{Visit: b.id(), Entry: amend, State: ark.ReviewApproved}, hub.AnyReview), hub.ErrNotThere},
		"without a word":   {review(amend, ark.ReviewReturned, ""), hub.ErrInvalid},
		"that says no one": {review(amend, ark.ReviewRejected+1, ""), hub.ErrInvalid},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("a review %s: %v, want %v", name, c.got, c.want)
		}
	}
	b.must(review(amend, ark.ReviewRejected, ""))
	b.must(review(amend, ark.ReviewNone, "")) // taken back
	state(ark.ReviewNone)
	b.must(review(amend, ark.ReviewApproved, ""))
	b.reopen()
	state(ark.ReviewApproved)
	rs := b.record(visit).Reviews
	if len(rs) != 4 || rs[0].Comment != "哪一户？" || rs[0].Entry != visit || rs[0].By != "lin" || rs[0].At != 7 || rs[3].State != ark.ReviewApproved || rs[3].Held {
		t.Errorf("reviews %+v", rs)
	}
	journal := b.orderJournal("van-1")
	_, kinds := b.chain("van-1", journal)
	if len(kinds) != 4 || kinds[0] != ark.KindReview || len(b.orders()) != 0 {
		t.Errorf("orders of kinds %v; %d in the list of orders, want none", kinds, len(b.orders()))
	}
	b.must(b.OrdersAcked(t.Context(), []hub.OrderAck{{Van: "van-1", Incarnation: journal.Incarnation, Cursor: journal.Last}}))
	if rs := b.record(visit).Reviews; !rs[3].Held {
		t.Errorf("the van has the review: %+v", rs)
	}
	b.commit(j.delivery(j.fact(b.id(), ark.KindWithdraw, ark.Withdrawal{Visit: visit})))
	for s := ark.ReviewNone; s <= ark.ReviewRejected; s++ {
		if n, err := b.CountVisits(t.Context(), hub.Everything, hub.VisitFilter{State: &s}, 9); err != nil || n != 0 {
			t.Errorf("a withdrawn visit is %s, %v", s, err)
		}
	}
	if err := review(b.record(visit).Last, ark.ReviewApproved, ""); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("a review of what was withdrawn: %v", err)
	}
}

func attachments(t *testing.T, b *bench) {
	j, other := b.journal("van-1", 1), b.journal("van-2", 2)
	photo := func(n byte) ark.Attachment {
		return ark.Attachment{Content: ark.HashOf([]byte{n}), Size: int64(n), Type: "image/jpeg", Role: ark.RolePhoto}
	}
	visit, first := at("1室"), b.id()
	visit.Attachments = []ark.Attachment{photo(1), photo(2)}
	b.commit(j.delivery(j.fact(first, ark.KindVisit, visit)))
	visit.Attachments = []ark.Attachment{photo(3)}
	b.commit(j.delivery(j.fact(b.id(), ark.KindAmend, ark.Amend{Visit: first, Now: visit})), other.delivery(other.visit(b.id(), "9室")))
	for van, want := range map[ark.VanID][3]bool{"van-1": {true, true, true}, "van-2": {}} {
		for n := range byte(3) {
			size, expected, err := b.Expected(t.Context(), van, photo(n+1).Content)
			if err != nil || expected != want[n] || expected && size != int64(n+1) {
				t.Errorf("photo %d of %s: %d bytes, expected %v, %v", n+1, van, size, expected, err)
			}
		}
	}
	told := 0
	defer b.Changes(func(c hub.Change) {
		if c.Visits {
			told++
		}
	})()
	for range 2 {
		b.must(b.Kept(t.Context(), photo(2).Content))
	}
	b.reopen()
	here, err := b.Here(t.Context(), []ark.Hash{photo(1).Content, photo(2).Content})
	if err != nil || here[photo(1).Content] || !here[photo(2).Content] || told == 0 {
		t.Errorf("here %v, %v; told %d times", here, err, told)
	}
}
