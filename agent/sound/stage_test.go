package sound

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"ark"
	"ark/agent"
)

// deafDevice takes everything and says only what a test lets it say.
type deafDevice struct {
	given  []byte
	splits []int64 // where it was asked to split
	asked  []byte  // and the samples of the last
	said   chan report
	closed bool
}

func (d *deafDevice) write(b []byte) error { d.given = append(d.given, b...); return nil }
func (d *deafDevice) end() error           { return nil }
func (d *deafDevice) split(from int64, b []byte) error {
	d.splits = append(d.splits, from)
	d.asked = b
	return nil
}
func (d *deafDevice) reports() <-chan report { return d.said }
func (d *deafDevice) close()                 { d.closed = true }

// newStage is a player's loop that a test turns by hand, with a program on.
func newStage(t *testing.T) (*stage, *deafDevice) {
	t.Helper()
	l, prog, _ := library(t, 100*time.Millisecond)
	d := &deafDevice{said: make(chan report, 1)}
	p := New(Config{Library: l, Buffer: 20 * time.Millisecond, Mono: mono, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	s := &stage{Player: p, device: d, child: &childDevice{}, retry: firstRetry, watch: newWatch("", ""), ticked: time.Now(), adopted: time.Now(),
		talked: make(chan struct{}, 1)}
	t.Cleanup(func() { s.device.close() })
	turn(s, agent.Play{Program: prog})
	return s, d
}

// turn lets the loop take commands, as it does in one turn.
func turn(s *stage, commands ...agent.Action) {
	for _, c := range commands {
		s.command(c)
	}
	s.obey()
	s.begin()
}

func ending(t *testing.T, s *stage) agent.SegmentEnded {
	t.Helper()
	for {
		select {
		case e := <-s.events:
			if e, ok := e.(agent.SegmentEnded); ok {
				return e
			}
		default:
			t.Fatal("no segment ended")
		}
	}
}

func TestAStallIsTheDevices(t *testing.T) {
	if stallAfter > 300*time.Millisecond {
		t.Errorf("a stall is noticed after %v only", stallAfter)
	}
	s, d := newStage(t)
	old := time.Now().Add(-2 * stallAfter)
	s.ticked, s.moved = old, old // the loop itself was kept from turning
	s.tick()
	if d.closed {
		t.Fatal("the device was blamed for the loop's own rest")
	}
	s.ticked, s.moved = time.Now(), old
	s.tick()
	if !d.closed || ending(t, s).Why != ark.WhyStalled {
		t.Fatal("a stall was not noticed")
	}
}

// The silent device is late only when the whole machine is: it is never given
// up.
func TestTheSilentDeviceNeverStalls(t *testing.T) {
	s, d := newStage(t)
	s.child = nil
	s.moved = time.Now().Add(-2 * stallAfter)
	if s.tick(); d.closed || !s.begun {
		t.Error("a program in silence was cut")
	}
}

// A device that takes half a second at a time is not stalled between.
func TestALongBufferIsNoStall(t *testing.T) {
	s, d := newStage(t)
	s.c.Buffer = time.Second
	s.moved = time.Now().Add(-2 * stallAfter)
	if s.tick(); d.closed {
		t.Error("a device with a long buffer was given up")
	}
}

// A device that consumed all and then never says that it is over was heard;
// the next program gets another.
func TestADeviceThatNeverEnds(t *testing.T) {
	s, d := newStage(t)
	s.report(report{repConsumed, s.line.at})
	s.moved = time.Now().Add(-2 * stallAfter)
	s.tick()
	if e := ending(t, s); e.Why != "" || e.Consumed != e.Frames {
		t.Errorf("it ended %+v", e)
	}
	if !d.closed {
		t.Error("the stuck device is kept for the next program")
	}
}

// A device never makes us say that more was heard than it was given.
func TestABoastingDevice(t *testing.T) {
	s, _ := newStage(t)
	s.line.at = 10
	s.report(report{repEnded, 1 << 40})
	if e := ending(t, s); e.Consumed != 10 || e.Why != ark.WhyDeviceLost {
		t.Errorf("it ended %+v", e)
	}
}

// What was given and not yet taken when the end came is told like the rest.
func TestWhatNobodyTookIsTold(t *testing.T) {
	s, _ := newStage(t)
	s.Play(agent.Play{Program: agent.Program{Broadcast: ark.ID{2}, Segments: []agent.Segment{{Sound: agent.SoundChime}}}})
	s.Play(agent.Play{Program: agent.Program{Broadcast: ark.ID{3}, Segments: []agent.Segment{{Sound: agent.SoundChime}}}})
	s.drop(ark.WhyRestarted)
	for _, id := range []ark.ID{{1}, {2}, {3}} {
		if e := ending(t, s); e.Broadcast != id || e.Why != ark.WhyRestarted {
			t.Errorf("%+v, want the end of %v", e, id)
		}
	}
}
