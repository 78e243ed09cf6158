// Package blobs keeps recordings and manifests in a directory, each under its
// SHA-256, and gives them to vans over HTTPS.
package blobs

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ark"
	"ark/hub"
)

// Dir is a directory of content: xx/yy/hash, where xx and yy are the first
// digits of the hash, so that no folder has too many files. A file appears
// whole and durable, or not at all.
type Dir struct {
	path string
	now  func() time.Time
	mu   sync.Mutex // held while content comes or goes
}

var _ hub.Blobs = (*Dir)(nil)

// Grace is how long content stays that nothing needs: an upload that was not
// saved yet, or the manifest of a library that a van is just fetching.
const Grace = 7 * 24 * time.Hour

// temporary is where content grows; what a crash left there is of no use.
const temporary = "new"

// Open opens or makes a directory, and clears away what a crash left.
func Open(path string, now func() time.Time) (*Dir, error) {
	d := &Dir{path: path, now: now}
	growing := filepath.Join(path, temporary)
	if err := os.MkdirAll(growing, 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	left, err := os.ReadDir(growing)
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	for _, e := range left {
		if err := os.RemoveAll(filepath.Join(growing, e.Name())); err != nil {
			return nil, fmt.Errorf("open blobs: %w", err)
		}
	}
	return d, nil
}

func (d *Dir) file(h ark.Hash) string {
	name := h.String()
	return filepath.Join(d.path, name[:2], name[2:4], name)
}

// Put keeps all that r gives, durably; see hub.Blobs.
func (d *Dir) Put(ctx context.Context, r io.Reader, limit int64) (h ark.Hash, size int64, err error) {
	f, err := os.CreateTemp(filepath.Join(d.path, temporary), "")
	if err != nil {
		return h, 0, fmt.Errorf("keep content: %w", err)
	}
	defer os.Remove(f.Name()) // after the rename there is none
	h, size, err = fill(ctx, f, r, limit)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = d.adopt(f.Name(), h)
	}
	if err != nil {
		return ark.Hash{}, 0, fmt.Errorf("keep content: %w", err)
	}
	return h, size, nil
}

func fill(ctx context.Context, f *os.File, r io.Reader, limit int64) (h ark.Hash, size int64, err error) {
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(hearing{ctx, r}, limit+1))
	if err != nil {
		return h, size, err
	}
	if size > limit {
		return h, size, fmt.Errorf("%w: at most %d bytes", ark.ErrTooBig, limit)
	}
	sum.Sum(h[:0])
	return h, size, f.Sync()
}

// hearing is a reader that ends with its context.
type hearing struct {
	ctx context.Context
	io.Reader
}

func (h hearing) Read(b []byte) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	return h.Reader.Read(b)
}

// adopt gives whole content its place. What is there under the name already
// is the same, or damaged: it is replaced, and is young again.
func (d *Dir) adopt(temp string, h ark.Hash) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if err := os.Chtimes(temp, now, now); err != nil {
		return err
	}
	to := d.file(h)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Rename(temp, to); err != nil {
		return err
	}
	for _, dir := range []string{filepath.Dir(to), filepath.Dir(filepath.Dir(to)), d.path} {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// blob is content that is open.
type blob struct {
	*os.File
	size int64
}

// Size is in bytes.
func (b blob) Size() int64 { return b.size }

// Open opens content for reading; fs.ErrNotExist.
func (d *Dir) Open(h ark.Hash) (hub.Blob, error) {
	f, err := os.Open(d.file(h))
	if err != nil {
		return nil, fmt.Errorf("open content: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open content: %w", err)
	}
	return blob{f, st.Size()}, nil
}

// Sweep removes what is not needed and older than Grace, and tells how many
// files those were. Who reads one at the moment reads it to its end.
func (d *Dir) Sweep(ctx context.Context, needed map[ark.Hash]bool) (removed int, err error) {
	err = filepath.WalkDir(d.path, func(path string, e fs.DirEntry, err error) error {
		var h ark.Hash
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || e.IsDir() || h.UnmarshalText([]byte(e.Name())) != nil || needed[h] {
			return err
		}
		gone, err := d.removeOld(path)
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

func (d *Dir) removeOld(path string) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || d.now().Sub(st.ModTime()) < Grace {
		return false, err
	}
	return true, os.Remove(path)
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
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
