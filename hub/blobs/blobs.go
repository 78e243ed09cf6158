// Package blobs keeps recordings and manifests in a directory, each under its
// SHA-256, and gives them to vans over HTTPS. Vans bring the attachments of
// visits the same way.
package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/uploads"
)

// Dir is a directory of content. A file appears whole and durable, or not at
// all. Attachments of visits lie in a folder of their own: they stay as long
// as their visits, which no list of what announcements need can say.
type Dir struct {
	content  *uploads.Folder
	attached *uploads.Folder
}

var _ hub.Blobs = (*Dir)(nil)

// Grace is how long content stays that nothing needs: a recording that was not
// saved yet, the manifest of a library that a van is just fetching, or the
// beginning of an attachment with which a van does not go on.
const Grace = 7 * 24 * time.Hour

// Open opens or makes a directory, and clears away what a crash left.
func Open(path string, now func() time.Time) (*Dir, error) {
	content, err := uploads.OpenFolder(path, now)
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	attached, err := uploads.OpenFolder(filepath.Join(path, "attached"), now)
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	return &Dir{content, attached}, nil
}

// Look is a directory that a hub may be using, for reading alone.
func Look(path string) *Dir {
	return &Dir{uploads.Look(path), uploads.Look(filepath.Join(path, "attached"))}
}

// Put keeps all that r gives, durably; see hub.Blobs.
func (d *Dir) Put(ctx context.Context, r io.Reader, limit int64) (ark.Hash, int64, error) {
	h, size, err := d.content.Put(ctx, r, limit)
	if errors.Is(err, uploads.ErrTooBig) {
		err = fmt.Errorf("%w: %w", ark.ErrTooBig, err)
	}
	return h, size, err
}

// Open opens content for reading, a recording or an attachment;
// fs.ErrNotExist.
func (d *Dir) Open(h ark.Hash) (hub.Blob, error) {
	b, err := d.content.Open(h)
	if errors.Is(err, fs.ErrNotExist) {
		b, err = d.attached.Open(h)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Sweep removes recordings and manifests that are not needed and older than
// Grace, and tells how many files those were. Who reads one at the moment
// reads it to its end.
func (d *Dir) Sweep(ctx context.Context, needed map[ark.Hash]bool) (removed int, err error) {
	err = d.content.Each(ctx, func(h uploads.Hash) error {
		if needed[h] {
			return nil
		}
		gone, err := d.content.RemoveOlder(h, Grace)
		if gone {
			removed++
		}
		return err
	})
	if err != nil {
		return removed, fmt.Errorf("sweep blobs: %w", err)
	}
	return removed, nil
}

// between is how often Run sweeps.
const between = 6 * time.Hour

// Run sweeps now and then until ctx ends. needed tells what must stay.
func (d *Dir) Run(ctx context.Context, needed func(context.Context) (map[ark.Hash]bool, error), log *slog.Logger) error {
	tick := time.NewTicker(between)
	defer tick.Stop()
	for {
		keep, err := needed(ctx)
		if err == nil {
			var removed int
			if removed, err = d.Sweep(ctx, keep); removed > 0 {
				log.Info("content that no announcement needs was removed", "files", removed)
			}
		}
		if err != nil && ctx.Err() == nil {
			log.Error("content that no announcement needs is not removed", "err", err)
		}
		if _, err := d.attached.SweepParts(Grace); err != nil {
			log.Error("beginnings of attachments are not removed", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
