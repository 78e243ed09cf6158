package files

import (
	"context"
	"errors"
	"path"
	"time"

	"ark"
	"ark/internal/uploads"
)

// sweepEvery is how often Run looks for what may go, and sweepMost how many
// are asked for at a time.
const (
	sweepEvery = time.Hour
	sweepMost  = 100
)

// Run notes what a crash kept from being noted, and removes what may go, until
// ctx ends.
func (f *Files) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		err := errors.Join(f.mend(ctx), f.sweep(ctx))
		if err != nil && ctx.Err() == nil {
			f.c.Log.Error("attachments are not tidied; in an hour again", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// mend notes what is on the card and not written down: the power went between
// the one and the other, or the database was replaced.
func (f *Files) mend(ctx context.Context) error {
	var some []ark.Hash
	note := func() error {
		where, err := f.c.Attachments.Where(ctx, some)
		for _, h := range some {
			size, there := f.folder.Size(h)
			if err == nil && !where[h].OnVan && there {
				err = f.c.Attachments.Arrived(ctx, h, size)
			}
		}
		some = some[:0]
		return err
	}
	err := f.folder.Each(ctx, func(h uploads.Hash) error {
		if some = append(some, h); len(some) == sweepMost {
			return note()
		}
		return nil
	})
	return errors.Join(err, note())
}

// sweep removes what the hub has had for long enough, what no visit names, and
// beginnings with which nobody goes on.
func (f *Files) sweep(ctx context.Context) error {
	_, err := f.folder.SweepParts(Stale)
	for err == nil && ctx.Err() == nil {
		var spent []ark.Hash
		if spent, err = f.c.Attachments.Spent(ctx, f.c.Keep, sweepMost); len(spent) == 0 {
			break
		}
		for _, h := range spent {
			err = errors.Join(err, f.Remove(ctx, h))
		}
	}
	return err
}

// hashOf is the hash that a path ends with.
func hashOf(p string) (h ark.Hash, ok bool) {
	name := path.Base(p)
	return h, h.UnmarshalText([]byte(name)) == nil && h.String() == name
}
