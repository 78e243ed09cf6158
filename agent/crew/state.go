package crew

import (
	"net/http"

	"ark"
	"ark/internal/web"
)

// state is how the van stands, for phones and for technicians. Times are Unix
// milliseconds by the van's clock.
type state struct {
	Van       ark.VanID `json:"van"`
	Connected bool      `json:"connected"`
	Backlog   uint64    `json:"backlog"` // entries that the hub has not confirmed
	HubFault  string    `json:"hub_fault,omitempty"`
	CardFault string    `json:"card_fault,omitempty"`
	Time      int64     `json:"time"`
	Trusted   bool      `json:"trusted"`   // whether that clock can be believed
	Encrypted bool      `json:"encrypted"` // phones have an address under which nobody listens in

	Sound    string `json:"sound"` // "ok", "opening", "silent" or why there is none
	Device   string `json:"device,omitempty"`
	Cards    string `json:"cards,omitempty"` // ids of the sound cards that are there
	Mic      bool   `json:"mic"`
	Listens  bool   `json:"listens"`  // an input hears whether the loudspeaker sounds
	Restarts int    `json:"restarts"` // of the loudspeaker process

	Panel   string   `json:"panel,omitempty"` // what is wrong with the buttons
	Line    string   `json:"line,omitempty"`  // and with which line
	Stuck   []string `json:"stuck,omitempty"`
	Holding string   `json:"holding,omitempty"`

	Playing  ark.ID     `json:"playing,omitzero"`
	Sounding []stateRun `json:"sounding,omitempty"`
	Waiting  []stateRun `json:"waiting,omitempty"`
	Refused  *stateRun  `json:"refused,omitempty"`
	Doubtful int        `json:"doubtful,omitempty"` // orders that wait for a trusted clock

	Volume   stateVolume                 `json:"volume"`
	Quiet    stateQuiet                  `json:"quiet"`
	Plan     statePlan                   `json:"plan"`
	Presses  [ark.PressBuckets]int64     `json:"presses"` // press to first sample, by press_bounds_ms
	Bounds   [ark.PressBuckets - 1]int64 `json:"press_bounds_ms"`
	SelfTest *stateTest                  `json:"self_test,omitempty"`
	Library  stateLibrary                `json:"library"`

	Attachments *stateLoad `json:"attachments,omitempty"`
}

// stateRun is a broadcast under way.
type stateRun struct {
	Broadcast    ark.ID             `json:"broadcast"`
	Announcement ark.AnnouncementID `json:"announcement,omitempty"`
	Title        ark.Text           `json:"title"`
	Class        string             `json:"class"`
	Language     ark.Language       `json:"language,omitempty"`
	LeftMS       int64              `json:"left_ms,omitempty"` // about
	Why          string             `json:"why,omitempty"`
	Trigger      ark.Trigger        `json:"trigger"`
}

// stateVolume is in dB(A) at 3 m.
type stateVolume struct {
	Set        float64 `json:"set_db"`
	Sounds     float64 `json:"sounds_db"`
	Capped     bool    `json:"capped"`
	Full       float64 `json:"full_db"`
	Least      float64 `json:"least_db"`
	Calibrated bool    `json:"calibrated"`
}

type stateQuiet struct {
	Now    bool          `json:"now"`
	Until  ark.UnixMilli `json:"until,omitempty"`
	Blind  bool          `json:"blind"` // the clock is not trusted: nobody knows
	Place  string        `json:"place,omitempty"`
	Places []string      `json:"places,omitempty"`
}

type statePlan struct {
	Version int64              `json:"version"`
	Blocked string             `json:"blocked,omitempty"` // why no start is begun
	Next    ark.AnnouncementID `json:"next,omitempty"`
	At      ark.UnixMilli      `json:"at,omitempty"`
}

type stateTest struct {
	At       ark.UnixMilli `json:"at"`
	Heard    string        `json:"heard"` // "yes", "no" or "unknown"
	Consumed bool          `json:"consumed"`
	Why      string        `json:"why,omitempty"`
}

type stateLibrary struct {
	State   string `json:"state"` // "demo", "coming", "held" or "failed"
	Version int64  `json:"version"`
	Held    int64  `json:"held"`
	Have    int64  `json:"have_bytes"`
	Want    int64  `json:"want_bytes"`
	Why     string `json:"why,omitempty"`
	Missing int    `json:"missing"`
}

func (c *Crew) tellState(w http.ResponseWriter, r *http.Request) {
	f, now := c.frame(""), c.c.Now()
	at := f.Status
	s := state{Van: f.Van, Connected: f.Sync.Up, Backlog: f.Sync.Backlog, HubFault: f.Sync.Fault, CardFault: f.Card,
		Time: int64(now.Wall), Trusted: now.Trusted, Encrypted: c.c.Address() != "", Sound: soundWord(at.Sound), Device: at.Sound.Device, Cards: at.Sound.Cards,
		Mic: at.Sound.Mic, Listens: at.Sound.Listening, Restarts: at.Sound.Restarts, Panel: at.Panel.Fault, Line: at.Panel.Line,
		Holding: string(at.Holding), Doubtful: at.Doubtful, Presses: at.Presses, Bounds: ark.PressBounds,
		Volume: stateVolume{at.Volume.DB(), at.Sounds.DB(), at.Capped, at.Full.DB(), at.Least.DB(), at.Calibrated},
		Quiet:  stateQuiet{at.Quiet, at.QuietUntil, at.QuietBlind, at.Place, at.Places},
		Plan:   statePlan{Version: at.Plan, Blocked: at.PlanBlocked}}
	for _, b := range at.Stuck {
		s.Stuck = append(s.Stuck, string(b))
	}
	if at.Playing != nil {
		s.Playing = at.Playing.Broadcast
	}
	for _, run := range soundingIn(at) {
		s.Sounding = append(s.Sounding, stateOf(run, now.Wall))
	}
	for _, run := range at.Waiting {
		s.Waiting = append(s.Waiting, stateOf(run, now.Wall))
	}
	if at.Refused != nil {
		run := stateOf(*at.Refused, now.Wall)
		s.Refused = &run
	}
	if at.Next != nil {
		s.Plan.Next, s.Plan.At = at.Next.Announcement, at.Next.At
	}
	if t := at.SelfTest; t != nil {
		s.SelfTest = &stateTest{t.At, heardWord(t.Result), t.Consumed, t.Why}
	}
	l := libraryOf(at.Library)
	s.Library = stateLibrary{l.Word, l.Version, l.Held, l.Have, l.Want, l.Why, len(l.Missing)}
	s.Attachments = c.stateLoad(r)
	web.JSON(w, http.StatusOK, s)
}

func stateOf(run ark.AsRun, now ark.UnixMilli) stateRun {
	at := soundingOf(run, now)
	return stateRun{run.Broadcast, run.Announcement, run.Title, run.Class.String(), at.Language, at.Left.Milliseconds(), run.Why, run.Trigger}
}

func heardWord(h ark.Hearing) string {
	switch h {
	case ark.HeardYes:
		return "yes"
	case ark.HeardNo:
		return "no"
	}
	return "unknown"
}
