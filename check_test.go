package ark

import (
	"errors"
	"strings"
	"testing"
)

func TestBodiesAreJudged(t *testing.T) {
	id := NewID(1, [10]byte{1})
	run := AsRun{Broadcast: id, Announcement: "welcome", State: BroadcastStarted}
	change := func(f func(*AsRun)) AsRun { r := run; f(&r); return r }
	rows := []struct {
		name string
		kind Kind
		body any
		ok   bool
	}{
		{"as-run", KindBroadcast, run, true},
		{"as-run of no broadcast", KindBroadcast, change(func(r *AsRun) { r.Broadcast = ID{} }), false},
		{"state 0", KindBroadcast, change(func(r *AsRun) { r.State = 0 }), false},
		{"state of a later release", KindBroadcast, change(func(r *AsRun) { r.State = 7 }), false},
		{"NUL", KindBroadcast, change(func(r *AsRun) { r.Why = "\x00" }), false},
		{"long", KindBroadcast, change(func(r *AsRun) { r.Title.Zh = strings.Repeat("长", 501) }), false},
		{"long, just", KindBroadcast, change(func(r *AsRun) { r.Title.Zh = strings.Repeat("长", 500) }), true},
		{"recordings", KindBroadcast, change(func(r *AsRun) { r.Recordings = make([]AsRunRecording, 65) }), false},
		{"language", KindBroadcast, change(func(r *AsRun) { r.Recordings = []AsRunRecording{{Language: "\x00"}} }), false},
		{"order state", KindOrderState, OrderState{Order: id, State: BroadcastExpired}, true},
		{"order state of no order", KindOrderState, OrderState{State: BroadcastExpired}, false},
		{"order state 255", KindOrderState, OrderState{Order: id, State: 255}, false},
		{"health", KindHealth, Health{Sound: "ok", Panel: "none"}, true},
		{"health with NUL", KindHealth, Health{Sound: "\x00"}, false},
	}
	for _, row := range rows {
		data, err := EncodeBody(row.kind, row.body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeBody(row.kind, data); (err == nil) != row.ok || (err != nil && !errors.Is(err, ErrGarbage)) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}
