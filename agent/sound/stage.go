package sound

import (
	"context"
	"sync"
	"time"

	"ark"
	"ark/agent"
)

// stage is the loop's own state.
type stage struct {
	*Player
	device  device
	child   *childDevice // the device, if it is real; else nil
	opening *childDevice // a child whose device is not open yet
	openBy  time.Time
	retry   time.Duration
	retryAt time.Time
	adopted time.Time // when the child's device was taken into use
	failure string    // why no device could be opened, as it was last logged
	stream
	cues    []cue          // commanded, and not brought into the stream yet
	owed    int            // answers to come of streams that are over
	talked  chan struct{}  // a microphone has something to say
	talks   sync.WaitGroup // the microphones
	chunk   [4 * firstChunk]byte
	long    [2 * splitMost]byte
	ticked  time.Time
	stood   time.Time     // when the loop itself was last found to have stood still
	tempo   time.Duration // how often ticks come now
	watch   *watch
	seen    sight  // what it saw last
	trouble string // an ark.Why… of the device; empty: none

	ears     sync.WaitGroup
	verdicts chan verdict
	waits    map[*listening]bool // of programs that are over
	deaf     bool                // the listening input could not be used the last time
}

// Run sounds programs until ctx ends.
func (p *Player) Run(ctx context.Context) error {
	s := &stage{Player: p, retry: firstRetry, ticked: time.Now(), talked: make(chan struct{}, 1),
		verdicts: make(chan verdict), waits: map[*listening]bool{}}
	p.ended = ctx.Done()
	defer close(p.events)
	s.watch = newWatch(p.c.Card, p.c.proc)
	s.device = newSilentDevice()
	p.tell(agent.SoundChanged{State: p.State()})
	if p.c.Command != nil {
		s.open()
		var watching sync.WaitGroup
		watching.Go(func() { s.watch.run(ctx) }) // from now on it knows where the sound goes
		defer watching.Wait()
	}
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	defer s.close()
	for s.turn(ctx, tick.C) {
		s.obey()
		s.begin()
		s.hasten(tick)
	}
	return nil
}

// turn takes the next thing that happens; false: the loop is to end.
func (s *stage) turn(ctx context.Context, tick <-chan time.Time) bool {
	select {
	case <-ctx.Done():
		s.drop(ark.WhyRestarted)
		return false
	case <-s.given:
		for _, c := range s.taken() {
			s.command(c)
		}
	case r, ok := <-s.device.reports():
		if !ok {
			s.lost(ark.WhyDeviceLost)
			break
		}
		s.report(r)
	case <-s.opened():
		s.adopt()
	case <-s.failed():
		s.openFailed()
	case seen := <-s.watch.news:
		s.see(seen)
	case <-s.talked:
		s.feed()
		s.endTalks()
	case v := <-s.verdicts:
		s.judged(v)
	case <-tick:
		s.tick()
	}
	return true
}

// hasten lets ticks come as often as there is something to look after.
func (s *stage) hasten(tick *time.Ticker) {
	every := tickEvery
	if s.resting() && s.opening == nil {
		every = idleEvery
	}
	if every != s.tempo {
		s.tempo, s.ticked = every, time.Now()
		tick.Reset(every)
	}
}

// resting tells that nothing sounds and nothing waits to.
func (s *stage) resting() bool { return len(s.line.voices) == 0 && len(s.cues) == 0 && !s.begun }

func (s *stage) tick() {
	now := time.Now()
	stood := now.Sub(s.ticked)
	s.ticked = now
	if stood > s.tempo+stallAfter/3 { // we ourselves stood still, and heard nothing of the device
		s.stood = now
		s.moved = s.moved.Add(stood)
	}
	s.feed()
	s.endTalks()
	if s.begun && s.child != nil && s.stalled(now) { // the silent device has no other to be replaced by
		s.lost(ark.WhyStalled) // also if all was consumed: a device that does not say that it is over is stuck
	}
	if !s.begun && s.child != nil && s.frozen(now) {
		s.lost(ark.WhyStalled)
	}
	switch {
	case s.opening != nil && time.Now().After(s.openBy):
		s.opening.close() // failed is told by its gone channel
	case s.opening == nil && s.child == nil && s.c.Command != nil && time.Now().After(s.retryAt):
		s.open()
	}
}
