package sound

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"
)

// A split takes the place of what waits and of nothing else; where that is not
// possible any more it changes nothing.
func TestATapeIsSplit(t *testing.T) {
	old, put := bytes.Repeat([]byte{1, 0}, 100), bytes.Repeat([]byte{2, 0}, 30)
	for _, c := range []struct {
		name       string
		read, from int64
		finished   bool // it was told that nothing follows
		late       int64
		left       int // frames to come
	}{
		{name: "ahead", read: 40, from: 60, late: -1, left: 20 + 30},
		{name: "at once", read: 40, from: 40, late: -1, left: 30},
		{name: "at the end", read: 40, from: 100, late: -1, left: 60 + 30},
		{name: "at the end, when all was read", read: 100, from: 100, late: -1, left: 30},
		{name: "what nothing was to follow", read: 40, from: 50, finished: true, late: -1, left: 10 + 30},
		{name: "too late by a frame", read: 41, from: 40, late: 41, left: 59},
		{name: "beyond what there is", read: 40, from: 101, late: 40, left: 60},
		{name: "after its end", read: 100, from: 100, finished: true, late: closed, left: 0},
	} {
		tp := newTape()
		tp.add(old)
		if c.finished {
			tp.finish()
		}
		b := make([]byte, 2*c.read)
		tp.Read(b)
		if c.read == 100 && c.finished {
			tp.Read(b) // and it was told so
		}
		if late := tp.split(c.from, put); late != c.late {
			t.Errorf("%s: late %d, want %d", c.name, late, c.late)
		}
		rest := make([]byte, 1000)
		n, _ := tp.Read(rest)
		kept := c.left
		if c.late < 0 {
			kept -= 30
		}
		if n != 2*c.left || !bytes.Equal(rest[:2*kept], old[:2*kept]) || c.late < 0 && !bytes.Equal(rest[2*kept:n], put) {
			t.Errorf("%s: %d frames are left, want %d, or others", c.name, n/2, c.left)
		}
		if _, err := tp.Read(rest); c.late < 0 && err != nil {
			t.Errorf("%s: it ends, though it was not told to: %v", c.name, err)
		}
	}
}

// What oto holds beyond one buffer could no longer be changed: it is not given
// more.
func TestATapeFillsOneBuffer(t *testing.T) {
	tp, held := newTape(), 0
	tp.holds(1920, func() int { return held })
	tp.add(make([]byte, 10_000))
	for _, c := range []struct{ held, want int }{{0, 1920}, {1900, 20}, {1920, 0}, {1000, 920}} {
		held = c.held
		if n, err := tp.Read(make([]byte, 1920)); n != c.want || err != nil {
			t.Errorf("with %d bytes held it gives %d, %v; want %d", c.held, n, err, c.want)
		}
	}
	tp.finish()
	if held = 1920; tp.done() {
		t.Error("it is done before all was read")
	}
	for err := error(nil); !errors.Is(err, io.EOF); held = 0 {
		_, err = tp.Read(make([]byte, 1920))
	}
	if !tp.done() {
		t.Error("it is not done when all was read")
	}
}

// Frames that were read and are not in oto's buffer yet were not consumed.
func TestATapeKnowsWhatIsOnItsWay(t *testing.T) {
	tp, held := newTape(), 0
	tp.holds(1920, func() int { return held })
	tp.add(make([]byte, 10_000))
	tp.Read(make([]byte, 1920))
	if n, sure := tp.consumed(time.Now()); sure {
		t.Errorf("%d frames are said to be consumed, and are on their way", n)
	}
	held = 1920
	if n, sure := tp.consumed(time.Now()); n != 0 || !sure {
		t.Errorf("%d frames consumed of what is held, sure: %v", n, sure)
	}
	held = 960
	tp.Read(make([]byte, 1920))
	held = 1920
	if n, sure := tp.consumed(time.Now()); n != 480 || !sure {
		t.Errorf("%d frames consumed, sure: %v; want 480", n, sure)
	}
	held = 0
	if n, sure := tp.consumed(time.Now().Add(time.Second)); n != 1440 || !sure {
		t.Errorf("%d frames consumed, sure: %v; want all 1440", n, sure)
	}
}
