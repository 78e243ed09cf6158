package console

import (
	"net/http"
	"strconv"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// toldMe is whose token it is, and what it may do.
type toldMe struct {
	Name   string      `json:"name"`
	Token  string      `json:"token,omitempty"`
	Roles  []hub.Role  `json:"roles"`
	Whole  bool        `json:"whole"`
	Places []ark.Place `json:"places,omitempty"`
}

func (c *Console) tellMe(w http.ResponseWriter, r *http.Request) {
	s := staffOf(r)
	web.JSON(w, http.StatusOK, toldMe{s.Name, s.Token, s.Roles, s.Sight.Whole, s.Sight.Places})
}

// toldChanges is what has changed, and where to go on.
type toldChanges struct {
	Visits  []toldVisit `json:"visits"`
	Gone    []toldGone  `json:"gone"`
	Changed int64       `json:"changed"`
	More    bool        `json:"more"`
}

// toldGone is a visit that was amended and is out of sight since.
type toldGone struct {
	ID      ark.ID `json:"id"`
	Changed int64  `json:"changed"`
}

// tellChanges lists visits by their last change after one that was heard of.
// The cursor is the hub's number of changes, no time: nothing is missed,
// whatever clocks do.
func (c *Console) tellChanges(w http.ResponseWriter, r *http.Request) {
	since, ok := cursorOf(r, "since")
	if !ok {
		tellError(w, http.StatusBadRequest, "cursor")
		return
	}
	limit := wanted(r).Limit
	rows, err := desk(r.Context()).VisitsSince(r.Context(), since, limit)
	if err != nil {
		c.untold(w, "changes", err)
		return
	}
	told := toldChanges{Visits: []toldVisit{}, Gone: []toldGone{}, Changed: since, More: len(rows) == limit}
	for _, v := range rows {
		if told.Changed = v.Changed; v.Gone {
			told.Gone = append(told.Gone, toldGone{v.ID, v.Changed})
		} else {
			told.Visits = append(told.Visits, tellOne(v.Visit))
		}
	}
	web.JSON(w, http.StatusOK, told)
}

// cursorOf reads a cursor: a whole number from 0 on; absent: 0. False: it is
// none.
func cursorOf(r *http.Request, name string) (int64, bool) {
	all := r.URL.Query()[name]
	if len(all) == 0 {
		return 0, true
	}
	n, err := strconv.ParseInt(all[0], 10, 64)
	return n, err == nil && n >= 0 && len(all) == 1
}
