package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"ark"
	"ark/firmware-config/demo"
	"ark/hub"
	"ark/hub/blobs"
	"ark/hub/store"
)

// failing fails to keep what comes after some files.
type failing struct {
	hub.Blobs
	left int
}

var errPlanted = errors.New("planted")

func (f *failing) Put(ctx context.Context, r io.Reader, limit int64) (ark.Hash, int64, error) {
	if f.left--; f.left < 0 {
		return ark.Hash{}, 0, errPlanted
	}
	return f.Blobs.Put(ctx, r, limit)
}

func TestANewHubHasTheDemonstration(t *testing.T) {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "hub.db"), func(b []byte) { rand.Read(b) }, time.Now)
	must(t, err)
	defer s.Close()
	d, err := blobs.Open(t.TempDir(), time.Now)
	must(t, err)
	if err := seed(t.Context(), s, &failing{d, 3}); !errors.Is(err, errPlanted) {
		t.Fatalf("on a full disk: %v", err)
	}
	if _, _, some, err := s.Library(t.Context()); some || err != nil {
		t.Fatalf("a library without its recordings: %v", err)
	}
	for range 2 { // the second finds all done
		must(t, seed(t.Context(), s, d))
	}
	_, m, _, err := s.Library(t.Context())
	must(t, err)
	if len(m.Announcements) != len(demo.List()) || int(m.Version) != len(demo.List()) {
		t.Fatalf("version %d with %d announcements", m.Version, len(m.Announcements))
	}
	for _, a := range m.Announcements {
		for _, r := range a.Recordings {
			b, err := d.Open(r.Content)
			must(t, err)
			if b.Size() != r.Size {
				t.Errorf("%s in %s: %d bytes, want %d", a.ID, r.Language, b.Size(), r.Size)
			}
			b.Close()
		}
	}
	must(t, s.Withdraw(t.Context(), "water", true, "lin"))
	must(t, seed(t.Context(), s, d))
	if _, m, _, _ := s.Library(t.Context()); len(m.Announcements) != len(demo.List())-1 {
		t.Error("what staff withdrew is back")
	}
}
