package backup

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/internal/uploads"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return string(data)
}

// house is a hub's folder with a little of everything.
type house struct {
	t      testing.TB
	dir    string
	blobs  string
	second ark.Hash // content that is attached
}

func newHouse(t testing.TB) *house {
	h := &house{t: t, dir: t.TempDir()}
	h.blobs = filepath.Join(h.dir, "blobs")
	write(t, filepath.Join(h.dir, "hub.db"), "rows")
	write(t, filepath.Join(h.dir, "ca", "devices.jsonl"), "van-1\n")
	h.put("", "a recording")
	h.second = h.put("attached", "a photo")
	return h
}

func (h *house) put(below, text string) ark.Hash {
	h.t.Helper()
	f, err := uploads.OpenFolder(filepath.Join(h.blobs, below), time.Now)
	must(h.t, err)
	hash, _, err := f.Put(h.t.Context(), strings.NewReader(text), 1<<20)
	must(h.t, err)
	return hash
}

func (h *house) parts() Parts {
	return Parts{Blobs: h.blobs, Release: "test", Files: map[string]string{"ca/devices.jsonl": filepath.Join(h.dir, "ca", "devices.jsonl"),
		"ca/ca-key.pem": filepath.Join(h.dir, "ca", "ca-key.pem")},
		Database: func(ctx context.Context, to string) error {
			_, _, err := copyFile(ctx, filepath.Join(h.dir, "hub.db"), to)
			return err
		}}
}

func (h *house) place() Place {
	return Place{Blobs: h.blobs, Files: h.parts().Files, Database: func(_ context.Context, from string) error {
		data, err := os.ReadFile(from)
		must(h.t, err)
		return os.WriteFile(filepath.Join(h.dir, "hub.db"), data, 0o600)
	}}
}

var at = time.Date(2026, 11, 26, 9, 30, 0, 0, time.UTC)

func (h *house) save(folder string, at time.Time) *Backup {
	h.t.Helper()
	_, err := Save(h.t.Context(), folder, h.parts(), at, nil)
	must(h.t, err)
	b, err := Open(filepath.Join(folder, at.Format(nameFormat)))
	must(h.t, err)
	return b
}

func TestABackupIsPutBackElsewhere(t *testing.T) {
	old, folder := newHouse(t), t.TempDir()
	b := old.save(folder, at)
	if n, bytes := b.Blobs(); n != 2 || bytes != int64(len("a recording")+len("a photo")) || !b.Made().Equal(at) || !slices.Equal(b.Left(), []string{"ca/ca-key.pem"}) {
		t.Errorf("%d files of %d bytes, made %v, without %q", n, bytes, b.Made(), b.Left())
	}
	anew := &house{t: t, dir: t.TempDir()}
	anew.blobs = filepath.Join(anew.dir, "blobs")
	kept, err := b.Restore(t.Context(), anew.place(), nil)
	must(t, err)
	if len(kept) != 0 || read(t, filepath.Join(anew.dir, "hub.db")) != "rows" || read(t, filepath.Join(anew.dir, "ca", "devices.jsonl")) != "van-1\n" {
		t.Errorf("kept %q", kept)
	}
	if bad, n, err := Content(t.Context(), anew.blobs, nil); len(bad) != 0 || n != 2 || err != nil {
		t.Errorf("content: %v of %d, %v", bad, n, err)
	}
	if got := read(t, uploads.Look(filepath.Join(anew.blobs, "attached")).File(old.second)); got != "a photo" {
		t.Errorf("the photo is %q", got)
	}
}

// Whom the list of devices has shut out since the backup stays out.
func TestWhatIsThereStays(t *testing.T) {
	h, folder := newHouse(t), t.TempDir()
	b := h.save(folder, at)
	devices := filepath.Join(h.dir, "ca", "devices.jsonl")
	write(t, devices, "van-1\nvan-1 revoked\n")
	write(t, filepath.Join(h.dir, "hub.db"), "more rows")
	photo := uploads.Look(filepath.Join(h.blobs, "attached")).File(h.second)
	write(t, photo, "a phot0")
	kept, err := b.Restore(t.Context(), h.place(), nil)
	must(t, err)
	if !slices.Equal(kept, []string{"ca/devices.jsonl"}) || read(t, devices) != "van-1\nvan-1 revoked\n" {
		t.Errorf("kept %q", kept)
	}
	if read(t, filepath.Join(h.dir, "hub.db")) != "rows" || read(t, photo) != "a photo" {
		t.Error("the database or a damaged photo was not put back")
	}
}

