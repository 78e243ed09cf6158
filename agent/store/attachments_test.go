package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/agent"
)

func photo(n byte, size int64) ark.Attachment {
	return ark.Attachment{Content: ark.Hash{n}, Size: size, Type: "image/jpeg", Role: ark.RolePhoto}
}

func with(place string, all ...ark.Attachment) ark.Visit {
	v := visit(place)
	v.Attachments = all
	return v
}

func owed(t *testing.T, s *Store) (all []byte) {
	t.Helper()
	list, err := s.Owed(t.Context(), 10)
	must(t, err)
	for _, o := range list {
		all = append(all, o.Content[0])
	}
	return all
}

// An attachment goes to the hub after its visit, the smallest first, and once.
func TestOwed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.c.Clock.Learn(morning)
	large, small, shared, later := photo(1, 900), photo(2, 100), photo(3, 500), photo(4, 300)
	must(t, s.Arrived(t.Context(), large.Content, large.Size)) // before its visit
	must(t, s.Log(t.Context(), id(1), with("1室", large, small, shared)))
	must(t, s.Log(t.Context(), id(2), with("2室", shared)))
	for _, a := range []ark.Attachment{small, shared, small} {
		must(t, s.Arrived(t.Context(), a.Content, a.Size))
	}
	if got := owed(t, s); len(got) != 0 {
		t.Errorf("owed before the visit's text is there: %v", got)
	}
	ackAll(t, s)
	if diff := cmp.Diff([]byte{2, 3, 1}, owed(t, s)); diff != "" {
		t.Errorf("owed (-want +got):\n%s", diff)
	}
	a := amend(2, "2室", ark.ID{})
	a.Now.Attachments = []ark.Attachment{later}
	must(t, s.Amend(t.Context(), id(3), a))
	must(t, s.Arrived(t.Context(), later.Content, later.Size))
	ackAll(t, s)
	must(t, s.Delivered(t.Context(), small.Content))
	must(t, s.Delivered(t.Context(), small.Content))
	must(t, s.close())
	s = open(t, dir)
	if diff := cmp.Diff([]byte{4, 3, 1}, owed(t, s)); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
	list, err := s.Owed(t.Context(), 1)
	must(t, err)
	if diff := cmp.Diff([]agent.Owed{{Content: later.Content, Size: 300, Type: "image/jpeg", Visit: id(2)}}, list); diff != "" {
		t.Errorf("the first (-want +got):\n%s", diff)
	}
	if l, err := s.Load(t.Context()); err != nil || l.Files != 3 || l.Bytes != 1700 {
		t.Errorf("load %+v, %v", l, err)
	}
	where, err := s.Where(t.Context(), []ark.Hash{small.Content, large.Content, {99}})
	must(t, err)
	want := map[ark.Hash]agent.Whereabouts{small.Content: {OnVan: true, AtHub: true}, large.Content: {OnVan: true}, {99}: {}}
	if diff := cmp.Diff(want, where); diff != "" {
		t.Errorf("where (-want +got):\n%s", diff)
	}
}

// A hub that was restored from a backup may have lost what it had.
func TestARestoredHubIsOwedAgain(t *testing.T) {
	s := trusted(t)
	_, _, _, before, _ := s.State()
	must(t, s.Log(t.Context(), id(1), with("1室", photo(1, 100))))
	must(t, s.Arrived(t.Context(), ark.Hash{1}, 100))
	ackAll(t, s)
	must(t, s.Delivered(t.Context(), ark.Hash{1}))
	must(t, s.Acked(t.Context(), before))
	if got := owed(t, s); len(got) != 0 {
		t.Fatalf("owed before the text is there again: %v", got)
	}
	ackAll(t, s)
	if got := owed(t, s); len(got) != 1 {
		t.Errorf("owed %v, want it again", got)
	}
}

// What the hub has had for long enough goes, what nobody asked for goes after
// a week, and nothing goes by a clock that is not to be believed.
func TestSpent(t *testing.T) {
	s := open(t, t.TempDir())
	for n := range byte(3) {
		must(t, s.Arrived(t.Context(), ark.Hash{n + 1}, 100)) // while nobody knows the time
	}
	must(t, s.Log(t.Context(), id(1), with("1室", photo(1, 100), photo(2, 100))))
	ackAll(t, s)
	must(t, s.Delivered(t.Context(), ark.Hash{1}))
	const day = 24 * time.Hour
	spent := func(after time.Duration) (all []byte) {
		if after >= 0 {
			s.c.Clock.Learn(morning + ark.UnixMilli(after.Milliseconds()))
		}
		list, err := s.Spent(t.Context(), 3*day, 10)
		must(t, err)
		for _, h := range list {
			all = append(all, h[0])
		}
		return all
	}
	for _, step := range []struct {
		after time.Duration
		want  []byte
	}{{-1, nil}, {0, nil}, {2 * day, nil}, {3*day + time.Minute, []byte{1}}, {7*day + time.Minute, []byte{1, 3}}} {
		if diff := cmp.Diff(step.want, spent(step.after)); diff != "" {
			t.Errorf("after %v (-want +got):\n%s", step.after, diff)
		}
	}
	must(t, s.Removed(t.Context(), ark.Hash{1}))
	must(t, s.Removed(t.Context(), ark.Hash{3}))
	if got := spent(8 * day); len(got) != 0 {
		t.Errorf("spent again: %v", got)
	}
	where, err := s.Where(t.Context(), []ark.Hash{{1}})
	if must(t, err); where[ark.Hash{1}] != (agent.Whereabouts{AtHub: true}) {
		t.Errorf("after it went: %+v", where)
	}
	must(t, s.Arrived(t.Context(), ark.Hash{3}, 100)) // a phone brings it once more
	if got := spent(9 * day); len(got) != 0 {
		t.Errorf("what came anew is spent at once: %v", got)
	}
}

// The budget is a day's, in the van's zone, over restarts; a clock that fell
// back to 1970 brings no new one.
func TestSpend(t *testing.T) {
	dir := t.TempDir()
	c := config(dir)
	c.Zone = time.FixedZone("CST", 8*3600)
	s := New(c)
	must(t, s.Open(t.Context()))
	today := func() int64 {
		l, err := s.Load(t.Context())
		must(t, err)
		return l.SentToday
	}
	midnight := ark.Milli(time.Date(2026, 11, 27, 0, 0, 0, 0, c.Zone))
	c.Clock.Learn(midnight - 60_000)
	must(t, s.Spend(t.Context(), 1000))
	must(t, s.Spend(t.Context(), 500))
	must(t, s.close())
	c.Clock = agent.NewClockOn(func() time.Time { return time.UnixMilli(0) }, time.Time{}) // another boot
	s = New(c)
	must(t, s.Open(t.Context()))
	defer s.close()
	if got := today(); got != 1500 {
		t.Errorf("in 1970: %d, want that of the last day", got)
	}
	c.Clock.Learn(midnight - 30_000)
	if got := today(); got != 1500 {
		t.Errorf("the same day: %d", got)
	}
	c.Clock.Learn(midnight + 1000)
	if got := today(); got != 0 {
		t.Errorf("the next day: %d", got)
	}
}
