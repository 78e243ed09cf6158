package sound

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ark"
)

// currentFile names the manifest in use: its hash, 64 hexadecimal digits.
const currentFile = "current"

// ownFile is the van's own demonstration, which is in use until the hub's
// first library has come.
const ownFile = "library.json"

// own is library.json.
type own struct {
	Version       int                `json:"version"`
	Announcements []ark.Announcement `json:"announcements"`
}

// readCurrent finds what is in use. Where "current" is damaged or what it
// names is, the newest manifest of which everything is there takes its place;
// then the van's own demonstration; then the newest manifest, as far as it is
// there.
func (l *Library) readCurrent() (*stock, error) {
	text, err := os.ReadFile(filepath.Join(l.dir, currentFile))
	var h ark.Hash
	switch {
	case errors.Is(err, fs.ErrNotExist): // before the first switch
		if s, ownErr := l.readOwn(); ownErr == nil {
			return s, nil
		}
	case err == nil && h.UnmarshalText([]byte(strings.TrimSpace(string(text)))) == nil:
		if of, m, readErr := l.readManifest(h); readErr == nil {
			return l.newStock(of, m.Announcements, nil), nil
		}
	}
	newest := l.manifests()
	for _, of := range newest {
		if _, m, err := l.readManifest(of.Manifest); err == nil {
			if s := l.newStock(of, m.Announcements, nil); l.there(s) {
				return s, nil
			}
		}
	}
	if s, err := l.readOwn(); err == nil {
		return s, nil
	}
	for _, of := range newest {
		if _, m, err := l.readManifest(of.Manifest); err == nil {
			return l.newStock(of, m.Announcements, nil), nil
		}
	}
	return &stock{}, errors.New("there are no announcements")
}

// there tells whether a file lies there for each recording; whether it is
// whole is seen when it is needed.
func (l *Library) there(s *stock) bool {
	return !slices.ContainsFunc(s.order, func(h ark.Hash) bool {
		_, err := os.Stat(s.files[h].path)
		return err != nil
	})
}

// manifests lists those in the folder that can be read, the newest first.
func (l *Library) manifests() (all []ark.Library) {
	names, _ := filepath.Glob(filepath.Join(l.dir, "*.manifest")) // the pattern is fixed
	for _, name := range names {
		var h ark.Hash
		if h.UnmarshalText([]byte(strings.TrimSuffix(filepath.Base(name), ".manifest"))) != nil {
			continue
		}
		if of, _, err := l.readManifest(h); err == nil {
			all = append(all, of)
		}
	}
	slices.SortFunc(all, func(a, b ark.Library) int { return int(min(max(b.Version-a.Version, -1), 1)) })
	return all
}

// readManifest reads a manifest and checks that it is what its name says.
func (l *Library) readManifest(h ark.Hash) (of ark.Library, m ark.Manifest, err error) {
	data, err := readSmall(l.Manifest(h), ark.MaxManifest)
	if err != nil {
		return of, m, err
	}
	if ark.HashOf(data) != h {
		return of, m, fmt.Errorf("manifest %v is damaged", h)
	}
	if m, err = ark.DecodeManifest(data); err != nil {
		return of, m, err
	}
	return ark.Library{Version: m.Version, Manifest: h, Size: int64(len(data))}, m, nil
}

func readSmall(path string, most int64) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.Size() > most {
		return nil, fmt.Errorf("%s is too large: %d bytes", filepath.Base(path), st.Size())
	}
	return os.ReadFile(path)
}

func (l *Library) readOwn() (*stock, error) {
	data, err := readSmall(filepath.Join(l.dir, ownFile), ark.MaxManifest)
	if err != nil {
		return &stock{}, err
	}
	var m own
	if err := json.Unmarshal(data, &m); err != nil {
		return &stock{}, err
	}
	return l.newStock(ark.Library{}, m.Announcements, nil), nil
}

// Whole tells whether a recording lies there and is what its name says. One
// that is not is taken away, so that it can be fetched again; one that cannot
// be opened just now, as when too many files are open, stays. What is being
// fetched is read once, however often the link breaks and it is asked again.
func (l *Library) Whole(h ark.Hash) bool {
	f := l.inUse().files[h]
	if f != nil && f.verified() {
		return true
	}
	f = &file{path: l.Recording(h), hash: h} // it may have come meanwhile
	var now lying
	if st, err := os.Stat(f.path); err == nil {
		now = lying{st.Size(), st.ModTime()}
	}
	l.mu.Lock()
	known := now != lying{} && l.came[h] == now
	l.mu.Unlock()
	if known || f.verified() {
		l.mu.Lock()
		l.came[h] = now
		l.mu.Unlock()
		return true
	}
	if f.bad() {
		os.Remove(f.path)
	}
	return false
}

