package sound

import (
	"io"
	"sync"
	"time"
)

// tape is the part of a stream that waits to be played. Reading it never
// waits.
type tape struct {
	mu       sync.Mutex
	data     []byte
	read     int64      // frames of the stream that were read
	last     bool       // no more comes
	closed   bool       // and it was said so
	room     int        // bytes that the player's buffer shall hold
	buffered func() int // and holds
	before   int        // when it last read
	readAt   time.Time
}

func newTape() *tape { return &tape{} }

// holds says how much the player's buffer shall hold: oto itself fills it up
// to twice its size, and what is in it can no longer be changed.
func (t *tape) holds(room int, buffered func() int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.room, t.buffered = room, buffered
}

func (t *tape) add(samples []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.data = append(t.data, samples...)
	}
}

func (t *tape) finish() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = true
}

// split puts samples in the place of all that waits from a frame of the
// stream on. If that frame is not there any more it changes nothing and says
// how many were read; else it says -1.
func (t *tape) split(from int64, samples []byte) (late int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	keep := 2 * (from - t.read)
	switch {
	case t.closed || t.read == 0 && len(t.data) == 0:
		return closed
	case keep < 0 || keep > int64(len(t.data)):
		return t.read
	}
	t.data = append(t.data[:keep:keep], samples...)
	t.last = false
	return -1
}

// Read is oto's: it gives what is there, and io.EOF once all was given.
func (t *tape) Read(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	holds := 0
	if t.buffered != nil {
		holds = t.buffered()
		b = b[:min(len(b), max(t.room-holds, 0))]
	}
	n := copy(b[:len(b)&^1], t.data)
	t.data = t.data[n:]
	t.read += int64(n / 2)
	if n > 0 {
		t.before, t.readAt = holds, time.Now()
	}
	if n == 0 && t.last && len(t.data) == 0 {
		t.closed = true
		return 0, io.EOF
	}
	return n, nil
}

// appendedWithin is how long after a read what was read is in the player's
// buffer for sure.
const appendedWithin = 5 * time.Millisecond

// consumed is how many frames the device has taken. It is not sure of it
// while what was read last may not be in the player's buffer yet.
func (t *tape) consumed(now time.Time) (frames int64, sure bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	holds := 0
	if t.buffered != nil {
		holds = t.buffered()
	}
	return max(t.read-int64(holds/2), 0), holds > t.before || now.Sub(t.readAt) > appendedWithin
}

func (t *tape) done() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}
