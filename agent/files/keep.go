package files

import (
	"context"
	"errors"
	"path"
	"time"

	"ark"
	"ark/internal/uploads"
)

// sweepEvery is how often Run tidies, and sweepMost how many attachments are
// asked about at a time.
const (
	sweepEvery = time.Hour
	sweepMost  = 100
)

// Run tidies now and then until ctx ends.
func (f *Files) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := f.Tidy(ctx); err != nil && ctx.Err() == nil {
			f.c.Log.Error("attachments are not tidied; in an hour again", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Tidy notes what a crash kept from being noted, and removes what may go.
func (f *Files) Tidy(ctx context.Context) error {
	folder, _, err := f.open()
	if err != nil {
		return err
	}
	return errors.Join(f.mend(ctx, folder), f.sweep(ctx, folder))
}

// mend notes what is on the card and not written down: the power went between
// the one and the other, or the database was replaced.
func (f *Files) mend(ctx context.Context, folder *uploads.Folder) error {
	var some []ark.Hash
	note := func() error {
		where, err := f.c.Attachments.Where(ctx, some)
		for _, h := range some {
			size, there := folder.Size(h)
			if err == nil && !where[h].OnVan && there {
				err = f.c.Attachments.Arrived(ctx, h, size)
			}
		}
		some = some[:0]
		return err
	}
	err := folder.Each(ctx, func(h uploads.Hash) error {
		if some = append(some, h); len(some) == sweepMost {
			return note()
		}
		return nil
	})
	return errors.Join(err, note())
}

// sweep removes what the hub has had for long enough, what no visit names, and
// beginnings with which nobody goes on.
func (f *Files) sweep(ctx context.Context, folder *uploads.Folder) error {
	_, err := folder.SweepParts(Stale)
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
