// Package files is the van's folder of attachments: what phones bring by tus,
// each under its SHA-256, until the hub has it and a while after.
package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/uploads"
)

// Base is where phones bring attachments.
const Base = "/api/2/files"

// Stale is after how long the beginning of an attachment is forgotten with
// which no phone goes on, and after how long one goes that no visit names.
const Stale = 7 * 24 * time.Hour

// Config is what a folder of attachments needs.
type Config struct {
	Dir         string
	Attachments agent.Attachments
	Disk        func() (free, total int64) // of the card, in bytes
	Keep        time.Duration              // how long those stay that the hub has
	Now         func() time.Time
	Arrived     func() // one more is whole; never waits. May be nil
	Limits      uploads.Limits
	Log         *slog.Logger
}

// Files is the folder. It is an http.Handler of Base and what is below it,
// for requests of enrolled phones (agent.ByPhone). A card that cannot be used
// is tried again with each request.
type Files struct {
	c Config

	mu     sync.Mutex
	folder *uploads.Folder // nil: not open yet
	taking *uploads.Handler
}

// New makes a folder of attachments.
func New(c Config) *Files {
	if c.Arrived == nil {
		c.Arrived = func() {}
	}
	return &Files{c: c}
}

// open opens the folder on the card, or makes it, once.
func (f *Files) open() (*uploads.Folder, *uploads.Handler, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.folder != nil {
		return f.folder, f.taking, nil
	}
	folder, err := uploads.OpenFolder(f.c.Dir, f.c.Now)
	if err != nil {
		return nil, nil, fmt.Errorf("open attachments: %w", err)
	}
	f.folder = folder
	f.taking = uploads.New(uploads.Config{Folder: folder, Base: Base, Most: ark.MaxAttachment, Owner: owner,
		Accept: f.accept, Check: check, Arrived: f.arrived, Refuse: refuse, Limits: f.c.Limits, Log: f.c.Log})
	return folder, f.taking, nil
}

// owner is the phone that asks.
func owner(r *http.Request) (string, bool) {
	p, ok := agent.PhoneOf(r.Context())
	return p.ID.String(), ok
}

// ServeHTTP takes attachments from phones, and gives them back.
func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	folder, taking, err := f.open()
	switch {
	case err != nil:
		f.c.Log.Error("attachments cannot be taken", "err", err)
		refuse(w, r, errIll)
	case r.Method == http.MethodGet:
		f.give(w, r, folder)
	default:
		taking.ServeHTTP(w, r)
	}
}

// errIll says that the card cannot be used now.
var errIll = &uploads.Refusal{Status: http.StatusServiceUnavailable, Word: "unavailable", After: time.Minute}

func (f *Files) arrived(ctx context.Context, a uploads.Announced) error {
	if err := f.c.Attachments.Arrived(ctx, a.Hash, a.Size); err != nil {
		return err
	}
	f.c.Arrived()
	return nil
}

// Content opens an attachment for reading; fs.ErrNotExist.
func (f *Files) Content(h ark.Hash) (*os.File, error) {
	folder, _, err := f.open()
	if err != nil {
		return nil, err
	}
	c, err := folder.Open(h)
	if err != nil {
		return nil, err
	}
	return c.File, nil
}

// Remove removes an attachment that is of no use, and notes so.
func (f *Files) Remove(ctx context.Context, h ark.Hash) error {
	folder, _, err := f.open()
	if err != nil {
		return err
	}
	if err := folder.Remove(h); err != nil {
		return err
	}
	return f.c.Attachments.Removed(ctx, h)
}

// give answers with an attachment.
func (f *Files) give(w http.ResponseWriter, r *http.Request, folder *uploads.Folder) {
	h, ok := hashOf(r.URL.Path)
	if _, known := owner(r); !known || !ok {
		refuse(w, r, &uploads.Refusal{Status: http.StatusNotFound, Word: "not-there"})
		return
	}
	c, err := folder.Open(h)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		refuse(w, r, &uploads.Refusal{Status: http.StatusNotFound, Word: "not-there"})
		return
	case err != nil:
		f.c.Log.Error("an attachment cannot be read", "err", err)
		refuse(w, r, errIll)
		return
	}
	defer c.Close()
	head := w.Header()
	kind, err := kindOf(c)
	if err != nil {
		kind = "application/octet-stream"
	}
	head.Set("Content-Type", kind)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	head.Set("Cache-Control", "private, max-age=31536000, immutable")
	head.Set("ETag", `"`+h.String()+`"`)
	http.ServeContent(w, r, "", time.Time{}, c)
}
