package main

import (
	"slices"
	"syscall"
	"time"

	"ark"
	"ark/agent"
)

// troubles is how often each thing is done to the sound.
const troubles = 5

// Goals: what goes wrong with the sound is noticed, and healed once it can be.
const (
	noticedWithin  = 1000 // ms
	replacedWithin = 2000 // ms
)

// health is how long it takes until trouble with the sound is noticed and
// until a loudspeaker process is in use again: a sound server that stands
// still, at rest and under a recording, and a loudspeaker process that is
// killed. Each time with a player of its own, so that none has failed before.
func health(t *bench) []figure {
	p := startPulse(t)
	p.listen(t) // a null sink that nobody hears renders two seconds at a time, and a new stream waits for that; no card does
	var atRest, under, healed, killed []time.Duration
	for range troubles {
		v := startVoice(t, p)
		atRest = append(atRest, v.after(func() { p.process.Signal(syscall.SIGSTOP) }, func() { v.awaitDevice(t, true) }))
		healed = append(healed, v.after(func() { p.process.Signal(syscall.SIGCONT) }, func() { v.awaitDevice(t, false) }))
		v.end()

		v = startVoice(t, p)
		v.panel.press("1")
		v.await(t, "the first sample", func(e agent.Event) bool { _, ok := e.(agent.SegmentStarted); return ok })
		under = append(under, v.after(func() { p.process.Signal(syscall.SIGSTOP) }, func() {
			v.await(t, "word of the stall", func(e agent.Event) bool {
				ended, ok := e.(agent.SegmentEnded)
				return ok && ended.Why == ark.WhyStalled
			})
		}))
		v.awaitDevice(t, true)
		healed = append(healed, v.after(func() { p.process.Signal(syscall.SIGCONT) }, func() { v.awaitDevice(t, false) }))
		v.end()

		v = startVoice(t, p)
		killed = append(killed, v.after(func() { v.child.Load().Process.Kill() }, func() { v.awaitDevice(t, true); v.awaitDevice(t, false) }))
		v.end()
	}
	worst := func(name string, all []time.Duration, goal float64) figure {
		return figure{Name: name, Value: millis(slices.Max(all)), Unit: "ms"}.most(goal)
	}
	return []figure{
		worst("sink frozen under a recording, noticed", under, noticedWithin),
		worst("sink frozen at rest, noticed", atRest, noticedWithin),
		worst("  replaced, from when it goes on", healed, replacedWithin),
		worst("loudspeaker process killed, replaced", killed, replacedWithin),
	}
}

// after is how long it takes from a deed to what follows from it.
func (v *voice) after(deed, follows func()) time.Duration {
	began := v.mono()
	deed()
	follows()
	return v.mono() - began
}

// awaitDevice waits until the loudspeaker is the silent one, or no longer is.
func (v *voice) awaitDevice(t *bench, silent bool) {
	v.await(t, "the sound device", func(e agent.Event) bool {
		s, ok := e.(agent.SoundChanged)
		return ok && s.State.Silent == silent
	})
}
