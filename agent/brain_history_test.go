package agent

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ark"
)

// Whatever happens in whatever order: the loudspeaker has one program and one
// bed at most, the highest rank sounds, each broadcast ends exactly once, the
// records hold together, memory is bounded, and in quiet hours nothing sounds
// but what is exempt.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory()
		t.Repeat(map[string]func(*rapid.T){
			"press":    h.press,
			"panel":    h.panel,
			"order":    h.order,
			"standing": h.standing,
			"time":     h.time,
			"jump":     h.jump,
			"sound":    h.sound,
			"fade":     func(*rapid.T) { h.fade() },
			"rubbish":  h.rubbish,
			"":         func(t *rapid.T) { h.check(t) },
		})
		h.end(t)
	})
}

// history is a stage on which anything happens.
type history struct {
	*stage
	orders byte
}

func newHistory() *history {
	h := &history{stage: newStage()}
	h.settings.TestDay, h.settings.TestAt = 2, 12*60
	h.rules.Buttons["held"] = Meaning{Announcement: "local", Hold: true}
	h.rules.Buttons["restarts"] = Meaning{Announcement: "routine", Again: AgainRestart}
	h.rules.Buttons["stops"] = Meaning{Announcement: "music", Again: AgainStop}
	a := h.shelf["routine2"]
	a.Chime, a.Repeats, a.RestMillis, a.MaxSeconds = true, 20, 2000, 60
	h.shelf["routine2"] = a
	a = h.shelf["music2"]
	a.Repeats = ark.RepeatForever
	h.shelf["music2"] = a
	h.Brain.rules.Missing = func(c ark.Hash) string {
		if c == h.shelf["scheduled2"].Recordings[0].Content {
			return ark.WhyMissing
		}
		return ""
	}
	return h
}

func (h *history) press(t *rapid.T) {
	var all []Button
	for _, k := range kinds {
		all = append(all, Button(k), Button(k+"2"))
	}
	all = append(all, "held", "restarts", "stops", "stop", "louder", "softer", "2", "x")
	h.do(Pressed{Button: rapid.SampledFrom(all).Draw(t, "button"), At: h.now.Mono, Long: rapid.Bool().Draw(t, "long")})
}

func (h *history) panel(t *rapid.T) {
	button := rapid.SampledFrom([]Button{"talk", "talk2", "held", "routine"}).Draw(t, "button")
	events := []Event{Released{Button: button}, Stuck{Button: button, Stuck: true}, Stuck{Button: button},
		PlaceChosen{rapid.SampledFrom([]string{"", "quiet"}).Draw(t, "place")}, CardChanged{Out: true}, CardChanged{},
		SoundChanged{SoundState{Device: "test", Mic: true, Listening: true}}, SoundChanged{SoundState{Device: "silent", Silent: true}}}
	h.do(rapid.SampledFrom(events).Draw(t, "event"))
}

func (h *history) order(t *rapid.T) {
	h.orders++
	notAfter := h.now.Wall + ark.UnixMilli(rapid.IntRange(-5000, 60_000).Draw(t, "not after"))
	id := ark.AnnouncementID(rapid.SampledFrom([]string{"upper", "local", "scheduled2", "routine2", "music2", "unheld"}).Draw(t, "id"))
	bodies := []any{ark.PlayNow{Announcement: id, NotAfter: notAfter}, ark.PlayNow{Announcement: id}, ark.Stop{NotAfter: notAfter}}
	h.stage.order(h.orders, rapid.SampledFrom(bodies).Draw(t, "body"))
}

func (h *history) standing(t *rapid.T) {
	h.orders++
	night := ark.Neighbours{Quiet: []ark.Span{{From: 22 * 60, To: 6 * 60}}, Caps: []ark.Cap{{Span: ark.Span{From: 12 * 60, To: 14 * 60}, Most: 700}}}
	set := ark.Settings{Zone: "Asia/Shanghai", Rules: night, Places: []ark.PlaceRules{{Name: "quiet", Neighbours: ark.Neighbours{Quiet: []ark.Span{{}}}}},
		Classes: []ark.ClassRule{{Class: ark.ClassRoutine, AfterCut: ark.AfterCut(rapid.IntRange(0, 3).Draw(t, "after"))}}, TestDay: 2, TestAt: 700}
	clock := h.now.Wall.Time().In(h.zone)
	soon := (clock.Hour()*3600 + clock.Minute()*60 + clock.Second() + rapid.IntRange(0, 60).Draw(t, "in")) % 86400
	plan := ark.Plan{Version: 1, Zone: "Asia/Shanghai", Items: []ark.PlanItem{{ID: ark.ID{1}, Announcement: "scheduled", Weekdays: everyDay, At: soon, Grace: 30},
		{ID: ark.ID{2}, Announcement: "music2", Weekdays: everyDay, At: soon}, {ID: ark.ID{3}, Announcement: "unheld", Weekdays: everyDay, At: soon}}}
	library := ark.Library{Version: 2, Manifest: ark.Hash{2}, Size: 1}
	h.stage.order(h.orders, rapid.SampledFrom([]any{set, plan, library}).Draw(t, "body"))
	stage := ark.LibraryStage(rapid.IntRange(1, 3).Draw(t, "stage"))
	h.do(LibraryChanged{ark.LibraryState{Version: 2, Manifest: ark.Hash{2}, Stage: stage}})
}

