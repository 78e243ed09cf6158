package forgetfs

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
)

// sector is what a disk writes as one: it is there or not, never half.
const sector = 512

// undoLog is how to take back what was written to a file since its last
// fsync, oldest first.
type undoLog struct {
	mu     sync.Mutex
	writes []undone
}

// undone is one write or truncation: what stood there before.
type undone struct {
	off    int64
	before []byte // shorter than length where the file ended
	length int64
	size   int64 // of the file before
}

// write remembers what stands there and writes.
func (l *undoLog) write(f *os.File, data []byte, off int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.note(f, off, int64(len(data))); err != nil {
		return err
	}
	_, err := f.WriteAt(data, off)
	return err
}

// truncate remembers the tail and cuts it off.
func (l *undoLog) truncate(f *os.File, size int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if err := l.note(f, size, max(st.Size()-size, 0)); err != nil {
		return err
	}
	return f.Truncate(size)
}

func (l *undoLog) note(f *os.File, off, length int64) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	before := make([]byte, length)
	n, err := f.ReadAt(before, off)
	if err != nil && err != io.EOF {
		return err
	}
	l.writes = append(l.writes, undone{off, before[:n], length, st.Size()})
	return nil
}

func (l *undoLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes = nil
}

// undo takes back a random part, newest first. A sector that a newer write
// made durable keeps that.
func (l *undoLog) undo(path string, rng *rand.Rand) (lost int, err error) {
	if len(l.writes) == 0 {
		return 0, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, fmt.Errorf("undo writes: %w", err)
	}
	defer f.Close()
	durable := map[int64]bool{}
	end := l.writes[0].size
	for i := len(l.writes) - 1; i >= 0; i-- {
		w := l.writes[i]
		keep := keeper(rng)
		whole := true
		for off := w.off; off < w.off+w.length; {
			next := min((off/sector+1)*sector, w.off+w.length)
			s := off / sector
			if durable[s] || keep() {
				durable[s] = true
				end = max(end, next)
			} else {
				whole = false
				if err := w.restore(f, off, next); err != nil {
					return lost, fmt.Errorf("undo writes: %w", err)
				}
			}
			off = next
		}
		if !whole {
			lost++
		}
	}
	return lost, f.Truncate(end)
}

// keeper draws the fate of one write: mostly lost, sometimes kept, now and
// then torn sector by sector.
func keeper(rng *rand.Rand) func() bool {
	switch n := rng.IntN(20); {
	case n < 13:
		return func() bool { return false }
	case n < 17:
		return func() bool { return true }
	}
	return func() bool { return rng.IntN(2) == 0 }
}

// restore puts back what stood at off … next, zeros where nothing did.
func (w undone) restore(f *os.File, off, next int64) error {
	old := make([]byte, next-off)
	if from := off - w.off; from < int64(len(w.before)) {
		copy(old, w.before[from:])
	}
	_, err := f.WriteAt(old, off)
	return err
}
