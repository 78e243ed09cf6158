package crew

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ark"
	"ark/agent"
)

// Bounds of searches.
const (
	foundAtFirst = 20  // households of an answer that asks for no number
	mostFound    = 200 // and the most of one
	mostAlike    = 10
	longestQuery = 100             // bytes of what is searched for; more is cut
	needsFor     = 180 * 24 * 3600 // seconds for which a need that was said counts as open
	mostHistory  = 200             // visits of a household's page
)

// householdTold is a household as phones read it.
type householdTold struct {
	ark.Household
	Door   string     `json:"door"`             // its place in words
	Metres *int       `json:"metres,omitempty"` // from where the phone is
	Last   *lastVisit `json:"last_visit,omitempty"`
	Open   int        `json:"open_needs,omitempty"`

	Visits []visitTold `json:"visits,omitempty"` // of one household, newest first
	Needs  []needTold  `json:"needs,omitempty"`
}

type lastVisit struct {
	ID      ark.ID        `json:"id"`
	Made    ark.UnixMilli `json:"made"`
	Outcome string        `json:"outcome"`
	Return  bool          `json:"return,omitempty"` // the crew meant to call again
}

// needTold is a need that counts as open.
type needTold struct {
	ark.Need
	Visit ark.ID        `json:"visit"`
	Made  ark.UnixMilli `json:"made"`
}

// search finds households as one types.
func (c *Crew) search(r *http.Request, by caller) (int, any, error) {
	q, err := queryOf(r.URL.Query())
	if err != nil {
		return 0, nil, err
	}
	told := []householdTold{}
	for _, f := range c.c.Finder.Find(q) {
		h := householdTold{Household: f.Household, Door: f.Place.String()}
		if f.Metres >= 0 {
			h.Metres = &f.Metres
		}
		if err := c.addVisits(r.Context(), by, &h, 5); err != nil {
			return 0, nil, err
		}
		h.Visits, h.Needs = nil, nil
		told = append(told, h)
	}
	return http.StatusOK, map[string]any{"households": told}, nil
}

// queryOf reads what is searched for.
func queryOf(v url.Values) (q agent.Query, err error) {
	q = agent.Query{Text: strings.ToValidUTF8(cut(v.Get("q"), longestQuery), ""), Limit: foundAtFirst}
	q.Area = ark.Place{Community: v.Get("community"), Compound: v.Get("compound"), Building: v.Get("building"), Unit: v.Get("unit")}
	if n, err := strconv.Atoi(v.Get("limit")); err == nil && n > 0 {
		q.Limit = min(n, mostFound)
	}
	if v.Get("lat") == "" && v.Get("lon") == "" {
		return q, nil
	}
	q.Near = &ark.Geo{}
	var errs [2]error
	q.Near.Lat, errs[0] = strconv.ParseInt(v.Get("lat"), 10, 64)
	q.Near.Lon, errs[1] = strconv.ParseInt(v.Get("lon"), 10, 64)
	if errs[0] != nil || errs[1] != nil || q.Near.Check() != nil {
		return q, wrong(http.StatusBadRequest, "json", "lat")
	}
	return q, nil
}

func cut(s string, most int) string { return s[:min(len(s), most)] }

// addVisits adds what visits tell of a household: up to limit of them, the
// last, and the needs that count as open.
func (c *Crew) addVisits(ctx context.Context, by caller, h *householdTold, limit int) error {
	list, err := c.c.Logbook.Find(ctx, agent.VisitFilter{Household: h.ID, Limit: limit})
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b agent.Logged) int { return cmp.Compare(b.Made, a.Made) })
	for _, l := range list {
		if h.Last == nil && !l.Withdrawn {
			h.Last = &lastVisit{l.ID, l.Made, l.Outcome.String(), l.Return}
		}
		h.Visits = append(h.Visits, visitToldOf(by, l))
	}
	h.Needs = openNeeds(list, c.c.Now().Wall)
	h.Open = len(h.Needs)
	return nil
}

// openNeeds are the needs of visits, newest first: of each category what was
// said last. A van does not know what became of a need, so one counts as open
// for half a year; a visit that was taken back or rejected counts for nothing.
func openNeeds(list []agent.Logged, now ark.UnixMilli) (open []needTold) {
	seen := map[string]bool{}
	for _, l := range list {
		if l.Withdrawn || l.Review == ark.ReviewRejected || now-l.Made > needsFor*1000 {
			continue
		}
		for _, n := range l.Needs {
			if !seen[n.Category] {
				seen[n.Category] = true
				open = append(open, needTold{n, l.ID, l.Made})
			}
		}
	}
	return open
}

// tellHousehold is one household with its history.
func (c *Crew) tellHousehold(r *http.Request, by caller) (int, any, error) {
	id, err := pathID(r)
	if err != nil {
		return 0, nil, err
	}
	h, err := c.c.Register.Household(r.Context(), id)
	if err != nil {
		return 0, nil, err
	}
	told := householdTold{Household: h, Door: h.Place.String()}
	if err := c.addVisits(r.Context(), by, &told, mostHistory); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, told, c.tellWhere(r.Context(), told.Visits)
}

// editSaid is a household as a crew member makes or corrects it.
type editSaid struct {
	ID  ark.ID         `json:"id"` // of the edit
	Now ark.Household  `json:"now_household"`
	Was *ark.Household `json:"was"` // as the phone saw it; none: it is new
}

// editHousehold keeps a household that was made or corrected.
func (c *Crew) editHousehold(r *http.Request, by caller) (int, any, error) {
	var said editSaid
	if err := read(r, &said); err != nil {
		return 0, nil, err
	}
	if said.ID.IsZero() {
		return 0, nil, wrong(http.StatusBadRequest, "json", "id")
	}
	e := ark.HouseholdEdit{Now: said.Now, By: by.member.ID, Name: by.member.Name}
	if said.Was != nil {
		e.Was = *said.Was
	}
	if e.Now.Forget || e.Was.Forget {
		return 0, nil, wrong(http.StatusBadRequest, "unknown-field", "forget")
	}
	if err := e.Check(); err != nil {
		return 0, nil, &problem{Status: http.StatusUnprocessableEntity, Word: "household-wrong", Field: "now_household"}
	}
	if err := c.c.Register.Edit(r.Context(), said.ID, e); err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, taken{ID: said.ID, Saved: true, At: c.c.Now().Wall}, nil
}

// likely tells whether a household is one that a person writes: to compare
// one of thousands of members with all that the van holds would take minutes.
func likely(h ark.Household) bool {
	return len(h.Members) <= ark.MaxMembers && !slices.ContainsFunc(h.Members, func(m ark.Member) bool { return len(m.Name) > 4*ark.MaxPerson })
}

// alikeSaid asks which households may be the same as one.
type alikeSaid struct {
	Household ark.Household `json:"household"`
}

// tellAlike lists households that may be the same as one that is being
// written down. It may be half written.
func (c *Crew) tellAlike(r *http.Request, by caller) (int, any, error) {
	var said alikeSaid
	if err := read(r, &said); err != nil {
		return 0, nil, err
	}
	if !likely(said.Household) {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "household-wrong", "household")
	}
	leave, err := c.finds.enter(r.Context(), by.ID) // once all of it is here: a slow phone holds nobody up
	if err != nil {
		return 0, nil, err
	}
	defer leave()
	told := []map[string]any{}
	for _, a := range c.c.Finder.Alike(said.Household, mostAlike) {
		told = append(told, map[string]any{"household": householdTold{Household: a.Household, Door: a.Place.String()}, "why": a.Why})
	}
	return http.StatusOK, map[string]any{"alike": told}, nil
}
