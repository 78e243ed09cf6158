package agent

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ark"
)

func edit(s *stage, id ark.AnnouncementID, f func(*ark.Announcement)) {
	a := s.shelf[id]
	f(&a)
	s.shelf[id] = a
}

func TestRepeatsWithChimeGapAndRest(t *testing.T) {
	s := newStage()
	edit(s, "routine", func(a *ark.Announcement) { a.Chime, a.GapMillis, a.Repeats, a.RestMillis = true, 500, 1, 7000 })
	s.press("routine")
	zh, en := s.shelf["routine"].Recordings[0], s.shelf["routine"].Recordings[1]
	gap, rest := 500*time.Millisecond, 7*time.Second
	want := []Segment{{Sound: SoundChime, Gap: gap}, {Language: "zh", Content: zh.Content, Frames: zh.Frames, Gap: gap}, {Language: "en", Content: en.Content, Frames: en.Frames, Gap: rest},
		{Sound: SoundChime, Gap: gap}, {Language: "zh", Content: zh.Content, Frames: zh.Frames, Gap: gap}, {Language: "en", Content: en.Content, Frames: en.Frames}}
	if diff := cmp.Diff(want, s.top().Segments); diff != "" {
		t.Errorf("the program (-want +got):\n%s", diff)
	}
	s.finish(1)
	end := s.said(t, "routine")
	var rounds []int
	for _, r := range end.Recordings {
		rounds = append(rounds, r.Round)
		if r.State != ark.BroadcastFinished || r.StartedAt == 0 || r.EndedAt < r.StartedAt {
			t.Errorf("row %+v", r)
		}
	}
	if end.State != ark.BroadcastFinished || !slices.Equal(rounds, []int{0, 0, 1, 1}) {
		t.Errorf("%v with rounds %v", end.State, rounds)
	}
}

// However often an announcement is repeated, a record names at most 64
// recordings and tells of the rest in sums.
func TestManyRepeatsAreSummed(t *testing.T) {
	s := newStage()
	edit(s, "routine", func(a *ark.Announcement) {
		a.Repeats, a.RestMillis = ark.MaxRepeats, 1000
		for _, l := range []ark.Language{"a1", "b1", "c1", "d1", "e1", "f1"} {
			a.Recordings = append(a.Recordings, ark.Recording{Language: l + "x", Content: ark.HashOf([]byte(l)), Frames: 100})
		}
	})
	s.press("routine")
	if n := len(s.top().Segments); n != 64 {
		t.Errorf("the first program has %d segments", n)
	}
	s.fade()
	s.finish(3)
	end := s.said(t, "routine")
	a := s.shelf["routine"]
	frames := int64(0)
	for _, r := range a.Recordings {
		frames += r.Frames
	}
	total := end.Summed
	for _, r := range end.Recordings {
		total += r.Consumed
	}
	if end.State != ark.BroadcastFinished || end.Rounds != 16 || len(end.Recordings) != 5*8 || total != 21*frames || end.Check() != nil {
		t.Errorf("%v, %d rounds before, %d rows, %d frames of %d", end.State, end.Rounds, len(end.Recordings), total, 21*frames)
	}
	if s.played[1].Lead != time.Second {
		t.Errorf("before the next piece %v of silence, want the rest", s.played[1].Lead)
	}
}

func TestMusicGoesRoundUntilItIsStopped(t *testing.T) {
	s := newStage()
	edit(s, "music", func(a *ark.Announcement) { a.Repeats = ark.RepeatForever })
	s.press("music")
	s.finish(3)
	if n := len(s.top().Segments); len(s.played) != 4 || !s.top().Bed || n != 64 {
		t.Fatalf("%d programs, the last of %d segments; want 4 of 32 rounds each, so that most joins are exact", len(s.played), n)
	}
	if n := len(s.records); n != 1 || len(s.records[0].Recordings) != 2 {
		t.Errorf("%d records of music that only goes on, the first of %d recordings; want 1 of 2", n, len(s.records[0].Recordings))
	}
	s.sound(s.top(), 3)
	s.press("stop")
	s.fade()
	end := s.said(t, "music")
	if end.State != ark.BroadcastCut || end.Why != ark.WhyStopped || end.Rounds != 3*32 || end.Summed != 3*32*5*ark.SampleRate {
		t.Errorf("%+v", end)
	}
	var told []string
	for _, r := range end.Recordings {
		told = append(told, fmt.Sprint(r.Round, " ", r.Language, " ", r.State))
	}
	if diff := cmp.Diff([]string{"96 zh finished", "96 en finished", "97 zh finished", "97 en cut"}, told); diff != "" {
		t.Errorf("of the rounds that began (-want +got):\n%s", diff)
	}
}

// The longest total length ends a broadcast, in a recording too, and no round
// is begun that would begin after it.
func TestTheLongestTotalLength(t *testing.T) {
	s := newStage()
	edit(s, "routine", func(a *ark.Announcement) { a.Repeats, a.RestMillis, a.MaxSeconds = 20, 5000, 13 })
	s.press("routine") // rounds at 0 and 10 s
	if n := len(s.top().Segments); n != 4 {
		t.Fatalf("%d segments, want two rounds", n)
	}
	s.sound(s.top(), 2)
	s.now.Mono += 5 * time.Second // the rest
	s.sound(s.top(), 1)
	if at, ok := s.Wake(s.now); !ok || at != s.now.Mono+time.Second {
		t.Errorf("to be woken at %v, %v; want in a second of %v", at, ok, s.now.Mono)
	}
	s.pass(time.Second)
	s.fade()
	if end := s.said(t, "routine"); end.State != ark.BroadcastCut || end.Why != ark.WhyTooLong || end.Recordings[3].Why != ark.WhyTooLong {
		t.Errorf("%+v", end)
	}
	if s.front != nil || len(s.waiting) > 0 {
		t.Error("it goes on")
	}
}

