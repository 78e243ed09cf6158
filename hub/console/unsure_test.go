package console

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"ark"
	"ark/hub"
)

// parting keeps what it is given, and then its server goes away before it can
// say so.
type parting struct {
	hub.Team
	hub.Reviews
}

func (p parting) AddComment(ctx context.Context, s hub.Sight, visit ark.ID, k hub.VisitComment) error {
	if err := p.Team.AddComment(ctx, s, visit, k); err != nil {
		return err
	}
	return hub.ErrUncertain
}

func (p parting) SetReview(ctx context.Context, s hub.Sight, r ark.Review, seen hub.Position) error {
	if err := p.Reviews.SetReview(ctx, s, r, seen); err != nil {
		return err
	}
	return hub.ErrUncertain
}

// What may have been kept is said to be that, beside what is there now; who
// does it again then does nothing twice without seeing it.
func TestWhatMayHaveBeenKept(t *testing.T) {
	b := newBench(t)
	id := b.deliver("van-1", true, ark.Visit{Place: "1室", Outcome: ark.Met})[0]
	gone := parting{b.store, b.store}
	b.parts.Team, b.parts.Reviews = gone, gone
	p, word, at := b.signedIn(), b.token([]hub.Role{hub.RoleReviewer}, hub.Everything), "/visits/"+id.String()
	a := p.post(at+"/comment", "key", "c1", "words", "先放一放")
	a.wants(t, http.StatusServiceUnavailable, "可能已经存上，也可能没有。请先看一眼", `<p class="words">先放一放</p>`)
	if a := p.post(at+"/comment", "key", "c1", "words", "先放一放"); a.status != http.StatusSeeOther {
		t.Errorf("the same form again: %d", a.status)
	}
	if r, err := b.store.VisitRecord(t.Context(), hub.Everything, id); err != nil || len(r.Thread) != 1 {
		t.Errorf("%d comments, %v, want the one", len(r.Thread), err)
	}
	judge := []string{"key", "r1", "entry", id.String(), "seen", "0", "do", "approved"}
	p.post(at+"/review", judge...).wants(t, http.StatusServiceUnavailable, "可能已经存上，也可能没有", "已通过")
	judge[1] = "r2"
	p.post(at+"/review", judge...).wants(t, http.StatusConflict, "同事刚刚审过")
	program := b.person()
	program.token = word
	program.postJSON("/api/1"+at+"/comments", `{"words":"x"}`).wants(t, http.StatusServiceUnavailable, `"error":"unsure"`, "再重送")
	if got := b.log.String(); strings.Count(got, "level=ERROR") != 3 {
		t.Errorf("the log says:\n%s", got)
	}
}