func (h *history) time(t *rapid.T) {
	h.pass(time.Duration(rapid.SampledFrom([]int{5, 1000, 1000, 60_000, 3_600_000}).Draw(t, "ms")) * time.Millisecond)
}

func (h *history) jump(t *rapid.T) {
	h.now.Wall += ark.UnixMilli(rapid.SampledFrom([]int{0, 3_600_000, -3_600_000, 12 * 3_600_000, -12 * 3_600_000}).Draw(t, "by"))
	h.now.Trusted = rapid.IntRange(0, 3).Draw(t, "trusted") > 0
	h.do(Tick{})
}

// sound is a loudspeaker that goes on, or fails.
func (h *history) sound(t *rapid.T) {
	if len(h.open) == 0 {
		return
	}
	p := h.open[rapid.IntRange(0, len(h.open)-1).Draw(t, "program")]
	switch rapid.IntRange(0, 7).Draw(t, "fate") {
	case 0:
		h.stage.end(p.Broadcast, rapid.SampledFrom([]string{ark.WhyStalled, ark.WhyDeviceLost, ark.WhyMissing, ark.WhyDamaged}).Draw(t, "why"))
	case 1:
		h.do(Heard{Broadcast: p.Broadcast, Result: ark.HeardYes})
	default:
		h.stage.sound(p, rapid.IntRange(0, 3).Draw(t, "segments"))
	}
}

// rubbish is what no loudspeaker should say.
func (h *history) rubbish(t *rapid.T) {
	id, segment := ark.ID{250}, rapid.IntRange(-1, 200).Draw(t, "segment")
	if len(h.open) > 0 && rapid.Bool().Draw(t, "of a program") {
		id = h.open[0].Broadcast
		segment = len(h.open[0].Segments) + max(segment, 1)
	}
	h.do(SegmentStarted{Broadcast: id, Segment: segment, At: h.now.Mono})
	h.do(SegmentEnded{Broadcast: id, Segment: segment, Frames: 10, Consumed: 90})
	if id == (ark.ID{250}) {
		h.do(ProgramEnded{Broadcast: id})
	}
}

func (h *history) check(t *rapid.T) {
	h.checkLoudspeaker(t)
	if len(h.waiting) > 7*mostQueued || len(h.runs) > len(h.waiting)+len(h.open) || len(h.doubtful)+len(h.hoping) > 2*mostDoubtful {
		t.Fatalf("%d wait, %d under way, %d open", len(h.waiting), len(h.runs), len(h.open))
	}
	for _, w := range h.waiting {
		if h.front != nil && !w.bed() && w.rank > h.front.rank || h.front == nil && !w.bed() {
			t.Fatalf("%s of rank %d waits while the loudspeaker has %+v", w.Announcement, w.rank, h.front)
		}
	}
	if lit := h.Status(h.now).Lamps[LampPlaying]; lit != (h.front != nil || h.bed != nil) {
		t.Fatalf("playing lamp %v", lit)
	}
	ends := map[ark.ID]bool{}
	for _, r := range h.records {
		if err := r.Check(); err != nil || ends[r.Broadcast] {
			t.Fatalf("record %+v: %v; ended before: %v", r, err, ends[r.Broadcast])
		}
		ends[r.Broadcast] = r.State.Ended()
		for _, rec := range r.Recordings {
			if rec.Consumed > rec.Frames || r.State == ark.BroadcastFinished && rec.State != ark.BroadcastFinished && rec.Why != ark.WhyMissing && rec.Why != ark.WhyDamaged {
				t.Fatalf("record %+v", r)
			}
		}
	}
}

func (h *history) checkLoudspeaker(t *rapid.T) {
	speech, beds := 0, 0
	open := map[ark.ID]bool{}
	for _, p := range h.open {
		if open[p.Broadcast] {
			t.Fatal("a broadcast sounds twice at once")
		}
		open[p.Broadcast] = true
		r := h.runs[p.Broadcast]
		if r == nil || !r.sounding {
			t.Fatalf("the loudspeaker has what is not under way: %+v", p)
		}
		switch {
		case p.why != "":
			continue
		case h.quietAt(h.now) && !r.exempt():
			t.Fatalf("%s sounds in quiet hours", r.Announcement)
		case p.Bed:
			beds++
		default:
			speech++
		}
		if p.Bed && h.front != nil && h.front.rank >= ark.RankEmergencyLocal {
			t.Fatal("music beneath an emergency")
		}
		if p.Gain > 0 {
			t.Fatalf("a gain of %v dB", p.Gain)
		}
	}
	if speech > 1 || beds > 1 {
		t.Fatalf("%d programs and %d beds sound at once", speech, beds)
	}
}

// end lets a person stop all: every broadcast that was told of has ended.
func (h *history) end(t *rapid.T) {
	h.do(Pressed{Button: "stop", At: h.now.Mono})
	h.fade()
	h.check(t)
	if len(h.runs)+len(h.waiting)+len(h.open) > 0 {
		t.Fatalf("after a stop %d under way, %d wait, %d open", len(h.runs), len(h.waiting), len(h.open))
	}
	last := map[ark.ID]bool{}
	for _, p := range h.played {
		last[p.Broadcast] = false
	}
	for _, r := range h.records {
		last[r.Broadcast] = r.State.Ended()
	}
	for id, ended := range last {
		if !ended {
			t.Fatalf("broadcast %s never ended", id)
		}
	}
}
