package agent

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"ark"
)

// Speaker is the loudspeaker as the shell uses it. Its methods never wait.
type Speaker interface {
	Play(Program)
	Hush(broadcast ark.ID, why string)
	Events() <-chan Event
}

// Panel is the buttons and lamps as the shell uses them.
type Panel interface {
	Events() <-chan Event
	Light(Lamp, bool)
}

// Recorder makes records durable. It may take long.
type Recorder interface {
	Append(ctx context.Context, records ...Record) error
}

// Parts are what a shell joins.
type Parts struct {
	Brain    *Brain
	Now      func() ark.Stamp
	Speaker  Speaker
	Panels   []Panel
	Recorder Recorder
	DiskFree func() int64
	Log      *slog.Logger
}

// Shell carries out what the brain decides.
type Shell struct {
	Parts
	orders    chan OrderArrived
	told      chan Event
	records   chan []Record
	mu        sync.Mutex
	status    Status
	latencies []time.Duration // newest last
	turn      time.Duration   // monotonic time of the loop's last tick
}

// keptLatencies is how many press-to-first-sample figures pages can show.
const keptLatencies = 100

// NewShell joins the parts; Run runs.
func NewShell(p Parts) *Shell {
	return &Shell{Parts: p, orders: make(chan OrderArrived, 256), told: make(chan Event, 256),
		records: make(chan []Record, 1024), status: p.Brain.Status()}
}

// Give hands committed orders over. It never waits: what does not fit is
// given again by the store at the next start.
func (s *Shell) Give(orders []OrderArrived) {
	for _, o := range orders {
		select {
		case s.orders <- o:
		default:
			s.Log.Error("too many orders at once; the rest waits for the next start", "order", o.ID)
		}
	}
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
	parts.Go(func() { s.keep() })
	defer close(s.records)
	for _, p := range s.Panels {
		parts.Go(func() { s.listen(ctx, p) })
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	s.handle(resumed)
	for ticks := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case e := <-s.told: // presses and sound come as events; select is fair enough: nothing here waits
			s.handle(e)
		case e := <-s.Speaker.Events():
			s.handle(e)
		case o := <-s.orders:
			s.handle(o)
		case <-tick.C:
			if ticks++; ticks%30 == 1 && s.DiskFree != nil {
				s.handle(DiskChanged{s.DiskFree()})
			}
			s.handle(Tick{})
			s.mu.Lock()
			s.turn = s.Now().Mono
			s.mu.Unlock()
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
	now := s.Now()
	for _, a := range s.Brain.Handle(now, e) {
		switch a := a.(type) {
		case Play:
			s.Speaker.Play(a.Program)
		case Hush:
			s.Speaker.Hush(a.Broadcast, a.Why)
		case Light:
			for _, p := range s.Panels {
				p.Light(a.Lamp, a.On)
			}
		case Record:
			a.At = now // it may have to wait for the card
			records = append(records, a)
		}
	}
	s.mu.Lock()
	s.status = s.Brain.Status()
	for _, r := range records {
		if run, ok := r.Body.(ark.AsRun); ok && run.State == ark.BroadcastStarted && run.Trigger.Button != "" {
			s.latencies = append(s.latencies, time.Duration(run.LatencyMS)*time.Millisecond)
			s.latencies = s.latencies[max(0, len(s.latencies)-keptLatencies):]
		}
	}
	s.mu.Unlock()
	if len(records) > 0 {
		select {
		case s.records <- records:
		default:
			s.Log.Error("the card is too slow: records are lost", "records", len(records))
		}
	}
}

// keep appends records until the channel closes. While the card does not take
// them they wait in memory, in order.
func (s *Shell) keep() {
	var waiting []Record
	const most = 10_000
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	for open := true; open; {
		select {
		case more, ok := <-s.records:
			open = ok
			if waiting = append(waiting, more...); len(waiting) > most {
				s.Log.Error("the card takes nothing: the oldest records are lost", "records", len(waiting)-most)
				waiting = waiting[len(waiting)-most:]
			}
		case <-retry.C:
		}
		if len(waiting) == 0 {
			continue
		}
		if err := s.Recorder.Append(context.Background(), waiting...); err != nil {
			if cardTrouble(err) {
				s.Log.Error("records wait for the card", "records", len(waiting), "err", err)
				retry.Reset(5 * time.Second)
				continue
			}
			s.Log.Error("records cannot be written at all and are lost", "records", len(waiting), "err", err)
		}
		waiting = nil
	}
}

// cardTrouble tells trouble that may pass from a record that can never be
// written.
func cardTrouble(err error) bool {
	for _, known := range []error{ErrDiskFull, ErrReadOnly, ErrBroken, ErrInUse, ErrClosed} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}
