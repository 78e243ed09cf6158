// Package uploads keeps content in a folder, each under its SHA-256, and takes
// it in pieces over HTTP by the tus 1.0 protocol: core, creation, termination
// (https://tus.io/protocols/resumable-upload). It has no words of its own for
// what the content is.
package uploads

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Hash is the SHA-256 of content.
type Hash = [sha256.Size]byte

// ErrTooBig says that content is over its limit.
var ErrTooBig = errors.New("content over its limit")

// Folder is a directory of content: xx/yy/hash, where xx and yy are the first
// digits of the hash, so that no folder has too many files. A file appears
// whole and durable, or not at all.
type Folder struct {
	path string
	now  func() time.Time
	mu   sync.Mutex // held while content, or the folder of a part, comes or goes
}

// Where content grows: what Put was given, of no use after a crash, and
// uploads, which are gone on with.
const (
	temporary = "new"
	partial   = "part"
)

// OpenFolder opens or makes a folder, and clears away what a crash left of
// Put.
func OpenFolder(path string, now func() time.Time) (*Folder, error) {
	growing := filepath.Join(path, temporary)
	for _, dir := range []string{growing, filepath.Join(path, partial)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("open folder of content: %w", err)
		}
	}
	left, err := os.ReadDir(growing)
	if err != nil {
		return nil, fmt.Errorf("open folder of content: %w", err)
	}
	for _, e := range left {
		if err := os.RemoveAll(filepath.Join(growing, e.Name())); err != nil {
			return nil, fmt.Errorf("open folder of content: %w", err)
		}
	}
	return &Folder{path: path, now: now}, nil
}

// Look is a folder of content that another program may be using: it makes and
// clears away nothing, and is for reading alone.
func Look(path string) *Folder { return &Folder{path: path, now: time.Now} }

// File is where content lies, or would.
func (d *Folder) File(h Hash) string {
	name := hex.EncodeToString(h[:])
	return filepath.Join(d.path, name[:2], name[2:4], name)
}

// Put keeps all that r gives, durably, at most limit bytes (ErrTooBig). What
// is there already is not kept twice.
func (d *Folder) Put(ctx context.Context, r io.Reader, limit int64) (h Hash, size int64, err error) {
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
		return Hash{}, 0, fmt.Errorf("keep content: %w", err)
	}
	return h, size, nil
}

func fill(ctx context.Context, f *os.File, r io.Reader, limit int64) (h Hash, size int64, err error) {
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(hearing{ctx, r}, limit+1))
	if err != nil {
		return h, size, err
	}
	if size > limit {
		return h, size, fmt.Errorf("%w: at most %d bytes", ErrTooBig, limit)
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

// adopt gives whole and durable content its place. What is there under the
// name already is the same, or damaged: it is replaced, and is young again.
func (d *Folder) adopt(temp string, h Hash) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if err := os.Chtimes(temp, now, now); err != nil {
		return err
	}
	to := d.File(h)
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

// Content is content that is open.
type Content struct {
	*os.File
	size int64
}

// Size is in bytes.
func (c *Content) Size() int64 { return c.size }

// Open opens content for reading; fs.ErrNotExist.
func (d *Folder) Open(h Hash) (*Content, error) {
	f, err := os.Open(d.File(h))
	if err != nil {
		return nil, fmt.Errorf("open content: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open content: %w", err)
	}
	return &Content{f, st.Size()}, nil
}

// Size is how large content is that is there.
func (d *Folder) Size(h Hash) (size int64, there bool) {
	st, err := os.Stat(d.File(h))
	if err != nil {
		return 0, false
	}
	return st.Size(), true
}

// Remove removes content. Who reads it at the moment reads it to its end; what
// is not there is no error.
func (d *Folder) Remove(h Hash) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := os.Remove(d.File(h)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove content: %w", err)
	}
	return nil
}

// RemoveOlder removes content that has lain there for some time; false: it has
// not, or is not there.
func (d *Folder) RemoveOlder(h Hash, age time.Duration) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	st, err := os.Stat(d.File(h))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || d.now().Sub(st.ModTime()) < age {
		return false, err
	}
	return true, os.Remove(d.File(h))
}

// Each names all content that is there, in no order.
func (d *Folder) Each(ctx context.Context, f func(Hash) error) error {
	files, err := filepath.Glob(filepath.Join(d.path, "[0-9a-f][0-9a-f]", "[0-9a-f][0-9a-f]"))
	if err != nil {
		return err
	}
	for _, dir := range files {
		all, err := os.ReadDir(dir)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("list content: %w", err)
		}
		for _, e := range all {
			h, ok := parseHash(e.Name())
			if !ok {
				continue
			}
			if err := f(h); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseHash reads the usual form of a hash: 64 small hexadecimal digits.
func parseHash(name string) (h Hash, ok bool) {
	raw, err := hex.DecodeString(name)
	if err != nil || len(raw) != len(h) || hex.EncodeToString(raw) != name {
		return h, false
	}
	return Hash(raw), true
}
