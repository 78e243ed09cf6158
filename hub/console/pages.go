package console

import (
	"net/http"
	"strconv"

	"ark/hub"
)

// shown is how many rows a page has.
const shown = 50

// pager is where a page stands among older and newer ones.
type pager struct {
	Older hub.Position // the key of the next page; 0: there is none
	First bool         // this is the newest page
}

// asked is the page that a request asks for.
func asked(r *http.Request, limit int) hub.Page {
	before, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	return hub.Page{Before: hub.Position(before), Limit: limit}
}

// cut takes off the one row more that was read to know whether there are
// older ones.
func cut[T any](r *http.Request, rows []T, position func(T) hub.Position) ([]T, pager) {
	p := pager{First: asked(r, 1).Before == 0}
	if len(rows) > shown {
		rows = rows[:shown]
		p.Older = position(rows[shown-1])
	}
	return rows, p
}
