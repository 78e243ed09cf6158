package panel

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"periph.io/x/conn/v3/gpio"

	"ark"
	"ark/agent"
)

// teller is the queue of a panel's events. It is bounded: while nobody takes
// them, presses are dropped and counted, for one that is heard long afterwards
// is worse than none; what ends something waits, for that must not be lost.
type teller struct {
	events  chan agent.Event
	dropped *atomic.Int64
}

// mostWaiting is how many events may wait.
const mostWaiting = 64

func newTeller() teller { return teller{make(chan agent.Event, mostWaiting), new(atomic.Int64)} }

func (t teller) tell(ctx context.Context, e agent.Event) {
	if _, press := e.(agent.Pressed); press {
		select {
		case t.events <- e:
		default:
			t.dropped.Add(1)
		}
		return
	}
	select {
	case t.events <- e:
	case <-ctx.Done():
	}
}

// unrest tells that a line chatters, or no longer does.
type unrest struct {
	line string
	on   bool
}

// wire is what serve needs of a line.
type wire interface {
	WaitForEdge(time.Duration) bool
	Read() gpio.Level
}

// A line may take edgesAtOnce edges without a pause and then rests for a
// moment: however it chatters, it costs a bounded share of the processor. The
// kernel keeps 16 edges for each line meanwhile and drops what is more; the
// level counts, so none of them is missed.
const (
	edgesAtOnce = 16
	breath      = 5 * time.Millisecond
)

// serve drains one button's edges. periph says neither which edge it was nor
// when, so the level is read after each, and a floor under the loop keeps a
// line that fails at once from spinning.
func (g *GPIO) serve(ctx context.Context, pin wire, line ButtonLine, failed chan<- error, restless chan<- unrest) {
	b := &button{name: line.Button, line: line.Line, long: g.c.Long}
	var noise chatter
	wait := time.Millisecond
	quick, row := 0, 0
	for ctx.Err() == nil {
		began := g.c.Mono()
		edge := pin.WaitForEdge(wait)
		now := g.c.Mono()
		if !edge && now-began < wait/2 { // it did not wait: the line is gone
			if quick++; quick > 20 {
				failed <- fault{ark.PanelLost, line.Line, errors.New("the line answers no more")}
				return
			}
			pause(ctx, 50*time.Millisecond)
			continue
		}
		quick = 0
		if noise.see(edge, now) {
			select {
			case restless <- unrest{line.Line, noise.on}:
			case <-ctx.Done():
			}
		}
		if down := bool(pin.Read()) == line.ActiveHigh; edge {
			b.edge(down, now)
		} else {
			b.level(down, now)
		}
		events, again := b.settle(now)
		for _, e := range events {
			g.told.tell(ctx, e)
		}
		if wait = 200 * time.Millisecond; again > 0 {
			wait = min(wait, again)
		}
		if row++; !edge {
			row = 0
		} else if row >= edgesAtOnce {
			pause(ctx, breath)
			row = 0
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
