package console

import (
	"net/http"

	"ark"
	"ark/hub"
)

type toldBroadcast struct {
	Position     hub.Position       `json:"position"`
	ID           ark.ID             `json:"id"`
	Van          ark.VanID          `json:"van"`
	At           ark.UnixMilli      `json:"at"`
	Trusted      bool               `json:"trusted"`
	Announcement ark.AnnouncementID `json:"announcement"`
	Version      int                `json:"version,omitempty"`
	Title        ark.Text           `json:"title"`
	Class        string             `json:"class"`
	Trigger      ark.Trigger        `json:"trigger"`
	State        string             `json:"state"`
	Why          string             `json:"why,omitempty"`
	Requested    ark.UnixMilli      `json:"requested,omitempty"`
	Started      ark.UnixMilli      `json:"started,omitempty"`
	Ended        ark.UnixMilli      `json:"ended,omitempty"`
	LatencyMS    int64              `json:"latency_ms,omitempty"`
	Volume       float64            `json:"volume_db,omitempty"`
	Capped       bool               `json:"capped,omitempty"` // volume was lowered by a cap
	Exempt       string             `json:"exempt,omitempty"` // why it sounded although quiet hours or a cap stood against it
	ExemptBy     string             `json:"exempt_by,omitempty"`
	Heard        *bool              `json:"heard,omitempty"`  // absent: nothing listens
	Silent       bool               `json:"silent,omitempty"` // there was no sound device
	Tone         bool               `json:"tone,omitempty"`   // the built-in tone sounded instead
	Cuts         int                `json:"cuts,omitempty"`   // how often it was interrupted and went on
	Rounds       int                `json:"rounds,omitempty"` // rounds before those of recordings
	Summed       int64              `json:"summed,omitempty"` // frames that the device consumed in those; of live voice, all of them
	Alike        int                `json:"alike,omitempty"`  // presses refused for the same reason since the record before, and not recorded
	Recordings   []toldRecording    `json:"recordings,omitempty"`
}

type toldRecording struct {
	Language ark.Language  `json:"language"`
	Content  ark.Hash      `json:"content"`
	Round    int           `json:"round,omitempty"` // 0: the first time
	Frames   int64         `json:"frames"`
	Consumed int64         `json:"consumed"`
	State    string        `json:"state"`
	Why      string        `json:"why,omitempty"`
	Started  ark.UnixMilli `json:"started,omitempty"`
	Ended    ark.UnixMilli `json:"ended,omitempty"`
	Loudness float64       `json:"loudness_lufs,omitempty"`
}

func (c *Console) tellBroadcasts(w http.ResponseWriter, r *http.Request) {
	rows, err := desk(r.Context()).Broadcasts(r.Context(), wanted(r))
	tell(c, w, "broadcasts", rows, err, tellBroadcast)
}

func tellBroadcast(b hub.Broadcast) toldBroadcast {
	told := toldBroadcast{b.Position, b.Broadcast, b.Van, b.At.Wall, b.At.Trusted, b.Announcement, b.Version, b.Title, b.Class.String(), b.Trigger,
		b.State.String(), b.Why, ark.Milli(askedAt(b)), b.StartedAt, b.EndedAt, b.LatencyMS, b.Volume.DB(), b.Capped, b.Exempt, b.ExemptBy,
		hearing(b.Heard), b.Silent, b.Tone, b.Cuts, b.Rounds, b.Summed, b.Alike, nil}
	for _, rec := range b.Recordings {
		told.Recordings = append(told.Recordings, toldRecording{rec.Language, rec.Content, rec.Round, rec.Frames, rec.Consumed, rec.State.String(),
			rec.Why, rec.StartedAt, rec.EndedAt, float64(rec.Loudness) / 100})
	}
	return told
}

// hearing is what a listening input says; nil: nothing listens.
func hearing(h ark.Hearing) *bool {
	if h == ark.HeardUnknown {
		return nil
	}
	yes := h == ark.HeardYes
	return &yes
}
