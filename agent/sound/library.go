package sound

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"ark"
)

// Library is the announcements of a van: a folder with library.json and one
// WAV file for each recording, named by its SHA-256. Files are checked when
// the library is opened and mapped into memory, so that a press waits for no
// disk.
type Library struct {
	dir   string
	list  []ark.Announcement
	files map[ark.Hash]file
}

// file is a recording's samples, or why there are none.
type file struct {
	mapped  []byte // of the whole file, to be unmapped
	samples []byte
	why     string
}

// manifest is library.json.
type manifest struct {
	Version       int                `json:"version"`
	Announcements []ark.Announcement `json:"announcements"`
}

const maxManifest = 1 << 20

// OpenLibrary opens a folder. A recording that is missing or damaged is no
// error: the others are played, and the as-run record says so.
func OpenLibrary(dir string) (*Library, error) {
	l := &Library{dir: dir, files: map[ark.Hash]file{}}
	data, err := os.ReadFile(filepath.Join(dir, "library.json"))
	if err != nil {
		return l, fmt.Errorf("open library: %w", err)
	}
	var m manifest
	if len(data) > maxManifest {
		return l, errors.New("open library: library.json is too large")
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return l, fmt.Errorf("open library: %w", err)
	}
	l.list = m.Announcements
	for _, a := range l.list {
		for _, r := range a.Recordings {
			if _, done := l.files[r.Content]; !done {
				l.files[r.Content] = l.open(r.Content)
			}
		}
	}
	return l, nil
}

// open maps a recording and checks that it is what its name says.
func (l *Library) open(h ark.Hash) file {
	f, err := os.Open(filepath.Join(l.dir, h.String()+".wav"))
	if err != nil {
		return file{why: ark.WhyMissing}
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || st.Size() == 0 || st.Size() > 2*MaxRecording+1<<16 {
		return file{why: ark.WhyDamaged}
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(st.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return file{why: ark.WhyDamaged}
	}
	var samples []byte
	var content ark.Hash
	read := reading(func() {
		samples, err = parseWAV(data)
		content = ark.HashOf(data)
	})
	if !read || err != nil || content != h {
		unix.Munmap(data)
		return file{why: ark.WhyDamaged}
	}
	unix.Madvise(data, unix.MADV_DONTNEED) // it stays in the page cache and is not counted as ours until it sounds
	return file{mapped: data, samples: samples}
}

// Close lets go of the files. Nothing must be playing.
func (l *Library) Close() {
	for _, f := range l.files {
		if f.mapped != nil {
			unix.Munmap(f.mapped)
		}
	}
	clear(l.files)
}

// Announcements lists what there is, in the order of the manifest.
func (l *Library) Announcements() []ark.Announcement { return l.list }

// Find finds an announcement.
func (l *Library) Find(id ark.AnnouncementID) (ark.Announcement, bool) {
	for _, a := range l.list {
		if a.ID == id {
			return a, true
		}
	}
	return ark.Announcement{}, false
}

// samples are a recording's, or why there are none.
func (l *Library) samples(h ark.Hash) ([]byte, string) {
	f, known := l.files[h]
	if !known {
		return nil, ark.WhyMissing
	}
	return f.samples, f.why
}

// WriteLibrary writes a library into a folder: the recordings first, the
// manifest last and at once, so that a reader sees the old or the new one.
func WriteLibrary(dir string, announcements []ark.Announcement, recordings map[ark.Hash][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write library: %w", err)
	}
	for h, data := range recordings {
		if err := replace(filepath.Join(dir, h.String()+".wav"), data); err != nil {
			return fmt.Errorf("write library: %w", err)
		}
	}
	data, err := json.MarshalIndent(manifest{1, announcements}, "", "  ")
	if err != nil {
		return fmt.Errorf("write library: %w", err)
	}
	if err := replace(filepath.Join(dir, "library.json"), data); err != nil {
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
