package backup

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ark"
)

// reading is a reader that ends with its context.
type reading struct {
	ctx context.Context
	io.Reader
}

func (r reading) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}

// sum is a file's SHA-256 and size.
func sum(ctx context.Context, path string) (h ark.Hash, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return h, 0, err
	}
	defer f.Close()
	s := sha256.New()
	size, err = io.Copy(s, reading{ctx, f})
	s.Sum(h[:0])
	return h, size, err
}

// copyFile copies a file to a place where none is, durably, and tells what
// went over.
func copyFile(ctx context.Context, from, to string) (h ark.Hash, size int64, err error) {
	in, err := os.Open(from)
	if err != nil {
		return h, 0, err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return h, 0, err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return h, 0, err
	}
	s := sha256.New()
	size, err = io.Copy(io.MultiWriter(out, s), reading{ctx, in})
	if err == nil {
		err = out.Sync()
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = syncFolder(filepath.Dir(to))
	}
	if err != nil {
		os.Remove(to)
		return h, size, fmt.Errorf("copy %s: %w", from, err)
	}
	s.Sum(h[:0])
	return h, size, nil
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return err
}
