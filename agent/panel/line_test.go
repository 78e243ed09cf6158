package panel

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"

	"ark"
	"ark/agent"
)

// loose is a line that has an edge every so often, as the kernel shows it: at
// most 16 wait to be read.
type loose struct {
	every time.Duration
	until time.Time
	next  time.Time
	reads int
}

func (l *loose) WaitForEdge(timeout time.Duration) bool {
	now := time.Now()
	if behind := now.Add(-16 * l.every); l.next.Before(behind) {
		l.next = behind
	}
	if l.next.After(l.until) || l.next.Sub(now) > timeout {
		time.Sleep(timeout)
		return false
	}
	time.Sleep(l.next.Sub(now))
	l.next = l.next.Add(l.every)
	l.reads++
	return true
}

func (l *loose) Read() gpio.Level {
	return gpio.Level(time.Now().After(l.until) || time.Now().UnixMicro()/l.every.Microseconds()%2 == 0)
}

// A line with a thousand edges a second, or a hundred thousand, costs a bounded
// number of reads, presses nothing and is told; when it is calm, that is told.
func TestALooseContact(t *testing.T) {
	for rate, most := range map[time.Duration]int{1000: 1000, 100_000: 16 * 200} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			g := New(Config{Long: time.Second, Mono: func() time.Duration { return time.Since(began) }})
			l := &loose{every: time.Second / rate, until: began.Add(20 * time.Second), next: began}
			ctx, cancel := context.WithCancel(t.Context())
			failed, restless := make(chan error, 1), make(chan unrest)
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				g.serve(ctx, l, ButtonLine{Button: "1", Line: "GPIO17"}, failed, restless)
			}()
			defer func() { cancel(); <-ended }()
			if u := <-restless; u != (unrest{"GPIO17", true}) || time.Since(began) > 6*time.Second {
				t.Errorf("told %+v after %v", u, time.Since(began))
			}
			if u := <-restless; u.on || time.Since(began) > 26*time.Second {
				t.Errorf("told %+v after %v", u, time.Since(began))
			}
			if l.reads > 20*most+16 {
				t.Errorf("%d edges were read in 20 s, want at most %d a second", l.reads, most)
			}
			if len(g.Events()) != 0 || len(failed) != 0 {
				t.Errorf("%d events, %d failures", len(g.Events()), len(failed))
			}
		})
	}
}

// The line that chatters first is named until it is calm; then the other.
func TestLinesThatChatterAreNamed(t *testing.T) {
	g := New(Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	failed, restless := make(chan error, 1), make(chan unrest)
	ended := make(chan error)
	go func() { ended <- g.await(t.Context(), "chip", failed, restless) }()
	for _, row := range []struct {
		unrest
		fault, line string
	}{{unrest{"GPIO17", true}, ark.PanelChatter, "GPIO17"}, {unrest{"GPIO22", true}, "", ""}, {unrest{"GPIO17", false}, ark.PanelChatter, "GPIO22"}, {unrest{"GPIO22", false}, "", ""}} {
		restless <- row.unrest
		if row.on && row.fault == "" {
			continue // nothing new to tell
		}
		want := agent.PanelChanged{State: agent.PanelState{Chip: "chip", Fault: row.fault, Line: row.line}}
		if e := <-g.Events(); e != want {
			t.Errorf("%+v: told %+v, want %+v", row.unrest, e, want)
		}
	}
	gone := errors.New("gone")
	failed <- gone
	if err := <-ended; err != gone {
		t.Errorf("ended with %v", err)
	}
}

// gone is a line that answers no more.
type gone struct{}

func (gone) WaitForEdge(time.Duration) bool { return false }
func (gone) Read() gpio.Level               { return gpio.High }

func TestALineThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		g := New(Config{Mono: func() time.Duration { return time.Since(began) }})
		failed := make(chan error, 1)
		g.serve(t.Context(), gone{}, ButtonLine{Button: "1", Line: "GPIO17"}, failed, nil)
		if err := <-failed; !strings.HasPrefix(err.Error(), ark.PanelLost) || time.Since(began) > 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// held is a line at one level from a time on.
type held struct{ from, until time.Time }

func (h *held) WaitForEdge(timeout time.Duration) bool {
	now := time.Now()
	for _, edge := range []time.Time{h.from, h.until} {
		if edge.After(now) && edge.Sub(now) <= timeout {
			time.Sleep(edge.Sub(now))
			return true
		}
	}
	time.Sleep(timeout)
	return false
}

func (h *held) Read() gpio.Level {
	now := time.Now()
	return gpio.Level(now.Before(h.from) || !now.Before(h.until)) // pulled up, closes to ground
}

// Wires and page tell the same of the same hand.
func TestWiresAndPageTellTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		g := New(Config{Long: time.Second, Mono: func() time.Duration { return time.Since(began) }})
		s := simOf(t, []SimButton{{Button: "1"}})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			h := &held{from: began.Add(500 * ms), until: began.Add(2 * time.Second)}
			g.serve(ctx, h, ButtonLine{Button: "1", Line: "GPIO17"}, make(chan error, 1), nil)
		}()
		page := s.act(3*time.Second, func(at time.Duration) {
			switch {
			case at == 2*time.Second:
				s.Up("1")
			case at >= 500*ms && at < 2*time.Second && at%(500*ms) == 0:
				s.Down("1")
			}
		})
		cancel()
		<-ended
		var wires []string
		for range len(g.Events()) {
			e := <-g.Events()
			if p, press := e.(agent.Pressed); press && p.Line != "GPIO17" {
				t.Errorf("a press on the wire says line %q", p.Line)
			}
			wires = append(wires, word(e))
		}
		if got := strings.Join(wires, ", "); got != page || page != "pressed 1 500ms, held 1, released 1 2s" {
			t.Errorf("wires %s, page %s", got, page)
		}
	})
	var _ agent.Panel = (*GPIO)(nil)
}
