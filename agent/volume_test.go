package agent

import (
	"testing"
	"time"

	"ark"
)

func TestVolumeOfEachClass(t *testing.T) {
	at := func(cap ark.Level) ark.Neighbours {
		return ark.Neighbours{Caps: []ark.Cap{{Span: ark.Span{From: 0, To: 0}, Most: cap}}}
	}
	rows := []struct {
		button    Button
		rules     ark.Neighbours
		emergency ark.Level
		want      ark.Level
		capped    bool
		exempt    string
	}{
		{"routine", ark.Neighbours{}, 0, 850, false, ""},
		{"scheduled", ark.Neighbours{}, 0, 850, false, ""},
		{"music", ark.Neighbours{}, 0, 790, false, ""},
		{"local", ark.Neighbours{}, 0, 1050, false, ""},
		{"local", ark.Neighbours{}, 950, 950, false, ""},
		{"local", ark.Neighbours{}, 1200, 1050, false, ""}, // more than the van can
		{"test", ark.Neighbours{}, 0, 600, false, ""},
		{"talk", ark.Neighbours{}, 0, 850, false, ""},
		{"routine", at(700), 0, 700, true, ""},
		{"music", at(700), 0, 640, true, ""},
		{"music", at(800), 0, 740, true, ""},
		{"talk", at(700), 0, 700, true, ""},
		{"routine", at(900), 0, 850, false, ""},
		{"local", at(700), 0, 1050, false, "emergency"},
		{"local", at(700), 650, 650, false, ""}, // softer than the cap: nothing stands against it
	}
	for _, row := range rows {
		s := newStage()
		s.Brain.rules.Full, s.Brain.rules.Least, s.volume = 1050, 600, 850
		s.settings.Rules, s.settings.Emergency = row.rules, row.emergency
		s.press(row.button)
		r := s.Status(s.now).Playing
		if r == nil || r.Volume != row.want || r.Capped != row.capped || r.Exempt != row.exempt {
			t.Errorf("%s under %v: %+v", row.button, row.rules, r)
			continue
		}
		if gain := s.top().Gain; gain != float64(row.want-1050)/10 {
			t.Errorf("%s at %v: gain %v dB", row.button, row.want, gain)
		}
	}
}

// A cap that begins, ends, and a button turn what sounds, to the second.
func TestVolumeWhileSomethingSounds(t *testing.T) {
	s := newStage()
	s.Brain.rules.Full, s.Brain.rules.Step, s.volume = 1000, 30, 1000
	s.settings.Rules = ark.Neighbours{Caps: []ark.Cap{{Span: ark.Span{From: 12 * 60, To: 14 * 60}, Most: 700}}}
	s.at(t, "Asia/Shanghai", "2026-11-25 11:59:50")
	s.press("music")
	s.press("routine")
	s.sound(s.top(), 0)
	at, _ := s.Wake(s.now)
	if at != s.now.Mono+10*time.Second {
		t.Errorf("to be woken at %v, want at noon", at-s.now.Mono)
	}
	s.pass(at - s.now.Mono)
	if len(s.turns) != 2 || s.turns[0].Gain != -30 || s.turns[1].Gain != -36 {
		t.Errorf("at noon: %+v", s.turns)
	}
	if st := s.Status(s.now); st.Volume != 1000 || st.Sounds != 700 || !st.Capped {
		t.Errorf("pages: %+v", st)
	}
	s.press("softer")
	if len(s.turns) != 2 {
		t.Errorf("softer than set, but not than the cap: %+v", s.turns)
	}
	s.pass(2 * time.Hour)
	if len(s.turns) != 4 || s.turns[2].Gain != -3 || s.turns[3].Gain != -9 {
		t.Errorf("at two: %+v", s.turns)
	}
	s.press("softer")
	if len(s.turns) != 6 || s.turns[4].Gain != -6 {
		t.Errorf("softer: %+v", s.turns)
	}
	s.sound(s.top(), 9)
	s.fade()
	if r := s.said(t, "routine"); !r.Capped || r.Volume != 940 {
		t.Errorf("%+v", r)
	}
}

// What the crew sets is kept, once a second at most, and stays in bounds.
func TestVolumeIsKept(t *testing.T) {
	s := newStage()
	s.Brain.rules.Full, s.Brain.rules.Least, s.Brain.rules.Step, s.volume = 1000, 700, 30, 900
	for range 50 {
		s.press("louder")
	}
	if len(s.kept) != 0 {
		t.Error("kept at each press")
	}
	s.pass(time.Second)
	if s.volume != 1000 || string(s.kept[keyVolume]) != "1000" {
		t.Errorf("%v, kept %q", s.volume, s.kept)
	}
	for range 50 {
		s.press("softer")
	}
	s.pass(time.Second)
	again := NewBrain(s.Brain.rules)
	again.Handle(s.now, Resumed{Kept: s.kept})
	if again.volume != 700 {
		t.Errorf("after a restart %v, want the least", again.volume)
	}
	again.Handle(s.now, Resumed{Kept: map[string][]byte{keyVolume: []byte("99999")}})
	if again.volume != 1000 {
		t.Errorf("a kept volume beyond what the van can: %v", again.volume)
	}
}
