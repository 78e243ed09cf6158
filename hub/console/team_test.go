package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ark/hub"
)

// Two reviewers look at the same visit: the second sees what the first said
// before anything of it is changed, on the page, in the list and by the API.
func TestTwoReviewersAtOnce(t *testing.T) {
	b := newDesk(t)
	ids := b.town()[57:]
	lin, chen := b.signedIn(), b.as("陈老师", hub.Everything, hub.RoleReviewer)
	at := func(i int) string { return "/visits/" + ids[i].String() }
	lin.get(at(0)).wants(t, http.StatusOK, `name="seen" value="0"`)
	form := []string{"entry", ids[0].String(), "seen", "0", "do", "approved", "comment", "看过了"}
	chen.post(at(0)+"/review", "entry", ids[0].String(), "seen", "0", "do", "returned", "comment", "哪一户？")
	page := lin.post(at(0)+"/review", form...)
	page.wants(t, http.StatusConflict, "同事刚刚审过", "哪一户？", ">看过了</textarea>")
	form[3] = strings.Split(strings.Split(page.body, `name="seen" value="`)[1], `"`)[0]
	if a := lin.post(at(0)+"/review", form...); a.status != http.StatusSeeOther {
		t.Errorf("who has seen it may judge otherwise: %d", a.status)
	}

	mark := func(i int) string { return ids[i].String() + "." + ids[i].String() + ".0" }
	lin.get("/").wants(t, http.StatusOK, `value="`+mark(1)+`"`)
	chen.post("/bulk", "key", "c1", "do", "rejected", "visit", mark(1))
	lin.post("/bulk", "key", "l1", "do", "approved", "visit", mark(1), "visit", mark(2))
	lin.get("/bulk/l1").wants(t, http.StatusOK, "1 条走访：已通过", "1 条没有改", "同事刚刚审过")
	if got := strings.Join(b.states(ids), " "); got != "approved rejected approved" {
		t.Errorf("the visits are %s", got)
	}

	api, says := "/api/1/visits/"+ids[2].String(), func(seen string) string {
		return fmt.Sprintf(`{"entry": %q, "state": "rejected", "seen": %s}`, ids[2], seen)
	}
	var told struct{ Visit toldVisit }
	must(t, json.Unmarshal([]byte(chen.get(api).body), &told))
	chen.postJSON(api+"/review", says("0")).wants(t, http.StatusConflict, `"error":"judged"`)
	chen.postJSON(api+"/review", says("-1")).wants(t, http.StatusUnprocessableEntity, `"error":"noChoice"`)
	chen.postJSON(api+"/review", says(fmt.Sprint(told.Visit.Reviewed))).wants(t, http.StatusOK, `"state":"rejected"`)
	lin.post("/bulk/l1/undo").wants(t, http.StatusSeeOther)
	if got := b.states(ids)[2]; got != "rejected" {
		t.Errorf("undoing took back what a colleague said: %s", got)
	}
}
