package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// reviewersAtOnce: who judges what a colleague has judged meanwhile hears of
// it, and nobody undoes what is not theirs.
func reviewersAtOnce(t *testing.T, b *bench) {
	ctx, j, visit := t.Context(), b.journal("van-1", 1), b.id()
	b.commit(j.delivery(j.visit(visit, "1室")))
	judge := func(by string, s ark.ReviewState, comment string, seen hub.Position) error {
		return b.SetReview(ctx, hub.Everything, ark.Review{Visit: visit, Entry: b.record(visit).Last, State: s, Comment: comment, By: by, At: 7}, seen)
	}
	back := func(by string, s ark.ReviewState) error { return b.TakeBack(ctx, hub.Everything, visit, s, by, 9) }
	b.must(judge("lin", ark.ReviewReturned, "哪一户？", 0))
	seen := b.record(visit).Reviewed
	for name, c := range map[string]struct{ got, want error }{
		"of what lin has judged":         {judge("chen", ark.ReviewApproved, "", 0), hub.ErrJudged},
		"which is stale":                 {judge("chen", ark.ReviewApproved, "", 0), hub.ErrStale},
		"of a review that is not there":  {judge("chen", ark.ReviewApproved, "", seen+1), hub.ErrJudged},
		"taken back by another":          {back("chen", ark.ReviewReturned), hub.ErrStale},
		"taken back as what it is not":   {back("lin", ark.ReviewApproved), hub.ErrStale},
		"taken back as nothing":          {back("lin", ark.ReviewNone), hub.ErrStale},
		"taken back where nothing is":    {b.TakeBack(ctx, hub.Everything, b.id(), ark.ReviewApproved, "lin", 9), hub.ErrNotThere},
		"taken back from another street": {b.TakeBack(ctx, hub.Sight{Places: []ark.Place{{Street: "南"}}}, visit, ark.ReviewReturned, "lin", 9), hub.ErrNotThere},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("a review %s: %v, want %v", name, c.got, c.want)
		}
	}
	b.must(judge("chen", ark.ReviewRejected, "", seen))
	if err := back("lin", ark.ReviewReturned); !errors.Is(err, hub.ErrStale) {
		t.Errorf("lin undoes what chen has said since: %v", err)
	}
	b.reopen()
	b.must(back("chen", ark.ReviewRejected))
	r := b.record(visit)
	if last := r.Reviews[len(r.Reviews)-1]; len(r.Reviews) != 3 || last.State != ark.ReviewReturned || last.Comment != "哪一户？" || last.By != "chen" || last.At != 9 ||
		r.Reviewed != last.Position || r.State != ark.ReviewReturned {
		t.Errorf("taken back, the visit is %v, and its reviews %+v", r.State, r.Reviews)
	}
	if _, kinds := b.chain("van-1", b.orderJournal("van-1")); len(kinds) != 3 {
		t.Errorf("the van is told %v", kinds)
	}
	b.commit(j.delivery(j.fact(b.id(), ark.KindAmend, ark.Amend{Visit: visit, Now: at("2室")})))
	if err := judge("lin", ark.ReviewApproved, "", r.Reviewed); err != nil {
		t.Errorf("what was amended is judged by who saw the last review: %v", err)
	}
	b.commit(j.delivery(j.fact(b.id(), ark.KindWithdraw, ark.Withdrawal{Visit: visit})))
	if err := back("lin", ark.ReviewApproved); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("taken back of what was withdrawn: %v", err)
	}
}

