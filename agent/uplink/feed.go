package uplink

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// feed is the body of a piece: it counts what is sent, no faster than it may
// be, and is alive as long as somebody reads. The transport may go on reading
// for a moment after the answer.
type feed struct {
	ctx   context.Context
	from  io.Reader
	rate  *rate
	alive *time.Timer
	stall time.Duration
	sent  atomic.Int64
}

func (f *feed) Read(b []byte) (int, error) {
	f.alive.Stop() // it is we who wait
	n, err := f.from.Read(b[:min(len(b), chunk)])
	f.sent.Add(int64(n))
	if werr := f.rate.wait(f.ctx, n); werr != nil {
		return n, werr
	}
	f.alive.Reset(f.stall)
	return n, err
}
