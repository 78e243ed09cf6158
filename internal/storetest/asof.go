package storetest

import (
	"testing"

	"ark"
	"ark/hub"
)

// visitsAsOf: a list that was made as of a word is as it was while the word is
// the same. Whatever changes what lists show changes it, and no two sights
// share one.
func visitsAsOf(t *testing.T, b *bench) {
	s, ctx := b.streets(), t.Context()
	word := func(sight hub.Sight) string {
		t.Helper()
		w, err := b.VisitsAsOf(ctx, sight)
		b.must(err)
		return w
	}
	north, odd := see(s.north), hub.Sight{Places: []ark.Place{{Street: "a b", Community: "c"}}}
	known := map[string]bool{}
	for _, sight := range []hub.Sight{hub.Everything, north, see(s.south), {}, odd, {Places: []ark.Place{{Street: "a", Community: "b c"}}}} {
		w := word(sight)
		if known[w] || word(sight) != w {
			t.Errorf("%+v: %q twice, or two words for one", sight, w)
		}
		known[w] = true
	}
	b.must(b.AddAccount(ctx, hub.Account{Name: "lin", Roles: []hub.Role{hub.RoleReviewer}, Sight: hub.Everything}))
	j := b.journal("van-9", 9)
	visit, form := b.id(), ark.DefaultForm()
	for _, c := range []struct {
		what string
		do   func()
	}{
		{"a visit comes", func() { b.commit(j.delivery(j.visit(visit, "门"))) }},
		{"it is amended", func() {
			b.commit(j.delivery(j.fact(b.id(), ark.KindAmend, ark.Amend{Visit: visit, Now: ark.Visit{Place: "二门", Outcome: ark.Met}})))
		}},
		{"it is given to somebody", func() { b.must(b.SetAssigned(ctx, hub.Everything, visit, hub.Assignment{To: "lin"}, "")) }},
		{"somebody comments", func() {
			b.must(b.AddComment(ctx, hub.Everything, visit, hub.VisitComment{By: "lin", At: 1, Words: "好"}))
		}},
		{"it is approved", func() {
			b.must(b.SetReview(ctx, hub.Everything, ark.Review{Visit: visit, Entry: b.record(visit).Last, State: ark.ReviewApproved, By: "lin", At: 1}, hub.AnyReview))
		}},
		{"it is withdrawn", func() { b.commit(j.delivery(j.fact(b.id(), ark.KindWithdraw, ark.Withdrawal{Visit: visit}))) }},
		{"a van has another area", func() { b.must(b.SetArea(ctx, hub.Everything, "van-9", []ark.Place{s.north.place}, "lin")) }},
		{"a form has other words", func() {
			_, err := b.SetForm(ctx, form, 0, "lin")
			b.must(err)
		}},
	} {
		before, beforeNorth := word(hub.Everything), word(north)
		c.do()
		if word(hub.Everything) == before || word(north) == beforeNorth {
			t.Errorf("%s, and lists stand as before", c.what)
		}
	}
}