// assignments: a visit is given to who may review it and sees it, and who did
// not see that it was given already hears of it.
func assignments(t *testing.T, b *bench) {
	s, ctx := b.streets(), t.Context()
	for name, a := range map[string]hub.Account{"lin": {Roles: []hub.Role{hub.RoleReviewer}, Sight: hub.Everything}, "chen": {Roles: []hub.Role{hub.RoleReviewer}, Sight: see(s.north)},
		"wu": {Roles: []hub.Role{hub.RoleReader}, Sight: hub.Everything}, "gone": {Roles: []hub.Role{hub.RoleReviewer}, Sight: hub.Everything, By: hub.ByOrganisation}} {
		a.Name = name
		b.must(b.AddAccount(ctx, a))
	}
	give := func(sight hub.Sight, visit ark.ID, to, was string) error {
		return b.SetAssigned(ctx, sight, visit, hub.Assignment{To: to, By: "lin", At: 60_000}, was)
	}
	found := func(f hub.VisitFilter, want int) {
		t.Helper()
		if n, err := b.CountVisits(ctx, hub.Everything, f, 99); err != nil || n != want {
			t.Errorf("%d visits, %v, want %d", n, err, want)
		}
	}
	orders := b.orderJournal("van-bei").Last.Seq
	before := b.record(s.north.visit).Changed
	b.must(give(see(s.north), s.north.visit, "chen", ""))
	b.must(give(hub.Everything, s.north.unplaced, "chen", ""))
	b.must(give(hub.Everything, s.north.visit, "chen", "chen")) // again: nothing new
	if v := b.record(s.north.visit); v.Assigned != "chen" || v.Changed <= before {
		t.Errorf("given to %q, change %d after %d", v.Assigned, v.Changed, before)
	}
	for name, c := range map[string]struct{ got, want error }{
		"twice at once":      {give(hub.Everything, s.north.visit, "lin", ""), hub.ErrStale},
		"to nobody we know":  {give(hub.Everything, s.north.visit, "zhou", "chen"), hub.ErrInvalid},
		"to who has lapsed":  {give(hub.Everything, s.north.visit, "gone", "chen"), hub.ErrInvalid},
		"to a reader":        {give(hub.Everything, s.north.visit, "wu", "chen"), hub.ErrInvalid},
		"to who sees it not": {give(hub.Everything, s.south.visit, "chen", ""), hub.ErrInvalid},
		"by its van alone":   {give(hub.Everything, s.south.unplaced, "chen", ""), hub.ErrInvalid},
		"from elsewhere":     {give(see(s.north), s.south.visit, "lin", ""), hub.ErrNotThere},
		"what is not there":  {give(hub.Everything, b.id(), "lin", ""), hub.ErrNotThere},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("given %s: %v, want %v", name, c.got, c.want)
		}
	}
	found(hub.VisitFilter{Assigned: "chen"}, 2)
	found(hub.VisitFilter{Assigned: hub.AssignedNobody}, 2)
	b.reopen()
	b.must(b.SetReview(ctx, hub.Everything, ark.Review{Visit: s.north.visit, Entry: s.north.visit, State: ark.ReviewApproved, By: "chen", At: 1}, 0))
	none := ark.ReviewNone
	found(hub.VisitFilter{Assigned: "chen", State: &none}, 1)
	found(hub.VisitFilter{Assigned: "chen", State: &none, Withdrawn: true}, 0)
	b.must(give(hub.Everything, s.north.unplaced, "", "chen"))
	found(hub.VisitFilter{Assigned: "chen"}, 1)
	given := []hub.Assignment{{To: "chen", By: "lin", At: 60_000}, {By: "lin", At: 60_000}}
	if got := b.record(s.north.unplaced).Given; !slices.Equal(got, given) || !slices.Equal(b.record(s.north.visit).Given, given[:1]) {
		t.Errorf("given %+v, want %+v", got, given)
	}
	if got := b.orderJournal("van-bei").Last.Seq; got != orders+1 {
		t.Errorf("the van was told %d things, want the review alone", got-orders)
	}
}

