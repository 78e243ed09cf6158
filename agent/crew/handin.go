package crew

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"ark"
	"ark/agent"
)

// handed is a visit as a phone hands it in. The phone chooses the id, so that
// the same visit sent again is no second one. Made and Now are by its clock.
type handed struct {
	ID    ark.ID    `json:"id"`
	Made  int64     `json:"made"` // Unix milliseconds
	Now   int64     `json:"now"`
	Visit visitSaid `json:"visit"`
}

// taken is what a phone is told of what it handed in.
type taken struct {
	ID     ark.ID        `json:"id"`
	Saved  bool          `json:"saved"` // committed on the van's card
	At     ark.UnixMilli `json:"at"`    // by the van's clock
	Person string        `json:"person,omitempty"`
	House  string        `json:"household,omitempty"`
}

// What is told of a visit's person and household where there is doubt.
const (
	personSaid   = "said"    // the person has a PIN and did not sign in: the visit names them by words only
	houseUnknown = "unknown" // the van does not hold the household; the visit is kept as it was said
)

// handIn answers 201 once the visit is committed, and only then.
func (c *Crew) handIn(r *http.Request, by caller) (int, any, error) {
	var h handed
	if err := read(r, &h); err != nil {
		return 0, nil, err
	}
	if h.ID.IsZero() {
		return 0, nil, wrong(http.StatusBadRequest, "json", "id")
	}
	v, t, err := c.made(r.Context(), by, h)
	if err != nil {
		return 0, nil, err
	}
	if err = c.c.Logbook.Log(r.Context(), h.ID, v); errors.Is(err, agent.ErrTaken) && c.again(r.Context(), h.ID, h.ID, v) {
		err = nil
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, t, nil
}

// made is the visit that a phone hands in, as it goes into the journal, after
// all that the van checks.
func (c *Crew) made(ctx context.Context, by caller, h handed) (v ark.Visit, t taken, err error) {
	now := c.c.Now()
	v = h.Visit.visit()
	v.Phone = by.ID
	v.Age, v.Off = ageOf(h.Made, h.Now, now.Wall)
	t = taken{ID: h.ID, Saved: true, At: now.Wall}
	if t.House, err = c.house(ctx, &v); err != nil {
		return v, t, err
	}
	if t.Person, err = c.named(ctx, by, &v); err != nil {
		return v, t, err
	}
	if err := v.Check(); err != nil {
		return v, t, err
	}
	if v.Where == (ark.Place{}) {
		v.Where = doorTyped(v.Place)
	}
	if body, err := ark.EncodeBody(ark.KindVisit, v); err != nil || len(body) > mostEntry {
		return v, t, errors.Join(ark.ErrTooBig, err)
	}
	form, err := c.c.People.Form(ctx)
	if err != nil {
		return v, t, err
	}
	return v, t, form.CheckVisit(v)
}

// doorTyped is the door that somebody typed in words, in its parts: the
// building's grid and whoever looks for what is next to it need them. None,
// where the words name no building and no room.
func doorTyped(words string) ark.Place {
	p := ark.ParsePlace(words)
	if p.Building == "" && p.Room == "" {
		return ark.Place{}
	}
	return p
}

// mostEntry leaves room in an entry for what stands around its body.
const mostEntry = ark.MaxEntry - 1<<10

// latest is the last millisecond that the API believes to be one: JavaScript
// keeps whole numbers up to 2^53.
const latest = int64(1)<<53 - 1

// ageOf is how long ago a visit was made, and how far the phone's clock is
// ahead of the van's, both in milliseconds. A phone's clock may be at 1970, or
// set while the visit waited. What cannot be is bent to what can, and the
// clock is then said to be as far off as it must have been, which makes the
// time doubtful; a visit is never refused for it.
func ageOf(made, now int64, van ark.UnixMilli) (age, off int64) {
	made, now = min(max(made, 0), latest), min(max(now, 0), latest)
	age, off = now-made, now-int64(van)
	switch {
	case age < 0: // it was made in the phone's future
		return 0, max(off, -age)
	case age > ark.MaxAge:
		return ark.MaxAge, min(off, -age)
	}
	return age, off
}

// house makes sure of the household of a visit. One that the van does not hold
// may have left its area while the phone was away, or is another van's: with
// the place in words the visit is kept as it was said and the phone is told;
// without, nobody could ever say where it was.
func (c *Crew) house(ctx context.Context, v *ark.Visit) (doubt string, err error) {
	if v.Household.IsZero() {
		return "", nil
	}
	h, err := c.c.Register.Household(ctx, v.Household)
	switch {
	case errors.Is(err, agent.ErrNotThere) && strings.TrimSpace(v.Place) == "":
		return "", wrong(http.StatusUnprocessableEntity, "household", "household")
	case errors.Is(err, agent.ErrNotThere):
		return houseUnknown, nil
	case err != nil:
		return "", err
	}
	if v.Place == "" {
		v.Place = h.Place.String()
	}
	if v.Where == (ark.Place{}) {
		v.Where = h.Place
	}
	return "", nil
}

// named makes sure of who made a visit. A member's id counts only with that
// member's session, unless nobody could have one; else the words stay and the
// id goes: a visit that waited on the phone over a restart of the van, or over
// a change of hands, is not held back for it.
func (c *Crew) named(ctx context.Context, by caller, v *ark.Visit) (doubt string, err error) {
	if v.Member.IsZero() {
		return "", nil
	}
	m, err := c.member(ctx, v.Member)
	switch {
	case err != nil:
		return "", err
	case m.ID.IsZero():
		v.Member, doubt = ark.ID{}, personSaid
	case m.Verifier != "" && by.member.ID != m.ID:
		v.Member, v.By, doubt = ark.ID{}, m.Name, personSaid
	default:
		v.By = m.Name
	}
	return doubt, nil
}

// again tells whether the entry that is there under an id says the same as a
// visit that is handed in once more. How old it was, by which clock, and
// whether the person was signed in may differ: the answer was lost, and time
// went on.
func (c *Crew) again(ctx context.Context, visit, entry ark.ID, v ark.Visit) bool {
	_, editions, err := c.c.Logbook.History(ctx, visit)
	i := slices.IndexFunc(editions, func(e agent.Edition) bool { return e.Entry == entry && !e.Withdrawn })
	return err == nil && i >= 0 && sameWords(editions[i].Visit, v)
}

func sameWords(a, b ark.Visit) bool {
	for _, v := range []*ark.Visit{&a, &b} {
		v.Age, v.Off, v.Member, v.By, v.Phone = 0, 0, ark.ID{}, "", ark.ID{}
		if v.Where == doorTyped(v.Place) { // older releases left out what they could have read
			v.Where = ark.Place{}
		}
	}
	one, err := ark.EncodeBody(ark.KindVisit, a)
	other, err2 := ark.EncodeBody(ark.KindVisit, b)
	return err == nil && err2 == nil && bytes.Equal(one, other)
}

// amended is a visit as a phone says it anew.
type amended struct {
	handed
	Why   string `json:"why"`
	After ark.ID `json:"after,omitzero"` // the entry that it amends, as the phone last saw it
}

// amend says a visit anew.
func (c *Crew) amend(r *http.Request, by caller) (int, any, error) {
	var h amended
	visit, err := readAbout(r, &h)
	if err != nil {
		return 0, nil, err
	}
	if h.ID.IsZero() {
		return 0, nil, wrong(http.StatusBadRequest, "json", "id")
	}
	v, t, err := c.made(r.Context(), by, h.handed)
	if err != nil {
		return 0, nil, err
	}
	a := ark.Amend{Visit: visit, Now: v, Why: h.Why, After: h.After}
	if err := a.Check(); err != nil {
		return 0, nil, err
	}
	if err = c.c.Logbook.Amend(r.Context(), h.ID, a); errors.Is(err, agent.ErrTaken) && c.again(r.Context(), visit, h.ID, v) {
		err = nil
	}
	return http.StatusCreated, t, err
}

// withdrawn is the word by which a phone takes a visit back.
type withdrawn struct {
	ID   ark.ID `json:"id"`
	Made int64  `json:"made"`
	Now  int64  `json:"now"`
	Why  string `json:"why"`
}

// withdraw takes a visit back.
func (c *Crew) withdraw(r *http.Request, by caller) (int, any, error) {
	var h withdrawn
	visit, err := readAbout(r, &h)
	if err != nil {
		return 0, nil, err
	}
	if h.ID.IsZero() {
		return 0, nil, wrong(http.StatusBadRequest, "json", "id")
	}
	w := ark.Withdrawal{Visit: visit, Why: h.Why, By: by.member.ID, Name: by.member.Name, Phone: by.ID}
	w.Age, _ = ageOf(h.Made, h.Now, c.c.Now().Wall)
	if err := w.Check(); err != nil {
		return 0, nil, err
	}
	if err = c.c.Logbook.Withdraw(r.Context(), h.ID, w); errors.Is(err, agent.ErrTaken) {
		_, editions, _ := c.c.Logbook.History(r.Context(), visit) // unread: it stays taken
		if slices.ContainsFunc(editions, func(e agent.Edition) bool { return e.Entry == h.ID && e.Withdrawn && e.Why == h.Why }) {
			err = nil // said again, by somebody who is not signed in any more
		}
	}
	return http.StatusCreated, taken{ID: h.ID, Saved: true, At: c.c.Now().Wall}, err
}

// readAbout reads a request's body and the id in its path.
func readAbout(r *http.Request, v any) (ark.ID, error) {
	id, err := pathID(r)
	if err != nil {
		return id, err
	}
	return id, read(r, v)
}

func pathID(r *http.Request) (ark.ID, error) {
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		return id, wrong(http.StatusNotFound, "not-there", "")
	}
	return id, nil
}