func TestContentIsCopiedOnce(t *testing.T) {
	h, folder := newHouse(t), t.TempDir()
	h.save(folder, at)
	pool := uploads.Look(filepath.Join(folder, blobsFolder))
	first, err := os.Stat(pool.File(h.second))
	must(t, err)
	h.put("attached", "another photo")
	b := h.save(folder, at.Add(24*time.Hour))
	second, err := os.Stat(pool.File(h.second))
	must(t, err)
	if !os.SameFile(first, second) {
		t.Error("content was copied once more")
	}
	if n, _ := b.Blobs(); n != 3 {
		t.Errorf("%d files of content", n)
	}
	if n, _ := h.openOf(folder, at).Blobs(); n != 2 {
		t.Errorf("the earlier backup has %d now", n)
	}
}

func (h *house) openOf(folder string, at time.Time) *Backup {
	b, err := Open(filepath.Join(folder, at.Format(nameFormat)))
	must(h.t, err)
	return b
}

// Each kind of damage is found before anything is put back.
func TestDamageIsFound(t *testing.T) {
	for name, spoil := range map[string]func(h *house, b *Backup) string{
		"the database has changed": func(_ *house, b *Backup) string { return filepath.Join(b.Path(), Database) },
		"a list has changed":       func(_ *house, b *Backup) string { return filepath.Join(b.Path(), "ca", "devices.jsonl") },
		"content has changed": func(h *house, b *Backup) string {
			return uploads.Look(filepath.Join(b.folder, blobsFolder)).File(h.second)
		},
		"the list of content": func(_ *house, b *Backup) string { return filepath.Join(b.Path(), blobsFile) },
		"what belongs to it":  func(_ *house, b *Backup) string { return filepath.Join(b.Path(), manifestFile) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			b := h.save(t.TempDir(), at)
			path := spoil(h, b)
			data := []byte(read(t, path))
			write(t, path, string(bytes.ToUpper(data)))
			if restored(t, h, b.Path()) {
				t.Error("changed bytes were put back")
			}
			must(t, os.Remove(path))
			if restored(t, h, b.Path()) {
				t.Error("it was put back without the file")
			}
		})
	}
}

// restored tells whether a backup was put back; if not, nothing was.
func restored(t *testing.T, h *house, path string) bool {
	t.Helper()
	write(t, filepath.Join(h.dir, "hub.db"), "present rows")
	b, err := Open(path)
	if err == nil {
		_, err = b.Restore(t.Context(), h.place(), nil)
	}
	if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if got := read(t, filepath.Join(h.dir, "hub.db")); err != nil && got != "present rows" {
		t.Errorf("the hub has %q", got)
	}
	return err == nil
}

// A backup that was broken off is none, and stands in nobody's way.
func TestABackupThatFails(t *testing.T) {
	h, folder := newHouse(t), t.TempDir()
	p, planted := h.parts(), errors.New("planted")
	p.Database = func(context.Context, string) error { return planted }
	if _, err := Save(t.Context(), folder, p, at, nil); !errors.Is(err, planted) {
		t.Fatalf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p = h.parts()
	if _, err := Save(ctx, folder, p, at, func(s Step) {
		if s.Doing == "blobs" {
			cancel()
		}
	}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	must(t, h.save(folder, at).Check(t.Context(), nil))
}

func TestDamagedContentIsNotBackedUp(t *testing.T) {
	h := newHouse(t)
	write(t, uploads.Look(filepath.Join(h.blobs, "attached")).File(h.second), "a phot0")
	if bad, _, err := Content(t.Context(), h.blobs, nil); err != nil || !slices.Equal(bad, []ark.Hash{h.second}) {
		t.Errorf("found %v, %v", bad, err)
	}
	b := h.save(t.TempDir(), at)
	must(t, b.Check(t.Context(), nil))
	if n, _ := b.Blobs(); n != 1 || !slices.Equal(b.Damaged(), []ark.Hash{h.second}) {
		t.Errorf("%d files of content, without %v", n, b.Damaged())
	}
}

// A manifest is a file that somebody may have made.
func TestHostileManifests(t *testing.T) {
	for _, text := range []string{`{"version":2,"release":"v9"}`, `{"files":[{"name":"../x"}]}`, `{"files":[{"name":"/etc/x"}]}`, `{"files":[{"name":"ca/../x"}]}`, `{"files":[{"name":"ca/./../../x"}]}`, `{"files":[{"name":"ca/"}]}`, `[`, ``, strings.Repeat("[", 100_000)} {
		dir := filepath.Join(t.TempDir(), "b")
		write(t, filepath.Join(dir, manifestFile), text)
		if b, err := Open(dir); err == nil {
			t.Errorf("%.20s was opened: %+v", text, b)
		}
	}
}
