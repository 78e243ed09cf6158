package console

import (
	"net/http"
	"strconv"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// The JSON API: GET /api/1/visits, broadcasts, vans and orders, under the
// cookie that a sign-in at POST /login gives (fields name and password).
// Lists take ?before=<position>&limit=<1 to 500>, newest first; times are
// Unix milliseconds.

type toldVisit struct {
	Position hub.Position  `json:"position"`
	ID       ark.ID        `json:"id"`
	Van      ark.VanID     `json:"van"`
	At       ark.UnixMilli `json:"at"`
	Trusted  bool          `json:"trusted"` // whether at can be believed
	Received int64         `json:"received"`
	Place    string        `json:"place"`
	Person   string        `json:"person,omitempty"`
	Outcome  string        `json:"outcome"`
	Services []ark.Service `json:"services,omitempty"`
	Need     string        `json:"need,omitempty"`
	Note     string        `json:"note,omitempty"`
	By       string        `json:"by,omitempty"`
}

func (c *Console) tellVisits(w http.ResponseWriter, r *http.Request) {
	rows, err := c.c.Views.Visits(r.Context(), wanted(r))
	tell(c, w, "visits", rows, err, func(v hub.Visit) toldVisit {
		return toldVisit{v.Position, v.ID, v.Van, v.At.Wall, v.At.Trusted, v.Received.UnixMilli(), v.Place, v.Person, v.Outcome.String(),
			v.Services, v.Need, v.Note, v.By}
	})
}

type toldBroadcast struct {
	Position     hub.Position       `json:"position"`
	ID           ark.ID             `json:"id"`
	Van          ark.VanID          `json:"van"`
	At           ark.UnixMilli      `json:"at"`
	Trusted      bool               `json:"trusted"`
	Announcement ark.AnnouncementID `json:"announcement"`
	Title        ark.Text           `json:"title"`
	Trigger      ark.Trigger        `json:"trigger"`
	State        string             `json:"state"`
	Why          string             `json:"why,omitempty"`
	LatencyMS    int64              `json:"latency_ms,omitempty"`
	Silent       bool               `json:"silent,omitempty"` // there was no sound device
	Recordings   []toldRecording    `json:"recordings,omitempty"`
}

type toldRecording struct {
	Language ark.Language `json:"language"`
	Frames   int64        `json:"frames"`
	Consumed int64        `json:"consumed"`
	State    string       `json:"state"`
	Why      string       `json:"why,omitempty"`
}

func (c *Console) tellBroadcasts(w http.ResponseWriter, r *http.Request) {
	rows, err := c.c.Views.Broadcasts(r.Context(), wanted(r))
	tell(c, w, "broadcasts", rows, err, func(b hub.Broadcast) toldBroadcast {
		told := toldBroadcast{b.Position, b.Broadcast, b.Van, b.At.Wall, b.At.Trusted, b.Announcement, b.Title, b.Trigger, b.State.String(),
			b.Why, b.LatencyMS, b.Silent, nil}
		for _, rec := range b.Recordings {
			told.Recordings = append(told.Recordings, toldRecording{rec.Language, rec.Frames, rec.Consumed, rec.State.String(), rec.Why})
		}
		return told
	})
}

type toldVan struct {
	ID           ark.VanID   `json:"id"`
	Here         bool        `json:"here"`
	Admitted     bool        `json:"admitted"`
	LastSeen     int64       `json:"last_seen,omitempty"`
	Backlog      uint64      `json:"backlog"`
	Entries      uint64      `json:"entries"`
	Incarnations int         `json:"incarnations"`
	Quarantined  int         `json:"quarantined"`
	Forks        int         `json:"forks"`
	Gaps         int         `json:"gaps"`
	Health       *toldHealth `json:"health,omitempty"`
	Begun        []toldBegun `json:"begun,omitempty"`      // the newest new incarnations
	Held         []toldHeld  `json:"quarantine,omitempty"` // the newest in quarantine
}

type toldBegun struct {
	Why        string          `json:"why"`
	At         ark.UnixMilli   `json:"at"`
	Trusted    bool            `json:"trusted"`
	Previous   ark.Incarnation `json:"previous"`
	Ended      ark.Seq         `json:"ended"`
	Unreadable int64           `json:"unreadable"` // -1: not known
}

type toldHeld struct {
	Incarnation ark.Incarnation `json:"incarnation"`
	Seq         ark.Seq         `json:"seq"`
	Reason      string          `json:"reason"`
	At          int64           `json:"at"`
}

type toldHealth struct {
	Sound     string        `json:"sound"`
	Device    string        `json:"device,omitempty"`
	Panel     string        `json:"panel"`
	DiskFree  int64         `json:"disk_free"` // bytes
	Release   string        `json:"release"`
	LastSound ark.UnixMilli `json:"last_sound,omitempty"`

	Volume     float64                 `json:"volume_db,omitempty"`
	Full       float64                 `json:"full_db,omitempty"` // the most the van can
	Calibrated bool                    `json:"calibrated,omitempty"`
	Presses    [ark.PressBuckets]int64 `json:"presses"` // counts by press_bounds_ms
	Plan       string                  `json:"plan,omitempty"`
	Place      string                  `json:"place,omitempty"`
	Listening  bool                    `json:"listening,omitempty"`
}

func healthOf(h *ark.Health) *toldHealth {
	if h == nil {
		return nil
	}
	return &toldHealth{h.Sound, h.Device, h.Panel, h.DiskFree, h.Release, h.LastSound, h.Volume.DB(), h.Full.DB(), h.Calibrated, h.Presses,
		h.Plan, h.Place, h.Listening}
}

func (c *Console) tellVans(w http.ResponseWriter, r *http.Request) {
	rows, err := c.c.Views.Vans(r.Context())
	tell(c, w, "vans", rows, err, func(v hub.Van) toldVan {
		told := toldVan{v.ID, v.Here, v.Admitted, milli(v.LastSeen), v.Backlog, v.Entries, v.Incarnations, v.Quarantined, v.Forks, v.Gaps,
			healthOf(v.Health), nil, nil}
		for _, b := range v.Begun {
			told.Begun = append(told.Begun, toldBegun{b.Why, b.At.Wall, b.At.Trusted, b.Previous, b.Ended, b.Unreadable})
		}
		for _, q := range v.Held {
			told.Held = append(told.Held, toldHeld{q.Incarnation, q.Seq, q.Reason, milli(q.At)})
		}
		return told
	})
}

type toldOrder struct {
	Position  hub.Position `json:"position"`
	ID        ark.ID       `json:"id"`
	Van       ark.VanID    `json:"van"`
	Kind      string       `json:"kind"`
	Made      int64        `json:"made"`
	Until     int64        `json:"until"` // not worth doing afterwards
	By        string       `json:"by,omitempty"`
	Held      bool         `json:"held"`            // the van has it
	State     string       `json:"state,omitempty"` // empty: nothing was heard of it yet
	Why       string       `json:"why,omitempty"`
	LatencyMS int64        `json:"latency_ms,omitempty"`
}

func (c *Console) tellOrders(w http.ResponseWriter, r *http.Request) {
	rows, err := c.c.Views.Orders(r.Context(), wanted(r))
	tell(c, w, "orders", rows, err, func(row hub.Order) toldOrder {
		o := c.read(row, catalog{})
		told := toldOrder{o.Position, o.ID, o.Van, o.Kind.String(), milli(o.Made), milli(o.Until), o.By, o.Held, "", o.Why, o.Latency.Milliseconds()}
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
		c.c.Log.Error("the API cannot read", "what", name, "err", err)
		tellError(w, http.StatusServiceUnavailable, "store")
		return
	}
	list := make([]U, len(rows))
	for i, row := range rows {
		list[i] = told(row)
	}
	web.JSON(w, http.StatusOK, map[string]any{name: list})
}

// tellError answers with a stable word.
func tellError(w http.ResponseWriter, status int, word string) {
	web.JSON(w, status, map[string]string{"error": word})
}
