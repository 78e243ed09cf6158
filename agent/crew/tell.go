package crew

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ark"
	"ark/agent"
)

// Bounds of what one answer holds.
const (
	mostListed = 500
	mostStates = 200
)

// listVisits lists visits, those that staff returned first.
func (c *Crew) listVisits(r *http.Request, by caller) (int, any, error) {
	q := r.URL.Query()
	f, err := c.filterOf(q)
	if err != nil {
		return 0, nil, err
	}
	list, err := c.c.Logbook.Find(r.Context(), f)
	if err != nil {
		return 0, nil, err
	}
	told := []visitTold{}
	for _, l := range list {
		if q.Get("mine") == "" || by.owns(l.Visit) {
			told = append(told, visitToldOf(by, l))
		}
	}
	return http.StatusOK, map[string]any{"visits": told}, c.tellWhere(r.Context(), told)
}

// filterOf reads what a phone asks for.
func (c *Crew) filterOf(q url.Values) (f agent.VisitFilter, err error) {
	f.Limit = mostListed
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 {
		f.Limit = min(n, mostListed)
	}
	f.Returned = q.Get("returned") != ""
	if day := q.Get("day"); day != "" {
		if f.From, f.To, err = c.day(day); err != nil {
			return f, err
		}
	}
	if h := q.Get("household"); h != "" {
		if f.Household, err = ark.ParseID(h); err != nil {
			return f, wrong(http.StatusBadRequest, "json", "household")
		}
	}
	return f, nil
}

// day is a day's beginning and end in the van's zone. Empty is today.
func (c *Crew) day(text string) (from, to ark.UnixMilli, err error) {
	at := c.c.Now().Wall.Time().In(c.c.Zone)
	if text != "" {
		if at, err = time.ParseInLocation(time.DateOnly, text, c.c.Zone); err != nil {
			return 0, 0, wrong(http.StatusBadRequest, "json", "day")
		}
	}
	begin := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, c.c.Zone)
	return ark.Milli(begin), ark.Milli(begin.AddDate(0, 0, 1)), nil
}

// tellWhere says of each visit where its attachments are.
func (c *Crew) tellWhere(ctx context.Context, told []visitTold) error {
	var all []ark.Hash
	for _, t := range told {
		for _, a := range t.Visit.Attachments {
			all = append(all, a.Content)
		}
	}
	if len(all) == 0 {
		return nil
	}
	where, err := c.c.Attachments.Where(ctx, all)
	if err != nil {
		return err
	}
	for i, t := range told {
		if len(t.Visit.Attachments) > 0 {
			told[i].Where = map[string]string{}
		}
		for _, a := range t.Visit.Attachments {
			told[i].Where[a.Content.String()] = whereWord(where[a.Content])
		}
	}
	return nil
}

func whereWord(w agent.Whereabouts) string {
	switch {
	case w.AtHub:
		return "hub"
	case w.OnVan:
		return "van"
	}
	return "phone"
}

// tellVisit is one visit with its history.
func (c *Crew) tellVisit(r *http.Request, by caller) (int, any, error) {
	id, err := pathID(r)
	if err != nil {
		return 0, nil, err
	}
	l, editions, err := c.c.Logbook.History(r.Context(), id)
	if err != nil {
		return 0, nil, err
	}
	t := []visitTold{visitToldOf(by, l)}
	for _, e := range editions {
		told := editionTold{Entry: e.Entry, At: e.Made, State: "van", Withdrawn: e.Withdrawn, Why: e.Why}
		if e.AtHub {
			told.State = "hub"
		}
		if !e.Withdrawn {
			v := visitOf(e.Visit)
			told.Visit = &v
		}
		t[0].Editions = append(t[0].Editions, told)
	}
	if err := c.tellWhere(r.Context(), t); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, t[0], nil
}

// stateTold is how far a visit has come.
type stateTold struct {
	State     string `json:"state"`
	Comment   string `json:"comment,omitempty"`
	Last      ark.ID `json:"last"`
	Withdrawn bool   `json:"withdrawn,omitempty"`
}

// tellStates says how far the visits that a phone has handed in have come. What
// is missing the phone keeps: a new card may have taken the old one's place.
func (c *Crew) tellStates(r *http.Request, _ caller) (int, any, error) {
	ids := strings.FieldsFunc(r.URL.Query().Get("ids"), func(r rune) bool { return r == ',' })
	if len(ids) > mostStates {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "long", "ids")
	}
	var asked []ark.ID
	for _, text := range ids {
		id, err := ark.ParseID(text)
		if err != nil {
			return 0, nil, wrong(http.StatusBadRequest, "json", "ids")
		}
		asked = append(asked, id)
	}
	found, err := c.c.Logbook.ByID(r.Context(), asked)
	if err != nil {
		return 0, nil, err
	}
	states, missing := map[string]stateTold{}, []string{}
	for _, l := range found {
		states[l.ID.String()] = stateTold{stateOfVisit(l), l.Comment, l.Last, l.Withdrawn}
	}
	for _, id := range asked {
		if _, told := states[id.String()]; told {
			continue
		}
		if _, _, err := c.c.Logbook.History(r.Context(), id); errors.Is(err, agent.ErrNotThere) { // of one that is damaged nothing is said
			missing = append(missing, id.String())
		}
	}
	return http.StatusOK, map[string]any{"states": states, "missing": missing}, nil
}
