package console

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// The JSON API is described in openapi.json. Times are Unix milliseconds, volumes
// dB, loudness LUFS.

type toldOrder struct {
	Position  hub.Position `json:"position"`
	ID        ark.ID       `json:"id"`
	Van       ark.VanID    `json:"van"`
	Kind      string       `json:"kind"`
	Made      int64        `json:"made"`
	Until     int64        `json:"until,omitempty"` // not worth doing afterwards
	By        string       `json:"by,omitempty"`
	Reason    string       `json:"reason,omitempty"` // of an emergency
	Held      bool         `json:"held"`             // the van has it
	State     string       `json:"state,omitempty"`  // empty: nothing was heard of it yet
	Why       string       `json:"why,omitempty"`
	LatencyMS int64        `json:"latency_ms,omitempty"`
}

func (c *Console) tellOrders(w http.ResponseWriter, r *http.Request) {
	rows, err := desk(r.Context()).Orders(r.Context(), wanted(r))
	tell(c, w, "orders", rows, err, func(row hub.Order) toldOrder {
		o := c.read(row, catalog{})
		told := toldOrder{o.Position, o.ID, o.Van, o.Kind.String(), milli(o.Made), milli(o.Until), o.By, o.Why, o.Held, "", o.Order.Why, o.Latency.Milliseconds()}
		if o.State != 0 {
			told.State = o.State.String()
		}
		return told
	})
}

func milli(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

// wanted is the page that a machine asks for.
func wanted(r *http.Request) hub.Page {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > 500 {
		limit = 100
	}
	return asked(r, limit)
}

// tell answers with a list under its name; told makes the form of a row.
func tell[T, U any](c *Console, w http.ResponseWriter, name string, rows []T, err error, told func(T) U) {
	if err != nil {
		c.untold(w, name, err)
		return
	}
	list := make([]U, len(rows))
	for i, row := range rows {
		list[i] = told(row)
	}
	web.JSON(w, http.StatusOK, map[string]any{name: list})
}

// untold answers for what is not there, not for whoever asks, or cannot be
// read just now.
func (c *Console) untold(w http.ResponseWriter, what string, err error) {
	switch {
	case errors.Is(err, hub.ErrNotThere):
		tellError(w, http.StatusNotFound, "not-there")
	case errors.Is(err, hub.ErrNotAllowed):
		tellError(w, http.StatusForbidden, "not-allowed")
	case errors.Is(err, hub.ErrUncertain):
		c.c.Log.Error("it may have been kept, or not", "what", what, "err", err)
		tellError(w, http.StatusServiceUnavailable, "unsure")
	default:
		c.c.Log.Error("the API cannot read", "what", what, "err", err)
		tellError(w, http.StatusServiceUnavailable, "store")
	}
}

// tellLost answers to who asks for what the API has not.
func (c *Console) tellLost(w http.ResponseWriter, _ *http.Request) {
	tellError(w, http.StatusNotFound, "not-there")
}

// toldError is what was wrong.
type toldError struct {
	Error  string   `json:"error"`            // a stable word
	Do     string   `json:"do"`               // what to do, in the language of the answer
	Fields []string `json:"fields,omitempty"` // parameters that were not understood
}

// tellError answers with a stable word, and what to do.
func tellError(w http.ResponseWriter, status int, word string, fields ...string) {
	l := web.Zh
	if w.Header().Get("Content-Language") == web.En.Tag() {
		l = web.En
	}
	web.JSON(w, status, toldError{word, texts.Known(l, "wrong.", word), fields})
}
