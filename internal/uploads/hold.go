package uploads

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// holds lets one request at a time work on an upload. A later one is the
// sender's newer mind: the connection of the one before is most likely dead
// and nobody has noticed, so that one is stopped.
type holds struct {
	mu  sync.Mutex
	all map[string]*hold
}

type hold struct {
	release func()
	stopped atomic.Bool
	control *http.ResponseController // nil: it ends soon of its own
	done    chan struct{}
}

// stop ends the reading of the request that holds. The order matters: who
// reads sets its deadline first and looks at stopped then.
func (h *hold) stop() {
	h.stopped.Store(true)
	if h.control != nil {
		h.control.SetReadDeadline(time.Now().Add(-time.Second)) // where it cannot be set, its own deadline ends it
	}
}

// holdPatience is how long the one before may take to end.
const holdPatience = 10 * time.Second

// take waits for an upload to be free, and holds it until release is called.
func (s *holds) take(ctx context.Context, name string, control *http.ResponseController) (*hold, error) {
	late := time.NewTimer(holdPatience)
	defer late.Stop()
	for {
		s.mu.Lock()
		before := s.all[name]
		if before == nil {
			mine := &hold{control: control, done: make(chan struct{})}
			mine.release = func() {
				s.mu.Lock()
				delete(s.all, name)
				s.mu.Unlock()
				close(mine.done)
			}
			s.all[name] = mine
			s.mu.Unlock()
			return mine, nil
		}
		s.mu.Unlock()
		before.stop()
		select {
		case <-before.done:
		case <-late.C:
			return nil, errLocked
		case <-ctx.Done():
			return nil, errLocked
		}
	}
}

func key(owner string, h Hash) string { return owner + "/" + hex.EncodeToString(h[:]) }

// noRoom marks that a write failed because the disk is full.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", errFullDisk, err)
	}
	return err
}
