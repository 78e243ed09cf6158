package blobs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"ark"
	"ark/internal/tmpfs"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func content(n int, seed byte) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

func open(t *testing.T, path string, now func() time.Time) *Dir {
	t.Helper()
	d, err := Open(path, now)
	must(t, err)
	return d
}

func (d *Dir) text(t *testing.T, h ark.Hash) []byte {
	t.Helper()
	b, err := d.Open(h)
	must(t, err)
	defer b.Close()
	all, err := io.ReadAll(b)
	must(t, err)
	if b.Size() != int64(len(all)) {
		t.Errorf("size %d of %d bytes", b.Size(), len(all))
	}
	return all
}

// files lists what lies in a directory, folders left out.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, path)
		}
		return err
	}))
	return all
}

func TestContentIsKeptOnceUnderItsHash(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir, time.Now)
	data := content(300_000, 1)
	for range 2 {
		h, size, err := d.Put(t.Context(), iotest.HalfReader(bytes.NewReader(data)), 1<<20)
		if err != nil || h != ark.HashOf(data) || size != int64(len(data)) {
			t.Fatalf("%v, %d, %v", h, size, err)
		}
		if !bytes.Equal(d.text(t, h), data) {
			t.Error("something else was kept")
		}
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("files: %v", got)
	}
	if _, err := d.Open(ark.Hash{1}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
	// damaged on the disk: the next upload mends it
	must(t, os.WriteFile(d.content.File(ark.HashOf(data)), data[:100], 0o600))
	_, _, err := d.Put(t.Context(), bytes.NewReader(data), 1<<20)
	must(t, err)
	if !bytes.Equal(d.text(t, ark.HashOf(data)), data) {
		t.Error("damaged content stays damaged")
	}
}

func TestWhatCannotBeKeptLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir, time.Now)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		ctx   context.Context
		r     io.Reader
		limit int64
		want  error
	}{
		"one byte too many": {t.Context(), strings.NewReader("12345"), 4, ark.ErrTooBig},
		"without end":       {t.Context(), rand.NewChaCha8([32]byte{}), 1 << 16, ark.ErrTooBig},
		"broken off":        {t.Context(), io.MultiReader(strings.NewReader("12"), iotest.ErrReader(broken)), 4, broken},
		"nobody waits":      {ended, strings.NewReader("1"), 4, context.Canceled},
	} {
		if _, _, err := d.Put(c.ctx, c.r, c.limit); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("left over: %v", got)
	}
	if _, size, err := d.Put(t.Context(), strings.NewReader("1234"), 4); err != nil || size != 4 {
		t.Errorf("exactly as many as may be: %d, %v", size, err)
	}
}

func TestAFullDiskLeavesNothing(t *testing.T) {
	dir := tmpfs.Mount(t, "1m")
	d := open(t, dir, time.Now)
	if _, _, err := d.Put(t.Context(), bytes.NewReader(content(2<<20, 1)), 4<<20); err == nil {
		t.Fatal("two megabytes on a disk of one")
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("left over: %v", got)
	}
	_, _, err := d.Put(t.Context(), bytes.NewReader(content(500_000, 1)), 4<<20)
	must(t, err)
}

// What a crash left is cleared away; what was kept is still there.
func TestACrashLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir, time.Now)
	h, _, err := d.Put(t.Context(), strings.NewReader("kept"), 9)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "new", "123"), content(1000, 1), 0o600))
	d = open(t, dir, time.Now)
	if got := files(t, dir); len(got) != 1 || string(d.text(t, h)) != "kept" {
		t.Errorf("files: %v", got)
	}
}

func TestOnlyWhatNothingNeedsGoesAndNotAtOnce(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	d := open(t, t.TempDir(), func() time.Time { return now })
	put := func(text string) ark.Hash {
		h, _, err := d.Put(t.Context(), strings.NewReader(text), 99)
		must(t, err)
		return h
	}
	needed, old, again := put("needed"), put("old"), put("again")
	sweep := func() int {
		n, err := d.Sweep(t.Context(), map[ark.Hash]bool{needed: true})
		must(t, err)
		return n
	}
	now = now.Add(Grace - time.Second)
	if n := sweep(); n != 0 {
		t.Errorf("%d removed within the grace time", n)
	}
	put("again") // somebody uploads it once more
	now = now.Add(time.Second)
	reading, err := d.Open(old)
	must(t, err)
	defer reading.Close()
	if n := sweep(); n != 1 {
		t.Errorf("%d removed, want 1", n)
	}
	if _, err := d.Open(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what nothing needs: %v", err)
	}
	if rest, err := io.ReadAll(reading); err != nil || string(rest) != "old" {
		t.Errorf("who was reading it got %q, %v", rest, err)
	}
	d.text(t, needed)
	d.text(t, again)
}
