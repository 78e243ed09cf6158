package uplink

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/uploads"
)

// Pieces grow and shrink with the link: one takes some seconds, so that words
// that come meanwhile wait no longer, and one that is cut costs little.
const (
	leastPiece, mostPiece = 64 << 10, 1 << 20
	quick, slow           = time.Second, 5 * time.Second
)

// carry brings one attachment to the hub and tells how many bytes it took.
func (c *Carrier) carry(ctx context.Context, hub *uploads.Client, o agent.Owed) (took int64, err error) {
	f, err := c.content(ctx, o)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	a := uploads.Announced{Hash: o.Content, Size: o.Size, Type: o.Type}
	at, err := c.announce(ctx, hub, a)
	if err != nil {
		return 0, err
	}
	for at < o.Size {
		c.setPart(at)
		if err := c.mayGo(ctx); err != nil {
			return took, err
		}
		began := time.Now()
		next, err := c.send(ctx, hub, a, f, at)
		if err != nil {
			c.size = leastPiece
			return took, err
		}
		switch d := time.Since(began); {
		case d < quick:
			c.size = min(2*c.size, mostPiece)
		case d > slow:
			c.size = max(c.size/2, leastPiece)
		}
		took += next - at
		at = next
	}
	if err := c.c.Attachments.Delivered(ctx, o.Content); err != nil {
		return took, err
	}
	c.c.Log.Info("an attachment is at the hub", "content", o.Content, "bytes", o.Size)
	return took, nil
}

// content opens an attachment. One that is gone from the card or damaged on it
// is given up: no try would mend it.
func (c *Carrier) content(ctx context.Context, o agent.Owed) (*os.File, error) {
	f, err := c.c.Content(o.Content)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil && c.sound[o.Content] {
		return f, nil
	}
	if err == nil {
		sum := sha256.New()
		n, rerr := io.Copy(sum, f)
		if rerr == nil && n == o.Size && ark.Hash(sum.Sum(nil)) == o.Content {
			c.sound[o.Content] = true
			return f, nil
		}
		f.Close()
		if rerr != nil {
			return nil, rerr
		}
	}
	c.c.Log.Error("an attachment is gone from the card or damaged on it and is given up", "content", o.Content, "visit", o.Visit)
	if err := c.c.Remove(ctx, o.Content); err != nil {
		return nil, err
	}
	return nil, &uploads.Refusal{Status: http.StatusGone, Word: "gone", After: time.Hour}
}

// announce says what is to come and learns how much of it the hub has.
func (c *Carrier) announce(ctx context.Context, hub *uploads.Client, a uploads.Announced) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, c.c.Tries.Stall)
	defer cancel()
	return hub.Announce(ctx, a)
}

// send sends the next piece and learns how much the hub has then.
func (c *Carrier) send(ctx context.Context, hub *uploads.Client, a uploads.Announced, f *os.File, at int64) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alive := time.AfterFunc(c.c.Tries.Stall, func() { cancel(errStalled) })
	defer alive.Stop()
	n := min(c.size, a.Size-at)
	body := &feed{ctx: ctx, from: io.NewSectionReader(f, at, n), rate: c.rate, alive: alive, stall: c.c.Tries.Stall}
	next, err := hub.Send(ctx, a, at, n, body)
	err = causeOf(ctx, err)
	if sent := body.sent.Load(); sent > 0 {
		err = errors.Join(err, c.c.Attachments.Spend(context.WithoutCancel(ctx), sent))
	}
	return next, err
}

// aboutOne tells whether the hub refused this one attachment. What else it
// says is about the van, or for now.
func aboutOne(no *uploads.Refusal) bool {
	switch no.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusConflict, http.StatusLocked, http.StatusTooManyRequests:
		return false
	}
	return no.Status < 500
}