func TestMissingRecordings(t *testing.T) {
	rows := []struct {
		name    string
		id      ark.AnnouncementID
		missing []string // by what the library knows
		damaged []string // when they are to sound
		want    string   // what is sounded
		end     string
		tone    bool
	}{
		{"none", "routine", nil, nil, "zh en", "started, finished", false},
		{"one is not there", "routine", []string{"zh"}, nil, "en", "started, finished missing", false},
		{"one is damaged", "routine", nil, []string{"en"}, "zh en", "started, finished damaged", false},
		{"none is there", "routine", []string{"zh", "en"}, nil, "tone", "started, failed no-recording", true},
		{"all are damaged", "routine", nil, []string{"zh", "en"}, "tone", "started, failed no-recording", true},
		{"an announcement that is not held", "unheld", nil, nil, "tone", "started, failed missing", true},
		{"music needs no tone", "music", []string{"zh", "en"}, nil, "", "failed no-recording", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := newStage()
			s.rules.Buttons["unheld"] = Meaning{Announcement: "unheld"}
			s.Brain.rules.Missing = func(h ark.Hash) string {
				for _, l := range row.missing {
					if h == ark.HashOf([]byte(string(row.id)+l)) {
						return ark.WhyMissing
					}
				}
				return ""
			}
			s.press(Button(row.id))
			if len(row.damaged) > 0 {
				soundDamaged(s, row.damaged)
			}
			last := Program{}
			if len(s.played) > 0 {
				last = s.played[len(s.played)-1]
			}
			if got := languages(last); got != row.want {
				t.Errorf("sounds %q, want %q", got, row.want)
			}
			s.finish(3)
			if got := s.history(row.id); got != row.end {
				t.Errorf("records %q, want %q", got, row.end)
			}
			if got := s.said(t, row.id); got.Tone != row.tone {
				t.Errorf("tone %v, want %v", got.Tone, row.tone)
			}
		})
	}
}

// soundDamaged is a loudspeaker that finds recordings damaged.
func soundDamaged(s *stage, languages []string) {
	p := s.open[0]
	for i, g := range p.Segments {
		if slices.Contains(languages, string(g.Language)) {
			s.do(SegmentEnded{Broadcast: p.Broadcast, Segment: i, Frames: g.Frames, Why: ark.WhyDamaged})
			continue
		}
		s.do(SegmentStarted{Broadcast: p.Broadcast, Segment: i, At: s.now.Mono})
		s.do(SegmentEnded{Broadcast: p.Broadcast, Segment: i, Frames: g.Frames, Consumed: g.Frames})
	}
	s.open = s.open[1:]
	s.do(ProgramEnded{Broadcast: p.Broadcast})
}

// Where a broadcast goes on, and whether its chime comes again.
func TestWhereItGoesOn(t *testing.T) {
	rows := []struct {
		heard int // segments before the one that is cut: chime zh en chime zh en
		want  string
	}{
		{0, "chime zh en chime zh en"}, {1, "zh en chime zh en"}, {2, "en chime zh en"}, {3, "chime zh en"}, {4, "zh en"}, {5, "en"},
	}
	for _, row := range rows {
		s := newStage()
		edit(s, "scheduled", func(a *ark.Announcement) { a.Chime, a.Repeats = true, 1 })
		s.press("scheduled")
		s.sound(s.top(), row.heard)
		s.press("local")
		s.fade()
		s.finish(1)
		if got := languages(s.top().Program); got != row.want {
			t.Errorf("cut after %d segments: %q, want %q", row.heard, got, row.want)
		}
		s.finish(1)
		end := s.said(t, "scheduled")
		for _, r := range end.Recordings {
			if r.Consumed != r.Frames {
				t.Errorf("cut after %d segments: at the end %+v", row.heard, end.Recordings)
			}
		}
	}
}

func TestDates(t *testing.T) {
	for name, row := range map[string]struct {
		from, until time.Duration // from now; 0: not set
		trusted     bool
		want        string
	}{
		"no dates":           {0, 0, true, ""},
		"in them":            {-time.Hour, time.Hour, true, ""},
		"before":             {time.Hour, 2 * time.Hour, true, "failed not-valid"},
		"after":              {-2 * time.Hour, -time.Hour, true, "failed not-valid"},
		"a clock of nobody":  {time.Hour, 2 * time.Hour, false, ""},
		"at the last moment": {-time.Hour, time.Millisecond, true, ""},
		"and then no more":   {-time.Hour, 0, true, ""},
	} {
		s := newStage()
		edit(s, "routine", func(a *ark.Announcement) {
			if row.from != 0 {
				a.ValidFrom = s.now.Wall + ark.UnixMilli(row.from/time.Millisecond)
			}
			if row.until != 0 {
				a.ValidUntil = s.now.Wall + ark.UnixMilli(row.until/time.Millisecond)
			}
		})
		s.now.Trusted = row.trusted
		s.press("routine")
		if got := s.history("routine"); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

// An amplifier that sleeps is woken by silence; one that is awake is not made
// to wait.
func TestLead(t *testing.T) {
	s := newStage()
	s.Brain.rules.Lead = 300 * time.Millisecond
	s.press("routine")
	s.finish(1)
	s.press("routine")
	s.finish(1)
	s.pass(leadAfter)
	s.press("routine")
	var got []time.Duration
	for _, p := range s.played {
		got = append(got, p.Lead/time.Millisecond)
	}
	if !slices.Equal(got, []time.Duration{300, 0, 300}) {
		t.Errorf("leads of %v ms", got)
	}
}