// comments: what staff say to each other, which no van is told.
func comments(t *testing.T, b *bench) {
	s, ctx := b.streets(), t.Context()
	orders, before := b.orderJournal("van-bei"), b.record(s.north.visit).Changed
	say := func(sight hub.Sight, by, words string) error {
		return b.AddComment(ctx, sight, s.north.visit, hub.VisitComment{By: by, At: 60_000, Words: words})
	}
	after := func(d time.Duration) time.Time { return time.UnixMilli(60_000).Add(d) }
	b.must(say(see(s.north), "lin", "先放一放 <b> \" ' ;"))
	b.must(say(hub.Everything, "chen", "好"))
	all := b.record(s.north.visit).Thread
	if len(all) != 2 || all[0].By != "lin" || all[0].At != 60_000 || all[0].Words != "先放一放 <b> \" ' ;" || all[1].N <= all[0].N {
		t.Fatalf("comments %+v", all)
	}
	take := func(n int64, by string, d time.Duration) error {
		return b.RemoveComment(ctx, hub.Everything, s.north.visit, n, by, after(d))
	}
	for name, c := range map[string]struct{ got, want error }{
		"from elsewhere":            {say(see(s.south), "x", "?"), hub.ErrNotThere},
		"of nothing":                {say(hub.Everything, "lin", " \n "), hub.ErrInvalid},
		"with a NUL":                {say(hub.Everything, "lin", "a\x00b"), hub.ErrInvalid},
		"that is no text":           {say(hub.Everything, "lin", "a\xff"), hub.ErrInvalid},
		"too long":                  {say(hub.Everything, "lin", strings.Repeat("长", hub.MaxComment+1)), hub.ErrInvalid},
		"of another, taken back":    {take(all[0].N, "chen", 0), hub.ErrNotThere},
		"taken back too late":       {take(all[0].N, "lin", hub.CommentUndo+1), hub.ErrStale},
		"taken back from elsewhere": {b.RemoveComment(ctx, see(s.south), s.north.visit, all[0].N, "lin", after(0)), hub.ErrNotThere},
		"of another visit":          {b.RemoveComment(ctx, hub.Everything, s.south.visit, all[0].N, "lin", after(0)), hub.ErrNotThere},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("a comment %s: %v, want %v", name, c.got, c.want)
		}
	}
	b.must(take(all[0].N, "lin", hub.CommentUndo))
	if err := take(all[0].N, "lin", 0); !errors.Is(err, hub.ErrNotThere) {
		t.Errorf("taken back twice: %v", err)
	}
	b.reopen()
	r := b.record(s.north.visit)
	if len(r.Thread) != 2 || !r.Thread[0].Gone || r.Thread[0].Words != "" || r.Thread[1].Words != "好" || r.Comments != 1 || r.Changed <= before {
		t.Errorf("%d comments are counted, change %d: %+v", r.Comments, r.Changed, r.Thread)
	}
	if got := b.orderJournal("van-bei"); got != orders {
		t.Error("the van was told something")
	}
	for range hub.MaxComments - 1 { // one of the two is gone, and takes no room
		b.must(say(hub.Everything, "lin", "又"))
	}
	if err := say(hub.Everything, "lin", "又"); !errors.Is(err, hub.ErrFull) {
		t.Errorf("one comment more than may be: %v", err)
	}
	if r := b.record(s.north.visit); len(r.Thread) != hub.MaxComments || r.Comments != hub.MaxComments {
		t.Errorf("%d comments of %d are counted", r.Comments, len(r.Thread))
	}
}

// reviewLoads: what waits is counted by age and by whom it was given to, in
// sight.
func reviewLoads(t *testing.T, b *bench) {
	ctx, zone := t.Context(), time.FixedZone("", 8*3600)
	today := time.Date(2026, 9, 20, 0, 0, 0, 0, zone)
	b.must(b.AddAccount(ctx, hub.Account{Name: "lin", Roles: []hub.Role{hub.RoleReviewer}, Sight: hub.Everything}))
	j := b.journal("van-1", 1)
	for i, ago := range []int{-40, -1, 0, 1, 3, 4, 7, 8, 400} {
		for n, street := range []string{"北街", "南街"} {
			id := b.id()
			made := ark.Milli(today.AddDate(0, 0, -ago).Add(time.Hour))
			body, err := ark.EncodeBody(ark.KindVisit, ark.Visit{Place: "x", Where: ark.Place{Street: street, Compound: "甲苑"}, Outcome: ark.Met})
			b.must(err)
			b.commit(j.delivery(j.entry(ark.Entry{ID: id, Kind: ark.KindVisit, At: ark.Stamp{Wall: made, Trusted: true}, Body: body})))
			if i%2 == n {
				b.must(b.SetAssigned(ctx, hub.Everything, id, hub.Assignment{To: "lin"}, ""))
			}
			if ago == 4 {
				b.must(b.SetReview(ctx, hub.Everything, ark.Review{Visit: id, Entry: id, State: ark.ReviewApproved, By: "lin", At: 1}, 0))
			}
		}
	}
	for name, c := range map[string]struct {
		sight   hub.Sight
		all, of hub.ReviewAges
	}{
		"whole":          {hub.Everything, hub.ReviewAges{6, 4, 2, 4}, hub.ReviewAges{3, 2, 1, 2}},
		"a street":       {hub.Sight{Places: []ark.Place{{Street: "北街"}}}, hub.ReviewAges{3, 2, 1, 2}, hub.ReviewAges{2, 1, 1, 1}},
		"a compound":     {hub.Sight{Places: []ark.Place{{Street: "北街", Compound: "甲苑"}}}, hub.ReviewAges{3, 2, 1, 2}, hub.ReviewAges{2, 1, 1, 1}},
		"twice the same": {hub.Sight{Places: []ark.Place{{Street: "北街"}, {Compound: "甲苑"}}}, hub.ReviewAges{6, 4, 2, 4}, hub.ReviewAges{3, 2, 1, 2}},
		"nothing":        {hub.Sight{}, hub.ReviewAges{}, hub.ReviewAges{}},
	} {
		load, err := b.ReviewLoad(ctx, c.sight, today)
		if err != nil || load.All != c.all || load.Of["lin"] != c.of {
			t.Errorf("%s: %+v, %v, want %v and %v", name, load, err, c.all, c.of)
		}
	}
}
