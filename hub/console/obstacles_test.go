package console

import (
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

func TestWhereItWillNotBeHeard(t *testing.T) {
	zone := shanghai(t)
	day, night := time.Date(2026, 11, 25, 9, 0, 0, 0, zone), time.Date(2026, 11, 25, 23, 0, 0, 0, zone)
	u := rule{Zone: zone, At: ark.DefaultNeighbours()}
	ok := &ark.Health{Sound: "ok"}
	held := func(version int64, missing ...ark.Hash) *ark.LibraryState {
		return &ark.LibraryState{Stage: ark.LibraryHeld, Version: version, Held: version, Missing: missing}
	}
	two := hub.Edition{Announcement: ark.Announcement{Recordings: []ark.Recording{{Content: ark.Hash{1}}, {Content: ark.Hash{2}}}}}
	siren := two
	siren.Class = ark.ClassEmergencyUpper
	for _, c := range []struct {
		name string
		van  hub.Van
		e    *hub.Edition
		at   time.Time
		want string
	}{
		{"all well", hub.Van{Here: true, Health: ok, Library: held(7)}, &two, day, ""},
		{"away", hub.Van{Health: ok, Library: held(7)}, nil, day, "away"},
		{"at night", hub.Van{Here: true, Health: ok, Library: held(7)}, &two, night, "quiet!"},
		{"at night, whatever it is", hub.Van{Here: true, Health: ok, Library: held(7)}, nil, night, "quiet!"},
		{"an emergency at night", hub.Van{Here: true, Health: ok, Library: held(7)}, &siren, night, ""},
		{"no loudspeaker", hub.Van{Here: true, Health: &ark.Health{Sound: ark.WhyNoCard}, Library: held(7)}, &two, day, "sound!"},
		{"one language missing", hub.Van{Here: true, Health: ok, Library: held(7, ark.Hash{2}, ark.Hash{9})}, &two, day, "partly"},
		{"all missing", hub.Van{Here: true, Health: ok, Library: held(7, ark.Hash{1}, ark.Hash{2})}, &two, day, "missing!"},
		{"another one missing", hub.Van{Here: true, Health: ok, Library: held(7, ark.Hash{9})}, &two, day, ""},
		{"something missing", hub.Van{Here: true, Health: ok, Library: held(7, ark.Hash{9})}, nil, day, "partly"},
		{"coming", hub.Van{Here: true, Health: ok, Library: &ark.LibraryState{Stage: ark.LibraryComing, Version: 7}}, &two, day, "coming"},
		{"failed", hub.Van{Here: true, Health: ok, Library: &ark.LibraryState{Stage: ark.LibraryFailed, Version: 7, Why: ark.WhyDiskFull}}, &two, day, "old"},
		{"an older one", hub.Van{Here: true, Health: ok, Library: held(6)}, &two, day, "old"},
		{"never told", hub.Van{Here: true, Health: ok}, &two, day, "untold"},
	} {
		var got []string
		for _, o := range obstaclesOf(c.van, u, 7, c.e, c.at) {
			word := o.Word
			if o.Bad {
				word += "!"
			}
			got = append(got, word)
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if o := obstaclesOf(hub.Van{Here: true, Health: ok}, u, 0, nil, day); len(o) != 0 {
		t.Errorf("without a library: %v", o)
	}
}
