package agent

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"ark"
)

// Speaker is the loudspeaker as the shell uses it. Its methods never wait.
type Speaker interface {
	Play(Play)
	Hush(Hush)
	Turn(Turn)
	Events() <-chan Event // closed once it has ended and told all
}

// Panel is the buttons and lamps as the shell uses them.
type Panel interface {
	Events() <-chan Event
	Light(Lamp, bool)
}

// Recorder makes records and kept values durable. It may take long.
type Recorder interface {
	Append(ctx context.Context, records ...Record) error
	Keep(ctx context.Context, values ...Keep) error
}

// Parts are what a shell joins.
type Parts struct {
	Brain    *Brain
	Now      func() ark.Stamp
	Speaker  Speaker
	Panels   []Panel
	Recorder Recorder
	DiskFree func() int64
	Heat     func() int        // of the processor, tenths of a degree Celsius; nil: nobody knows
	Pages    func() time.Time  // when the last certificate for phones ends; nil: the van has no door for them
	Card     func() error      // why the card keeps nothing, or nil
	Fetch    func(ark.Library) // brings a library to the van; it never waits. nil: none can come
	Log      *slog.Logger
}

// Shell carries out what the brain decides.
type Shell struct {
	Parts
	keeper    *keeper
	ordered   chan struct{} // orders are there to be taken
	told      chan Event
	mu        sync.Mutex
	orders    []OrderArrived
	status    Status
	latencies []time.Duration // newest last; never written to
	turn      time.Duration   // monotonic time of the loop's last tick
	wake      *time.Timer     // for what is due before the next tick
}

// NewShell joins the parts; Run runs.
func NewShell(p Parts) *Shell {
	wake := time.NewTimer(time.Hour)
	wake.Stop()
	return &Shell{Parts: p, wake: wake, keeper: newKeeper(p.Recorder, p.Log), ordered: make(chan struct{}, 1), told: make(chan Event, 256),
		status: p.Brain.Status(p.Now())}
}

// Give hands committed orders over. It never waits and drops none: the hub
// was told that they are kept, so each must be told of.
func (s *Shell) Give(orders []OrderArrived) {
	s.mu.Lock()
	s.orders = append(s.orders, orders...)
	s.mu.Unlock()
	select {
	case s.ordered <- struct{}{}:
	default: // Run knows already
	}
}

func (s *Shell) given() []OrderArrived {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.orders
	s.orders = nil
	return all
}

// Tell hands over an event of no panel and no loudspeaker. It never waits;
// false: the shell is too busy, and the event was dropped.
func (s *Shell) Tell(e Event) bool {
	select {
	case s.told <- e:
		return true
	default:
		return false
	}
}

// Turn is the monotonic time at which the loop last turned, once a second: a
// watchdog's question.
func (s *Shell) Turn() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.turn
}

// Status is what pages show.
func (s *Shell) Status() (Status, []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status, append([]time.Duration(nil), s.latencies...)
}

// Run is the one loop of the van, until ctx ends. What was recorded is
// durable when it returns, as far as the card takes it.
func (s *Shell) Run(ctx context.Context, resumed Resumed) error {
	var parts sync.WaitGroup
	defer parts.Wait()
	keeping := make(chan struct{})
	parts.Go(func() { s.keeper.run(keeping) })
	defer close(keeping)
	for _, p := range s.Panels {
		parts.Go(func() { s.listen(ctx, p) })
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	defer s.wake.Stop()
	s.measure() // before the first word of health
	s.handle(resumed)
	sound := s.Speaker.Events()
	for ticks := 0; ; {
		select {
		case <-ctx.Done():
			s.hearOut(sound)
			return nil
		case e := <-s.told: // presses and sound come as events; select is fair enough: nothing here waits
			s.handle(e)
		case e, more := <-sound:
			if !more {
				sound = nil // it ends with us, and was the first to notice
				continue
			}
			s.handle(e)
		case <-s.ordered:
			for _, o := range s.given() {
				s.handle(o)
			}
		case <-s.wake.C:
			s.handle(Tick{})
		case <-tick.C:
			if ticks++; ticks%30 == 0 {
				s.measure()
			}
			s.second()
		}
	}
}

// second is what happens once a second.
func (s *Shell) second() {
	if s.Card != nil {
		s.handle(CardChanged{Out: s.Card() != nil})
	}
	s.handle(Tick{})
	s.mu.Lock()
	s.turn = s.Now().Mono
	s.mu.Unlock()
}

// measure sees how much room the card has, how hot the processor is, and what
// time is left to the certificate for phones.
func (s *Shell) measure() {
	if s.DiskFree != nil {
		s.handle(DiskChanged{s.DiskFree()})
	}
	if s.Heat != nil {
		s.handle(HeatChanged{s.Heat()})
	}
	if s.Pages != nil {
		s.handle(PagesChanged{s.Pages()})
	}
}

// lastWords is how long the loudspeaker may take to tell what it did until
// the end.
const lastWords = 3 * time.Second

// hearOut handles what the loudspeaker still tells: a broadcast that the end
// cuts is recorded with what was heard of it.
func (s *Shell) hearOut(sound <-chan Event) {
	enough := time.NewTimer(lastWords)
	defer enough.Stop()
	for sound != nil {
		select {
		case e, more := <-sound:
			if !more {
				return
			}
			s.handle(e)
		case <-enough.C:
			s.Log.Warn("the loudspeaker does not tell how it ended")
			return
		}
	}
}

func (s *Shell) listen(ctx context.Context, p Panel) {
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-p.Events():
			if !ok {
				return
			}
			select {
			case s.told <- e:
			case <-ctx.Done():
				return
			}
		}
	}
}

// handle lets the brain decide, does the urgent things at once and hands the
// records to keep.
func (s *Shell) handle(e Event) {
	var records []Record
	var values []Keep
	now := s.Now()
	for _, a := range s.Brain.Handle(now, e) {
		switch a := a.(type) {
		case Play:
			s.Speaker.Play(a)
		case Hush:
			s.Speaker.Hush(a)
		case Turn:
			s.Speaker.Turn(a)
		case Light:
			for _, p := range s.Panels {
				p.Light(a.Lamp, a.On)
			}
		case Record:
			a.At = now // it may have to wait for the card
			records = append(records, a)
		case Keep:
			values = append(values, a)
		case Fetch:
			if s.Fetch != nil {
				s.Fetch(a.Library)
			}
		}
	}
	s.sleep(now)
	s.mu.Lock()
	s.status = s.Brain.Status(now)
	s.latencies = s.Brain.told.latest
	s.mu.Unlock()
	s.keeper.add(records, values)
}

// shortestSleep keeps a mistake about time from taking the processor.
const shortestSleep = 5 * time.Millisecond

// sleep sets the timer for what is due before the next tick.
func (s *Shell) sleep(now ark.Stamp) {
	if at, ok := s.Brain.Wake(now); ok && at-now.Mono <= time.Second {
		s.wake.Reset(max(at-now.Mono, shortestSleep))
	}
}
