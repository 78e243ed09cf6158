package e2e

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"ark"
	"ark/firmware-config/demo"
	"ark/hub"
	"ark/internal/hearing"
	"ark/internal/pi"
)

// TestPiBroadcasting is the rules of broadcasting on an emulated Raspberry Pi,
// judged by the WAV file of its sound card: an emergency cuts a routine
// announcement, which goes on afterwards from the recording that was cut, and
// a cap turns the loudspeaker down.
func TestPiBroadcasting(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	b := bootVan(t, ctx)
	b.boot(t, "true")
	rules := ark.Settings{Version: 1, Zone: "Asia/Shanghai", Classes: []ark.ClassRule{{Class: ark.ClassRoutine, AfterCut: ark.AfterCutResume}}}
	b.settings(t, rules)
	b.lamps(t, "1 0 0")

	routine, emergency := b.cut(t)
	rules.Version++
	rules.Rules.Caps = []ark.Cap{{Span: ark.Span{}, Most: routine.Volume - 120}} // 12 dB softer, all day
	b.settings(t, rules)
	capped := b.sound(t, func() ark.Trigger { b.do(t, "press 27 200"); return ark.Trigger{Button: "2", Line: "GPIO27"} })
	if !capped.Capped || capped.Volume != routine.Volume-120 {
		t.Errorf("as-run under a cap: volume %v, capped %v; want %v, true", capped.Volume, capped.Capped, routine.Volume-120)
	}
	b.do(t, "usleep 1000000") // the card's own buffer plays out
	if err := b.Quit(ctx); err != nil {
		t.Fatal(err)
	}
	heard, err := pi.Heard(b.conf.WAV)
	if err != nil {
		t.Fatal(err)
	}
	judgeCut(t, lastTry(heard, spokenBy(t)[emergency.Recordings[2].Content]), routine.AsRun, emergency.AsRun)
	judgeCap(t, heard, routine.AsRun, capped.AsRun)
}