// WholeManifest is a manifest that lies there; false: it does not, or is
// damaged.
func (l *Library) WholeManifest(h ark.Hash) (ark.Manifest, bool) {
	_, m, err := l.readManifest(h)
	return m, err == nil
}

// Expect says what is being fetched: it is not cleared away meanwhile.
func (l *Library) Expect(of ark.Library, m ark.Manifest) {
	expected := map[ark.Hash]bool{of.Manifest: true}
	for _, a := range m.Announcements {
		for _, r := range a.Recordings {
			expected[r.Content] = true
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expected = expected
	maps.DeleteFunc(l.came, func(h ark.Hash, _ lying) bool { return !expected[h] })
}

// Switch takes another library into use, at once and whole: its manifest and
// all its recordings must lie there. A crash at any moment leaves the one
// before or this one.
func (l *Library) Switch(of ark.Library) error {
	l.switching.Lock()
	defer l.switching.Unlock()
	_, m, err := l.readManifest(of.Manifest)
	if err != nil {
		return fmt.Errorf("switch library: %w", err)
	}
	before := l.inUse()
	s := l.newStock(of, m.Announcements, before.files)
	for _, h := range s.order {
		if !s.files[h].verified() {
			l.mu.Lock()
			delete(l.came, h) // it is to be read when it is asked for again
			l.mu.Unlock()
			return fmt.Errorf("switch library: recording %v is not there", h)
		}
	}
	if err := l.point(of.Manifest); err != nil {
		return fmt.Errorf("switch library: %w", err)
	}
	l.mu.Lock()
	l.stock, l.strays = s, map[ark.Hash]*file{}
	l.mu.Unlock()
	l.retire(before, s)
	return nil
}

// point lets "current" name a manifest, durably.
func (l *Library) point(manifest ark.Hash) error {
	path, text := filepath.Join(l.dir, currentFile), manifest.String()+"\n"
	if have, err := readSmall(path, int64(len(text))); err == nil && string(have) == text {
		return nil // as at each start
	}
	if err := replace(path, []byte(text)); err != nil {
		return err
	}
	return syncDir(l.dir)
}

// retire lets the grace time of what is not needed any more begin.
func (l *Library) retire(before, now *stock) {
	at := l.now()
	for h := range before.files {
		if now.files[h] == nil {
			os.Chtimes(l.Recording(h), at, at) // else it goes a little too early
		}
	}
	if before.edition.Manifest != now.edition.Manifest {
		os.Chtimes(l.Manifest(before.edition.Manifest), at, at)
	}
}

// How long what no version needs stays: a program that was made before a
// switch may still wait, and the office may take a change back.
const (
	sweepGrace = 24 * time.Hour
	sweepFirst = 5 * time.Minute // by then it is known what is being fetched
	sweepEvery = time.Hour
)

// Sweep removes what no version needs and is older than the grace time, also
// what was begun to be fetched and left. It tells how many files those were.
func (l *Library) Sweep() (removed int, err error) {
	l.switching.Lock()
	defer l.switching.Unlock()
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return 0, fmt.Errorf("sweep library: %w", err)
	}
	needed := l.needed()
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		var h ark.Hash
		ours := h.UnmarshalText([]byte(name)) == nil
		if !ours && !strings.HasPrefix(e.Name(), ".new-") || ours && needed[h] {
			continue
		}
		st, err := e.Info()
		if err != nil || l.now().Sub(st.ModTime()) < sweepGrace {
			continue
		}
		if err := os.Remove(filepath.Join(l.dir, e.Name())); err != nil {
			return removed, fmt.Errorf("sweep library: %w", err)
		}
		removed++
	}
	return removed, nil
}

// needed is what must not be removed: what is in use, what is being fetched,
// and the van's own demonstration, for the day when all else is damaged.
func (l *Library) needed() map[ark.Hash]bool {
	needed := map[ark.Hash]bool{}
	if s, err := l.readOwn(); err == nil {
		for h := range s.files {
			needed[h] = true
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for h := range l.stock.files {
		needed[h] = true
	}
	for h := range l.expected {
		needed[h] = true
	}
	needed[l.stock.edition.Manifest] = true
	return needed
}

// WriteLibrary writes the van's own demonstration into a folder: the
// recordings first, the list last and at once, so that a reader sees the old
// or the new one.
func WriteLibrary(dir string, announcements []ark.Announcement, recordings map[ark.Hash][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write library: %w", err)
	}
	for h, data := range recordings {
		if err := replace(filepath.Join(dir, h.String()+".wav"), data); err != nil {
			return fmt.Errorf("write library: %w", err)
		}
	}
	data, err := json.MarshalIndent(own{1, announcements}, "", "  ")
	if err != nil {
		return fmt.Errorf("write library: %w", err)
	}
	if err := replace(filepath.Join(dir, ownFile), data); err != nil {
		return fmt.Errorf("write library: %w", err)
	}
	return nil
}

func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
