package console

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ark"
	"ark/hub"
)

func (b *bench) states(ids []ark.ID) (words []string) {
	b.t.Helper()
	for _, id := range ids {
		v, err := b.store.VisitRecord(b.t.Context(), hub.Everything, id)
		must(b.t, err)
		words = append(words, v.State.String())
	}
	return words
}

// Several visits are judged at once; what cannot be done is told with why; and
// undoing is a review that the vans hear of.
func TestSeveralAreJudgedAndUndone(t *testing.T) {
	b := newDesk(t)
	ids := b.town()[:4]
	entry := func(i int) string { return ids[i].String() + "." + ids[i].String() }
	must(t, b.store.SetReview(t.Context(), hub.Everything, ark.Review{Visit: ids[1], Entry: ids[1], State: ark.ReviewReturned, Comment: "少一位", By: "陈老师", At: 1}, hub.AnyReview))
	b.deliver("van-1", true, ark.Amend{Visit: ids[2], Now: ark.Visit{Place: "改过的门", Outcome: ark.Met}}) // after the page was shown
	p := b.signedIn()
	a := p.post("/bulk", "key", "k1", "back", "?state=new", "do", "approved", "visit", entry(0), "visit", entry(1), "visit", entry(2), "visit", "nonsense")
	if a.status != http.StatusSeeOther || a.to != "/bulk/k1" {
		t.Fatalf("got %d to %q", a.status, a.to)
	}
	if got := strings.Join(b.states(ids), " "); got != "approved approved new new" {
		t.Fatalf("got %s", got)
	}
	p.get("/bulk/k1").wants(t, http.StatusOK, "2 条走访：已通过", "2 条没有改", "改过的门", "队员刚刚又改了", `href="/?state=new"`, "撤销")
	must(t, b.store.SetReview(t.Context(), hub.Everything, ark.Review{Visit: ids[1], Entry: ids[1], State: ark.ReviewRejected, By: "陈老师", At: ark.Milli(b.clock()) + 1}, hub.AnyReview))
	a = p.post("/bulk/k1/undo")
	p.get(a.to).wants(t, http.StatusOK, "1 条走访恢复原状", "1 条没有改", "别人后来又审过")
	if got := strings.Join(b.states(ids), " "); got != "new rejected new new" {
		t.Errorf("after undoing: %s", got)
	}
	v, err := b.store.VisitRecord(t.Context(), hub.Everything, ids[0])
	must(t, err)
	if n := len(v.Reviews); n != 2 || v.Reviews[1].State != ark.ReviewNone || v.Reviews[1].By != staff {
		t.Errorf("the van is told %+v", v.Reviews)
	}
	p.post("/bulk/k1/undo").wants(t, http.StatusUnprocessableEntity, "撤销不了")
	p.post("/bulk", "key", "k1", "do", "approved", "visit", entry(3)) // the same form again
	p.post("/bulk", "key", "k2", "do", "approved").wants(t, http.StatusUnprocessableEntity, "还没有勾选")
	p.post("/bulk", "key", "k3", "do", "nothing", "visit", entry(3)).wants(t, http.StatusUnprocessableEntity, "没有看懂")
	p.post("/bulk", "key", "k4", "do", "returned", "visit", entry(3))
	p.get("/bulk/k4").wants(t, http.StatusOK, "请写清楚要队员改什么")
	many := []string{"key", "k5", "do", "approved"}
	for range maxBulk + 1 {
		many = append(many, "visit", entry(3))
	}
	p.post("/bulk", many...).wants(t, http.StatusUnprocessableEntity, "没有看懂")
	if got := b.states(ids[3:])[0]; got != "new" {
		t.Errorf("a visit that nobody may have judged is %s", got)
	}
	p.get("/bulk/nothing").wants(t, http.StatusNotFound)
}

// What was returned comes back as returned, with its comment.
func TestUndoingRestoresTheComment(t *testing.T) {
	b := newDesk(t)
	id := b.town()[0]
	must(t, b.store.SetReview(t.Context(), hub.Everything, ark.Review{Visit: id, Entry: id, State: ark.ReviewReturned, Comment: "少一位", By: "陈老师", At: 1}, hub.AnyReview))
	p := b.signedIn()
	p.post("/bulk", "key", "k1", "do", "rejected", "visit", id.String()+"."+id.String())
	p.post("/bulk/k1/undo")
	v, err := b.store.VisitRecord(t.Context(), hub.Everything, id)
	must(t, err)
	if r := v.Reviews[len(v.Reviews)-1]; v.State != ark.ReviewReturned || r.Comment != "少一位" || len(v.Reviews) != 3 {
		t.Errorf("got %v, %+v", v.State, v.Reviews)
	}
	key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(p.get("/").body)
	if key == nil || key[1] == "" {
		t.Error("the list's form has no key")
	}
}

// Who does much at once takes from nobody else what they can undo.
func TestDeedsThatCanBeUndoneAreBoundedForEach(t *testing.T) {
	var b bulks
	b.add(&bulk{Key: "hers", By: "shen"})
	for i := range maxBulks {
		b.add(&bulk{Key: strconv.Itoa(i), By: "lin"})
	}
	if b.find("hers", "shen") == nil {
		t.Error("hers cannot be undone any more")
	}
	newest, oldest := strconv.Itoa(maxBulks-1), strconv.Itoa(maxBulks-maxBulksOf)
	if b.find(newest, "lin") == nil || b.find(oldest, "lin") == nil || b.find(strconv.Itoa(maxBulks-maxBulksOf-1), "lin") != nil {
		t.Errorf("of the others the newest %d are not what is left", maxBulksOf)
	}
	for i := range maxBulks {
		b.add(&bulk{Key: "k", By: strconv.Itoa(i)})
	}
	if len(b.list) != maxBulks {
		t.Errorf("%d are kept", len(b.list))
	}
}
