package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/agent"
)

// morning is a trusted time to begin at.
const morning = ark.UnixMilli(1_790_000_000_000)

var (
	mei, li   = id(901), id(902) // crew members
	her, his  = id(911), id(912) // phones
	household = id(921)
)

func id(n int) ark.ID { return visitID(n) }

// trusted is a store whose clock is right.
func trusted(t *testing.T) *Store {
	t.Helper()
	s := open(t, t.TempDir())
	s.c.Clock.Learn(morning)
	return s
}

func visit(place string) ark.Visit {
	return ark.Visit{Place: place, Outcome: ark.Met, Member: mei, Phone: her, By: "梅"}
}

func amend(of int, place string, after ark.ID) ark.Amend {
	return ark.Amend{Visit: id(of), Now: visit(place), After: after, Why: "门牌错了"}
}

// one is a visit as it is now.
func one(t *testing.T, s *Store, n int) agent.Logged {
	t.Helper()
	l, _, err := s.History(t.Context(), id(n))
	must(t, err)
	return l
}

// ackAll lets the hub confirm all.
func ackAll(t *testing.T, s *Store) {
	t.Helper()
	_, _, _, last, err := s.State()
	must(t, err)
	must(t, s.Acked(t.Context(), last))
}

func TestAmendAndWithdrawKeepTheHistory(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.c.Clock.Learn(morning)
	must(t, s.Log(t.Context(), id(1), visit("501室")))
	ackAll(t, s)
	must(t, s.Amend(t.Context(), id(2), amend(1, "502室", ark.ID{})))
	must(t, s.Amend(t.Context(), id(2), amend(1, "502室", ark.ID{}))) // again
	if l := one(t, s, 1); l.Place != "502室" || l.Last != id(2) || l.Amended != 1 || l.AtHub {
		t.Fatalf("after the amendment: %+v", l)
	}
	ackAll(t, s)
	must(t, s.Withdraw(t.Context(), id(3), ark.Withdrawal{Visit: id(1), Why: "写错了人家", By: mei}))
	must(t, s.close())
	s = open(t, dir)
	l, editions, err := s.History(t.Context(), id(1))
	must(t, err)
	if !l.Withdrawn || l.Why != "写错了人家" || l.Place != "502室" || l.Last != id(3) || l.Amended != 1 {
		t.Fatalf("after the withdrawal: %+v", l)
	}
	var got []string
	for _, e := range editions {
		got = append(got, fmt.Sprintf("%v %s %v %s %v", e.Entry == id(len(got)+1), e.Visit.Place, e.Withdrawn, e.Why, e.AtHub))
	}
	want := []string{"true 501室 false  true", "true 502室 false 门牌错了 true", "true  true 写错了人家 false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

func TestWhatIsRefused(t *testing.T) {
	s := trusted(t)
	must(t, s.Log(t.Context(), id(1), visit("501室")))
	must(t, s.Amend(t.Context(), id(2), amend(1, "502室", ark.ID{})))
	must(t, s.Log(t.Context(), id(3), visit("601室")))
	must(t, s.Withdraw(t.Context(), id(4), ark.Withdrawal{Visit: id(3), By: mei}))
	old := visit("701室")
	old.Age = 4 * 24 * 3600_000
	must(t, s.Log(t.Context(), id(5), old))
	others := amend(1, "503室", id(2))
	others.Now.Member = li
	before := len(visits(t, s))
	_, _, _, last, _ := s.State()
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"no such visit":              {s.Amend(t.Context(), id(20), amend(99, "x", ark.ID{})), agent.ErrNotThere},
		"somebody else's":            {s.Amend(t.Context(), id(21), others), agent.ErrNotYours},
		"amended meanwhile":          {s.Amend(t.Context(), id(22), amend(1, "504室", ark.ID{})), agent.ErrStale},
		"withdrawn":                  {s.Amend(t.Context(), id(23), amend(3, "602室", id(4))), agent.ErrTooLate},
		"too late":                   {s.Amend(t.Context(), id(24), amend(5, "702室", ark.ID{})), agent.ErrTooLate},
		"other words under an id":    {s.Amend(t.Context(), id(2), amend(1, "505室", ark.ID{})), agent.ErrTaken},
		"the id of a visit":          {s.Amend(t.Context(), id(1), amend(1, "505室", id(2))), agent.ErrTaken},
		"withdraw somebody else's":   {s.Withdraw(t.Context(), id(25), ark.Withdrawal{Visit: id(1), By: li}), agent.ErrNotYours},
		"withdraw what is not there": {s.Withdraw(t.Context(), id(26), ark.Withdrawal{Visit: id(99), By: mei}), agent.ErrNotThere},
		"a visit under another's id": {s.Log(t.Context(), id(2), visit("502室")), agent.ErrTaken},
		"no place":                   {s.Amend(t.Context(), id(27), amend(1, "", id(2))), ark.ErrNoPlace},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	if _, _, _, now, _ := s.State(); now != last || len(visits(t, s)) != before {
		t.Errorf("what was refused has left something: %v, before %v", now, last)
	}
}

// An amendment that was made in time and handed in later is in time.
func TestAnAmendmentOutOfReach(t *testing.T) {
	s := trusted(t)
	must(t, s.Log(t.Context(), id(1), visit("501室")))
	s.c.Clock.Learn(morning + 5*24*3600_000)
	a := amend(1, "502室", ark.ID{})
	if err := s.Amend(t.Context(), id(2), a); !errors.Is(err, agent.ErrTooLate) {
		t.Fatalf("made now: %v, want ErrTooLate", err)
	}
	a.Now.Age = 4 * 24 * 3600_000
	must(t, s.Amend(t.Context(), id(2), a))
}

// So is a visit that was taken back in a stairwell, days before the phone met
// the van again; the history says when.
func TestAWithdrawalOutOfReach(t *testing.T) {
	s := trusted(t)
	must(t, s.Log(t.Context(), id(1), visit("501室")))
	s.c.Clock.Learn(morning + 5*24*3600_000)
	w := ark.Withdrawal{Visit: id(1), Why: "走错门", By: mei, Phone: her}
	if err := s.Withdraw(t.Context(), id(2), w); !errors.Is(err, agent.ErrTooLate) {
		t.Fatalf("taken back now: %v, want ErrTooLate", err)
	}
	w.Age = 4 * 24 * 3600_000
	must(t, s.Withdraw(t.Context(), id(2), w))
	w.Age += 10_000 // the answer was lost, and time went on
	must(t, s.Withdraw(t.Context(), id(2), w))
	l, editions, err := s.History(t.Context(), id(1))
	if must(t, err); !l.Withdrawn || len(editions) != 2 || editions[1].Made.Time().Sub(editions[0].Made.Time()).Round(time.Hour) != 24*time.Hour {
		t.Errorf("withdrawn %v, its history %+v", l.Withdrawn, editions)
	}
}

// A phone whose receipt was lost hands a visit in again: it is older by then,
// and may come from another phone's import. That is no other visit.
func TestTheSameVisitHandedInAgain(t *testing.T) {
	s := trusted(t)
	v := visit("501室")
	v.Age, v.Off = 1000, 30
	must(t, s.Log(t.Context(), id(1), v))
	v.Age, v.Off, v.Phone = 65_000, -10, his
	must(t, s.Log(t.Context(), id(1), v))
	if l := one(t, s, 1); l.Age != 1000 || l.Phone != her || len(visits(t, s)) != 1 {
		t.Errorf("got %+v, want what came first", l)
	}
	a := amend(1, "502室", ark.ID{})
	must(t, s.Amend(t.Context(), id(2), a))
	a.Now.Age = 5000
	must(t, s.Amend(t.Context(), id(2), a))
	w := ark.Withdrawal{Visit: id(1), By: mei, Phone: her}
	must(t, s.Withdraw(t.Context(), id(3), w))
	w.Phone = his
	must(t, s.Withdraw(t.Context(), id(3), w))
	if _, _, _, last, _ := s.State(); last.Seq != 4 {
		t.Errorf("%d entries, want the beginning and three", last.Seq)
	}
}

// Entries are pruned after a month; the visits stay, and so does what their
// ids stand for.
func TestVisitsOutliveTheirEntries(t *testing.T) {
	s := trusted(t)
	must(t, s.Log(t.Context(), id(1), visit("501室")))
	must(t, s.Amend(t.Context(), id(2), amend(1, "502室", ark.ID{})))
	ackAll(t, s)
	must(t, s.keepHouse(t.Context()))
	s.c.Clock.Learn(morning + 31*24*3600_000)
	must(t, s.keepHouse(t.Context()))
	if _, base, _, last, _ := s.State(); base.Seq != last.Seq {
		t.Fatalf("pruned to %d of %d", base.Seq, last.Seq)
	}
	for _, when := range []string{"after pruning", "in a new incarnation"} {
		l, editions, err := s.History(t.Context(), id(1))
		must(t, err)
		if l.Place != "502室" || !l.AtHub || len(editions) != 2 || !editions[0].AtHub || !editions[1].AtHub {
			t.Errorf("%s: %+v, %+v", when, l, editions)
		}
		must(t, s.Log(t.Context(), id(1), visit("501室")))
		must(t, s.Amend(t.Context(), id(2), amend(1, "502室", ark.ID{})))
		if err := s.Log(t.Context(), id(1), visit("别处")); !errors.Is(err, agent.ErrTaken) {
			t.Errorf("%s: other words: %v, want ErrTaken", when, err)
		}
		if _, _, _, last, _ := s.State(); last.Seq > 3 {
			t.Errorf("%s: %d entries: what was known was written again", when, last.Seq)
		}
		must(t, s.Rebegin(t.Context()))
	}
}

func TestOldVisitsGo(t *testing.T) {
	s := trusted(t)
	photo := ark.Attachment{Content: ark.Hash{1}, Size: 10, Type: "image/jpeg", Role: ark.RolePhoto}
	for n, v := range []ark.Visit{visit("1室"), visit("2室"), visit("3室")} {
		if n == 1 {
			v.Attachments = []ark.Attachment{photo}
		}
		must(t, s.Log(t.Context(), id(n+1), v))
		if n == 1 {
			ackAll(t, s) // not the third
		}
	}
	must(t, s.Amend(t.Context(), id(9), amend(2, "2室甲", ark.ID{})))
	ackAll(t, s)
	must(t, s.Arrived(t.Context(), photo.Content, 10))
	must(t, s.Log(t.Context(), id(4), visit("4室"))) // not at the hub
	s.c.Clock.Learn(morning + keepVisits + 60_000)
	must(t, s.keepHouse(t.Context()))
	left := func() (all []string) {
		for _, v := range visits(t, s) {
			all = append(all, v.Place)
		}
		return all
	}
	if diff := cmp.Diff([]string{"4室", "2室甲"}, left()); diff != "" {
		t.Errorf("what is kept (-want +got):\n%s", diff)
	}
	must(t, s.Delivered(t.Context(), photo.Content))
	s.c.Clock.Learn(morning + keepVisits + 25*3600_000)
	must(t, s.keepHouse(t.Context()))
	if diff := cmp.Diff([]string{"4室"}, left()); diff != "" {
		t.Errorf("after the photo went (-want +got):\n%s", diff)
	}
}

func TestFind(t *testing.T) {
	s := trusted(t)
	const hour = 3600_000
	for n, v := range []ark.Visit{
		{Place: "1室", Member: mei, Phone: her, Age: 3 * hour},
		{Place: "2室", Member: li, Phone: his, Age: 2 * hour, Household: household},
		{Place: "3室", Member: mei, Phone: his, Age: hour},
		{Place: "4室", Member: mei, Phone: her},
	} {
		v.Outcome = ark.NoAnswer
		must(t, s.Log(t.Context(), id(n+1), v))
	}
	takeOrders(t, s, ark.Review{Visit: id(2), Entry: id(2), State: ark.ReviewReturned, Comment: "几号楼？", At: morning})
	for name, c := range map[string]struct {
		f    agent.VisitFilter
		want []string
	}{
		"all":         {agent.VisitFilter{}, []string{"2室", "4室", "3室", "1室"}},
		"a few":       {agent.VisitFilter{Limit: 2}, []string{"2室", "4室"}},
		"hers":        {agent.VisitFilter{Member: mei}, []string{"4室", "3室", "1室"}},
		"a phone's":   {agent.VisitFilter{Phone: his}, []string{"2室", "3室"}},
		"a time":      {agent.VisitFilter{From: morning - 2*hour - hour/2, To: morning - hour/2}, []string{"2室", "3室"}},
		"a household": {agent.VisitFilter{Household: household}, []string{"2室"}},
		"returned":    {agent.VisitFilter{Returned: true}, []string{"2室"}},
		"none":        {agent.VisitFilter{Member: li, Phone: her}, nil},
	} {
		if c.f.Limit == 0 {
			c.f.Limit = 100
		}
		all, err := s.Find(t.Context(), c.f)
		must(t, err)
		var got []string
		for _, l := range all {
			got = append(got, l.Place)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	some, err := s.ByID(t.Context(), []ark.ID{id(3), id(99), id(1)})
	if must(t, err); len(some) != 2 {
		t.Errorf("by id: %d, want the two that are there", len(some))
	}
	if _, err := s.Find(t.Context(), agent.VisitFilter{}); err == nil {
		t.Error("without a limit all of them were found")
	}
}

// A review of what was amended since changes nothing; one of the newest entry
// stands until the next amendment.
func TestReviews(t *testing.T) {
	s := trusted(t)
	must(t, s.Log(t.Context(), id(1), visit("501室")))
	review := func(entry int, state ark.ReviewState, at ark.UnixMilli) {
		takeOrders(t, s, ark.Review{Visit: id(1), Entry: id(entry), State: state, Comment: "看过", By: "王", At: at})
	}
	steps := []struct {
		do   func()
		want ark.ReviewState
	}{
		{func() { review(1, ark.ReviewReturned, 10) }, ark.ReviewReturned},
		{func() { review(1, ark.ReviewApproved, 5) }, ark.ReviewReturned}, // an older one that comes late
		{func() { must(t, s.Amend(t.Context(), id(2), amend(1, "502室", ark.ID{}))) }, ark.ReviewNone},
		{func() { review(1, ark.ReviewRejected, 20) }, ark.ReviewNone},
		{func() { review(2, ark.ReviewApproved, 30) }, ark.ReviewApproved},
		{func() { must(t, s.Rebegin(t.Context())) }, ark.ReviewApproved},
	}
	for i, step := range steps {
		step.do()
		if l := one(t, s, 1); l.Review != step.want || (step.want != 0) != (l.Comment == "看过" && l.Reviewer == "王") {
			t.Errorf("after step %d: %v %q, want %v", i, l.Review, l.Comment, step.want)
		}
	}
	takeOrders(t, s, ark.Review{Visit: id(77), Entry: id(77), State: ark.ReviewApproved, At: 1}) // of another card
}

// The time of a visit is corrected once its boot learns what time it is, and
// what seemed to be the phone's fault was the van's.
func TestMadeIsCorrected(t *testing.T) {
	s := open(t, t.TempDir())
	boot := ark.BootID{1}
	v := visit("501室")
	v.Age, v.Off = 60_000, int64(morning)
	at := func(mono time.Duration) ark.Stamp {
		return ark.Stamp{Wall: ark.Milli(time.UnixMilli(0).Add(mono)), Boot: boot, Mono: mono}
	}
	late := v
	late.Off += 10 * 60_000
	for n, v := range map[int]ark.Visit{1: v, 2: late} {
		must(t, s.Append(t.Context(), agent.Record{ID: id(n), Kind: ark.KindVisit, Body: v, At: at(100 * time.Second)}))
	}
	if l := one(t, s, 1); !l.Doubtful || l.Made != 40_000 {
		t.Fatalf("before: %v, doubtful %v", l.Made, l.Doubtful)
	}
	back := ark.Withdrawal{Visit: id(2), By: mei, Phone: her, Age: 30_000}
	must(t, s.Append(t.Context(), agent.Record{ID: id(4), Kind: ark.KindWithdraw, Body: back, At: at(100 * time.Second)}))
	clock := at(160 * time.Second)
	clock.Trusted = true
	must(t, s.Append(t.Context(), agent.Record{Kind: ark.KindClock, At: clock, Body: ark.Clock{Wall: morning + 160_000, Source: "hub"}}))
	// one that was still under way, with the stamp of before
	must(t, s.Append(t.Context(), agent.Record{ID: id(3), Kind: ark.KindVisit, Body: v, At: at(110 * time.Second)}))
	for _, when := range []string{"at once", "in a new incarnation"} {
		for n, want := range map[int]struct {
			made     ark.UnixMilli
			doubtful bool
		}{1: {morning + 40_000, false}, 2: {morning + 40_000, true}, 3: {morning + 50_000, false}} {
			if l := one(t, s, n); l.Made != want.made || l.Doubtful != want.doubtful {
				t.Errorf("%s: visit %d: %d, doubtful %v; want %d, %v", when, n, l.Made-morning, l.Doubtful, want.made-morning, want.doubtful)
			}
		}
		_, editions, err := s.History(t.Context(), id(2))
		if must(t, err); editions[0].Made != morning+40_000 || editions[0].Visit.Off != 10*60_000 || editions[1].Made != morning+70_000 || !editions[1].Withdrawn {
			t.Errorf("%s: the history of visit 2: %+v", when, editions)
		}
		found, err := s.Find(t.Context(), agent.VisitFilter{From: morning, To: morning + 45_000, Limit: 10})
		if must(t, err); len(found) != 2 {
			t.Errorf("%s: %d found at the corrected time, want 2", when, len(found))
		}
		must(t, s.Rebegin(t.Context()))
	}
	for _, wild := range []ark.UnixMilli{-1 << 63, 1<<63 - 1} {
		must(t, s.Append(t.Context(), agent.Record{Kind: ark.KindClock, At: clock, Body: ark.Clock{Wall: wild}}))
	}
	if l := one(t, s, 1); l.Made != morning+40_000 {
		t.Errorf("a clock from nowhere moved it to %d", l.Made)
	}
}

// Whoever asks for a visit's history is given all of it: a visit is not said
// anew without end, and can still be taken back.
func TestAVisitIsSaidAnewSoOften(t *testing.T) {
	s := trusted(t)
	must(t, s.Log(t.Context(), id(1), visit("501室")))
	last := id(1)
	for n := range agent.MaxAmended {
		must(t, s.Amend(t.Context(), id(100+n), amend(1, fmt.Sprintf("%d室", n), last)))
		last = id(100 + n)
	}
	if err := s.Amend(t.Context(), id(300), amend(1, "502室", last)); !errors.Is(err, agent.ErrTooLate) {
		t.Errorf("once more: %v, want ErrTooLate", err)
	}
	must(t, s.Amend(t.Context(), id(100), amend(1, "0室", id(1)))) // the receipt was lost
	must(t, s.Withdraw(t.Context(), id(301), ark.Withdrawal{Visit: id(1), By: mei}))
}
