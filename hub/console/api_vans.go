package console

import (
	"net/http"

	"ark"
	"ark/hub"
)

type toldVan struct {
	ID           ark.VanID     `json:"id"`
	Here         bool          `json:"here"`
	Admitted     bool          `json:"admitted"`
	LastSeen     int64         `json:"last_seen,omitempty"`
	Backlog      uint64        `json:"backlog"`
	Entries      uint64        `json:"entries"`
	Incarnations int           `json:"incarnations"`
	Quarantined  int           `json:"quarantined"`
	Forks        int           `json:"forks"`
	Gaps         int           `json:"gaps"`
	Health       *toldHealth   `json:"health,omitempty"`
	Library      *toldLibrary  `json:"library,omitempty"`
	SelfTest     *toldSelfTest `json:"self_test,omitempty"`
	Begun        []toldBegun   `json:"begun,omitempty"`      // the newest new incarnations
	Held         []toldHeld    `json:"quarantine,omitempty"` // the newest in quarantine
}

type toldBegun struct {
	Why        string        `json:"why"`
	At         ark.UnixMilli `json:"at"`
	Trusted    bool          `json:"trusted"`
	Previous   string        `json:"previous"`
	Ended      ark.Seq       `json:"ended"`
	Unreadable int64         `json:"unreadable"` // -1: not known
}

type toldHeld struct {
	Incarnation string  `json:"incarnation"`
	Seq         ark.Seq `json:"seq"`
	Reason      string  `json:"reason"`
	At          int64   `json:"at"`
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
	Presses    [ark.PressBuckets]int64 `json:"presses"` // counts by the upper bounds 5, 10, 15, 20, 25, 30, 40, 60, 100, 200, 500 ms, and above
	Plan       string                  `json:"plan,omitempty"`
	Place      string                  `json:"place,omitempty"`
	Listening  bool                    `json:"listening,omitempty"`
	PagesUntil ark.UnixMilli           `json:"pages_until,omitempty"` // when the certificate for phones ends
}

type toldLibrary struct {
	Version int64      `json:"version"` // wanted, or held
	Stage   string     `json:"stage"`   // "coming", "held", "failed"
	Why     string     `json:"why,omitempty"`
	Have    int64      `json:"have,omitempty"` // bytes
	Want    int64      `json:"want,omitempty"`
	Held    int64      `json:"held,omitempty"` // version in use
	Missing []ark.Hash `json:"missing,omitempty"`
}

type toldSelfTest struct {
	At       ark.UnixMilli `json:"at"`
	Passed   bool          `json:"passed"`
	Consumed bool          `json:"consumed"`
	Heard    *bool         `json:"heard,omitempty"` // absent: nothing listens
	Why      string        `json:"why,omitempty"`
	Volume   float64       `json:"volume_db,omitempty"`
	Device   string        `json:"device,omitempty"`
}

// stages are the words for how far a van has a library.
var stages = map[ark.LibraryStage]string{ark.LibraryComing: "coming", ark.LibraryHeld: "held", ark.LibraryFailed: "failed"}

func (c *Console) tellVans(w http.ResponseWriter, r *http.Request) {
	rows, err := desk(r.Context()).Vans(r.Context())
	tell(c, w, "vans", rows, err, tellVan)
}

func tellVan(v hub.Van) toldVan {
	told := toldVan{v.ID, v.Here, v.Admitted, milli(v.LastSeen), v.Backlog, v.Entries, v.Incarnations, v.Quarantined, v.Forks, v.Gaps,
		healthOf(v.Health), nil, nil, nil, nil}
	if s := v.Library; s != nil {
		told.Library = &toldLibrary{s.Version, stages[s.Stage], s.Why, s.Have, s.Want, s.Held, s.Missing}
	}
	if s := v.SelfTest; s != nil {
		told.SelfTest = &toldSelfTest{s.At, !testFailed(*s), s.Consumed, hearing(s.Result), s.Why, s.Volume.DB(), s.Device}
	}
	for _, b := range v.Begun {
		told.Begun = append(told.Begun, toldBegun{b.Why, b.At.Wall, b.At.Trusted, b.Previous.String(), b.Ended, b.Unreadable})
	}
	for _, q := range v.Held {
		told.Held = append(told.Held, toldHeld{q.Incarnation.String(), q.Seq, q.Reason, milli(q.At)})
	}
	return told
}

func healthOf(h *ark.Health) *toldHealth {
	if h == nil {
		return nil
	}
	return &toldHealth{h.Sound, h.Device, h.Panel, h.DiskFree, h.Release, h.LastSound, h.Volume.DB(), h.Full.DB(), h.Calibrated, h.Presses,
		h.Plan, h.Place, h.Listening, h.PagesUntil}
}