// settings orders settings and waits until the van has them.
func (b *bench) settings(t *testing.T, s ark.Settings) {
	t.Helper()
	ids, err := b.hub.Ingest.Order(b.ctx, []ark.VanID{"pi-1"}, ark.KindSettings, s)
	if err != nil {
		t.Fatal(err)
	}
	b.await(t, "the settings on the van", func() bool {
		all, err := b.hub.Store.Orders(b.ctx, hub.Everything, hub.Page{Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(all, func(o hub.Order) bool { return o.ID == ids[0] && o.State == ark.BroadcastFinished })
	})
}

// cut lets an emergency come while button 1's announcement is in its second
// recording, and waits for both to end.
func (b *bench) cut(t *testing.T) (routine, emergency hub.Broadcast) {
	t.Helper()
	for try := 1; ; try++ {
		b.do(t, "press 17 200")
		b.lamps(t, "0 1 0")
		first := time.Duration(sounding(t, "welcome").Recordings[0].Frames) * time.Second / ark.SampleRate
		b.do(t, fmt.Sprintf("usleep %d", (first+3*time.Second).Microseconds())) // the chime, the first recording and some of the second
		ids, err := b.hub.Ingest.Order(b.ctx, []ark.VanID{"pi-1"}, ark.KindPlayNow,
			ark.PlayNow{Announcement: "emergency", NotAfter: ark.Milli(time.Now().Add(time.Hour)), By: "office", Why: "drill"})
		if err != nil {
			t.Fatal(err)
		}
		emergency = b.ended(t, ark.Trigger{Order: ids[0], By: "office"})
		routine = b.ended(t, ark.Trigger{Button: "1", Line: "GPIO17"})
		stood, late := emergency.Why == ark.WhyStalled || routine.Why == ark.WhyStalled, routine.State == ark.BroadcastFinished && routine.Cuts == 0
		if !stood && !late || try == 3 {
			break
		}
		t.Logf("on a machine this busy the emulated sound card stood still (%v), or the order came too late (%v); again", stood, late)
		b.lamps(t, "1 0 0")
	}
	wholly(t, emergency)
	if routine.State != ark.BroadcastFinished || routine.Cuts != 1 {
		t.Fatalf("as-run of what was cut and went on: %+v; want finished after one cut", routine.AsRun)
	}
	if emergency.StartedAt == 0 || emergency.LatencyMS <= 0 {
		t.Errorf("as-run of the emergency: %+v; want when it started, and how long after the order", emergency.AsRun)
	}
	t.Logf("order to first sample of the emergency: %d ms (emulated)", emergency.LatencyMS)
	return routine, emergency
}

// sounding is a demonstration announcement.
func sounding(t *testing.T, id ark.AnnouncementID) ark.Announcement {
	t.Helper()
	list, _, err := demo.Announcements(ark.EncodeWAV)
	if err != nil {
		t.Fatal(err)
	}
	return list[slices.IndexFunc(list, func(a ark.Announcement) bool { return a.ID == id })]
}

// spokenBy is the samples of each demonstration recording.
func spokenBy(t *testing.T) map[ark.Hash][]int16 {
	t.Helper()
	spoken := map[ark.Hash][]int16{}
	_, _, err := demo.Announcements(func(s []int16) []byte {
		file := ark.EncodeWAV(s)
		spoken[ark.HashOf(file)] = s
		return file
	})
	if err != nil {
		t.Fatal(err)
	}
	return spoken
}

// judgeCut finds in what was heard: the recordings up to the one that was cut,
// the emergency right after it, and then that one again from its beginning and
// those that follow.
func judgeCut(t *testing.T, heard []int16, routine, emergency ark.AsRun) {
	t.Helper()
	spoken := spokenBy(t)
	first, third := spoken[emergency.Recordings[0].Content], spoken[emergency.Recordings[2].Content]
	at, share := hearing.Follow(heard, first)
	begin := at - chimeFrames - ark.SampleRate/2 // the chime, its faint tail and the gap
	end, _ := hearing.Until(heard, third)
	if share < 0.6 || begin < 0 || end < at {
		t.Fatalf("the emergency: first recording at %d (%.2f of it), last one until %d", at, share, end)
	}
	was := -1 // the recording that was cut
	for i, r := range routine.Recordings {
		rec := spoken[r.Content]
		_, before := hearing.Follow(until(heard, begin, rec), rec)
		_, again := hearing.Follow(heard[end:], rec)
		t.Logf("%s: %.0f %% before the emergency, %.0f %% after it", r.Language, 100*before, 100*again)
		switch {
		case was < 0 && again < 0.1: // it was over before
			if before < 0.6 {
				t.Errorf("%s was not wholly heard", r.Language)
			}
		case again < 0.6:
			t.Errorf("%s: %.2f of it heard after the emergency; want it from its beginning", r.Language, again)
		case was < 0:
			was = i
		}
	}
	if was < 0 {
		t.Fatal("no recording was heard again after the emergency")
	}
	cut := spoken[routine.Recordings[was].Content]
	last, frame := hearing.Until(until(heard, begin, cut), cut)
	const late = (300 + 20 + 200) * ark.SampleRate / 1000 // one buffer, the fade, and how exactly pieces tell
	t.Logf("%s was cut at %.2f s of it, %.0f ms before the emergency", routine.Recordings[was].Language, float64(frame)/ark.SampleRate, float64(begin-last)/48)
	if frame > 0 && begin-last > late {
		t.Errorf("%d ms of silence between what was cut and the emergency", (begin-last)/48)
	}
}

// lastTry is what was heard after the emergency of the try before, if one was;
// last is the emergency's last recording.
func lastTry(heard, last []int16) []int16 {
	rest := slices.Clone(heard)
	var ends []int
	for {
		at, share := hearing.Follow(rest, last)
		if share < 0.6 {
			break
		}
		end, _ := hearing.Until(rest, last)
		clear(rest[max(at, 0):min(end, len(rest))])
		ends = append(ends, min(end, len(rest)))
	}
	slices.Sort(ends)
	if n := len(ends); n > 1 {
		return heard[ends[n-2]:]
	}
	return heard
}

// A try that had to be made again is no part of what is judged.
func TestTheLastTryIsJudged(t *testing.T) {
	spoken := spokenBy(t)
	routine := spoken[sounding(t, "welcome").Recordings[0].Content][:3*ark.SampleRate]
	last := spoken[sounding(t, "emergency").Recordings[2].Content][:3*ark.SampleRate]
	before := slices.Concat(routine, last)
	after := slices.Concat(routine, last, make([]int16, ark.SampleRate/2))
	for name, heard := range map[string][]int16{"two tries": slices.Concat(before, after), "one": after} {
		if got := len(lastTry(heard, last)); got < len(after)-ark.SampleRate/4 || got > len(after)+ark.SampleRate/4 {
			t.Errorf("%s: %d frames are judged, want about %d of %d", name, got, len(after), len(heard))
		}
	}
}

// until is what was heard before a place, and then silence for as long as a
// recording that may have been cut there.
func until(heard []int16, place int, rec []int16) []int16 {
	return append(slices.Clone(heard[:place+ark.SampleRate/2]), make([]int16, len(rec))...)
}

// judgeCap compares how loud two announcements were heard.
func judgeCap(t *testing.T, heard []int16, loud, capped ark.AsRun) {
	t.Helper()
	spoken := spokenBy(t)
	level := func(run ark.AsRun) float64 { return hearing.Level(heard, spoken[run.Recordings[0].Content]) }
	a, b := level(loud), level(capped)
	t.Logf("heard at %.1f dB and, under a cap 12 dB lower, at %.1f dB", a, b)
	if math.Abs(a-b-12) > 0.5 || math.IsNaN(a-b) {
		t.Errorf("the cap made %.2f dB of difference, want 12", a-b)
	}
}
