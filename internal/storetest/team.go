package storetest

import (
	"errors"
	"testing"

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
