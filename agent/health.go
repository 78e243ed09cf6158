package agent

import (
	"slices"
	"time"

	"ark"
)

// healthEvery is how often a health entry is written without a reason;
// mostChanges is how many more are written between because something changed:
// a loose plug must not fill the card.
const (
	healthEvery = 10 * time.Minute
	mostChanges = 12
)

// keptLatencies is how many press-to-first-sample figures pages can show.
const keptLatencies = 100

// telling is what the van tells of itself, and when it last did.
type telling struct {
	disk      int64
	heat      int
	pages     ark.UnixMilli // when the certificate for phones ends
	cardOut   bool          // the card does not keep what it is given
	lastSound ark.UnixMilli // when a device last consumed something
	presses   [ark.PressBuckets]int64
	latest    []time.Duration // of the last presses, the newest last; replaced, never changed
	healthAt  time.Duration   // when health was last written as a matter of course
	changes   int             // health written since then
	health    ark.Health
}

// count counts the time from a press to its first sample, where a device was
// heard and nothing stood before it.
func (t *telling) count(r *run) {
	if r.Trigger.Button != "" && !r.Silent && !r.waited {
		t.presses[ark.PressBucket(r.LatencyMS)]++
		old := t.latest[max(0, len(t.latest)-keptLatencies+1):]
		t.latest = append(slices.Clip(slices.Clone(old)), time.Duration(r.LatencyMS)*time.Millisecond)
	}
}

// light sets the lamps that must change. While a button is held that acts
// only after a while, the ready lamp is off: the press is felt.
func (b *Brain) light() []Action {
	playing := b.front != nil || b.bed != nil
	unheard := b.sound.Fault != "" || b.sound.Silent && b.sound.Device != ""
	fault := unheard || b.panel.Fault != "" || len(b.stuck) > 0 || b.told.cardOut
	want := map[Lamp]bool{LampReady: b.front == nil && b.holding == "" && !unheard, LampPlaying: playing, LampFault: fault}
	var out []Action
	for _, l := range []Lamp{LampReady, LampPlaying, LampFault} {
		if on, known := b.lamps[l]; !known || on != want[l] {
			b.lamps[l] = want[l]
			out = append(out, Light{l, want[l]})
		}
	}
	return out
}

// tellHealth writes a health entry when something changed, and now and then.
func (b *Brain) tellHealth(now ark.Stamp) []Action {
	t := &b.told
	if b.sound.Fault == "" && b.sound.Device == "" {
		return nil // the loudspeaker has not told of itself yet
	}
	h := b.healthNow(now)
	was := t.health
	was.DiskFree, was.LastSound, was.Presses, was.Volume = h.DiskFree, h.LastSound, h.Presses, h.Volume
	if (was.Heat >= ark.Hot) == (h.Heat >= ark.Hot) {
		was.Heat = h.Heat
	}
	regular := now.Mono-t.healthAt >= healthEvery
	if !regular && (h == was || t.changes >= mostChanges) {
		return nil
	}
	t.changes++
	if regular {
		t.healthAt, t.changes = now.Mono, 0
	}
	t.health = h
	return []Action{Record{Kind: ark.KindHealth, Body: h}}
}

func (b *Brain) healthNow(now ark.Stamp) ark.Health {
	h := ark.Health{Sound: "ok", Device: b.sound.Device, Panel: "ok", DiskFree: b.told.disk, Heat: b.told.heat, Release: b.rules.Release, LastSound: b.told.lastSound,
		Volume: b.volume, Full: b.rules.Full, Calibrated: b.rules.Calibrated, Presses: b.told.presses, Plan: b.planBlocked(now),
		Place: b.place, Listening: b.sound.Listening, PagesUntil: b.told.pages}
	switch {
	case b.sound.Fault != "":
		h.Sound = b.sound.Fault
	case b.sound.Silent:
		h.Sound = "silent"
	}
	switch {
	case b.panel.Fault != "":
		h.Panel = b.panel.Fault
	case len(b.stuck) > 0:
		h.Panel = ark.PanelStuck
	case b.panel.Chip == "":
		h.Panel = "none"
	}
	return h
}
