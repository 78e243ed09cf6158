package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"ark"
	"ark/hub"
)

// reviewStates are what staff may make of a visit, by their words.
var reviewStates = map[string]ark.ReviewState{
	ark.ReviewApproved.String(): ark.ReviewApproved, ark.ReviewReturned.String(): ark.ReviewReturned, ark.ReviewRejected.String(): ark.ReviewRejected,
}

// verdict is what somebody makes of a visit, as a form or a program says it:
// by the entry and the newest review that they saw; without one, whichever is
// the newest.
type verdict struct{ entry, seen, state, comment string }

// seenReview reads the number of a review that somebody saw.
func seenReview(s string) (n hub.Position, ok bool) {
	if s == "" {
		return hub.AnyReview, true
	}
	at, err := strconv.ParseInt(s, 10, 64)
	return hub.Position(at), err == nil && at >= 0
}

// review keeps what somebody made of a visit. Fault is the key of why it was
// not kept.
func (c *Console) review(r *http.Request, visit ark.ID, v verdict) (fault string, status int) {
	id, err := ark.ParseID(v.entry)
	seen, ok := seenReview(v.seen)
	word, comment := reviewStates[v.state], strings.TrimSpace(v.comment)
	switch {
	case err != nil, !ok, word == ark.ReviewNone:
		return "review.noChoice", http.StatusUnprocessableEntity
	case word == ark.ReviewReturned && comment == "":
		return "review.noComment", http.StatusUnprocessableEntity
	}
	review := ark.Review{Visit: visit, Entry: id, State: word, Comment: comment}
	if err := review.Check(); err != nil {
		return "review.tooLong", http.StatusUnprocessableEntity
	}
	if err := desk(r.Context()).SetReview(r.Context(), review, seen); err != nil {
		fault = c.reviewFault(err)
		status = http.StatusConflict
		if fault == "review.ours" || fault == unsure {
			status = http.StatusServiceUnavailable
		}
		return fault, status
	}
	return "", http.StatusOK
}

// reviewFault is the key of why a review was not kept.
func (c *Console) reviewFault(err error) string {
	switch {
	case errors.Is(err, hub.ErrJudged):
		return "review.judged"
	case errors.Is(err, hub.ErrStale):
		return "review.stale"
	case errors.Is(err, hub.ErrInvalid), errors.Is(err, hub.ErrNotThere):
		return "review.withdrawn"
	}
	c.c.Log.Error("a review is not kept", "err", err)
	return ours(err, "review.ours")
}

// reviewVisit takes the form of a visit's page.
func (c *Console) reviewVisit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, ok := c.visitOf(w, r)
	if !ok {
		return
	}
	key, back := r.PostFormValue("key"), "/visits/"+v.ID.String()
	if !c.once.first(key) { // a second tap
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	do, comment := r.PostForm.Get("do"), r.PostForm.Get("comment")
	fault, status := c.review(r, v.ID, verdict{r.PostForm.Get("entry"), r.PostForm.Get("seen"), do, comment})
	if fault == "" {
		c.say(r, fmt.Sprintf(c.site.Text(r, "review.kept"), c.site.Text(r, "review."+do)))
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	if fault != unsure {
		c.once.forget(key)
	}
	p, ok := c.visitPage(w, r)
	if !ok {
		return
	}
	p.Fault, p.Comment = fault, comment
	c.answerVisit(w, r, status, p)
}

// takeReview is reviewVisit for machines.
func (c *Console) takeReview(w http.ResponseWriter, r *http.Request) {
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		tellError(w, http.StatusNotFound, "not-there")
		return
	}
	var body struct {
		Entry, State, Comment string
		Seen                  json.Number
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&body); err != nil {
		tellGarbage(w, err)
		return
	}
	fault, status := c.review(r, id, verdict{body.Entry, body.Seen.String(), body.State, body.Comment})
	if fault != "" {
		_, word, _ := strings.Cut(fault, ".")
		tellError(w, status, word)
		return
	}
	c.tellVisit(w, r)
}

// tellGarbage answers to a body that is no JSON or too much of it.
func tellGarbage(w http.ResponseWriter, err error) {
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		tellError(w, http.StatusRequestEntityTooLarge, "tooLarge")
		return
	}
	tellError(w, http.StatusBadRequest, "garbage")
}
