package sound

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ark"
)

// Library is the announcements of a van: a folder with one WAV file for each
// recording, named by its SHA-256, the manifests that name them, and the file
// "current" that says which manifest is in use. What is asked of it is
// answered by one version, whole; Switch takes another in its place.
type Library struct {
	dir string
	now func() time.Time

	switching sync.Mutex // one switch or sweep at a time
	mu        sync.Mutex // guards what follows
	stock     *stock
	strays    map[ark.Hash]*file // played by programs that were made before a switch
	expected  map[ark.Hash]bool  // is being fetched
	came      map[ark.Hash]lying // and is here, whole, as it then lay there
}

// lying is a file as it lies in the folder.
type lying struct {
	size int64
	at   time.Time
}

// stock is one version of a library. Only its files change, by being looked
// at.
type stock struct {
	edition ark.Library // zero: the van's own demonstration
	list    []ark.Announcement
	files   map[ark.Hash]*file
	order   []ark.Hash // of need
}

func (l *Library) newStock(of ark.Library, list []ark.Announcement, known map[ark.Hash]*file) *stock {
	s := &stock{edition: of, list: list, files: map[ark.Hash]*file{}}
	for _, a := range list {
		for _, r := range a.Recordings {
			if s.files[r.Content] != nil {
				continue
			}
			f := known[r.Content]
			if f == nil || !f.verified() {
				f = &file{path: l.Recording(r.Content), hash: r.Content}
			}
			s.files[r.Content], s.order = f, append(s.order, r.Content)
		}
	}
	return s
}

// Recording is where a recording lies, and Manifest where a manifest does.
func (l *Library) Recording(h ark.Hash) string { return filepath.Join(l.dir, h.String()+".wav") }

// Manifest is where a manifest lies.
func (l *Library) Manifest(h ark.Hash) string { return filepath.Join(l.dir, h.String()+".manifest") }

// patience is how long opening a library looks at files. A few hundred
// megabytes on an SD card take longer: the rest is looked at beside all other
// work, or when it is needed.
const patience = 2 * time.Second

// OpenLibrary opens a folder. A recording that is missing or damaged is no
// error: the others are played, and the as-run record says so. Without
// anything to play the library is empty, and the error says why.
func OpenLibrary(dir string) (*Library, error) {
	l := &Library{dir: dir, now: time.Now, strays: map[ark.Hash]*file{}, came: map[ark.Hash]lying{}}
	s, err := l.readCurrent()
	l.stock = s
	began := time.Now()
	for _, h := range s.order {
		if time.Since(began) > patience {
			break
		}
		s.files[h].take()
	}
	if err != nil {
		return l, fmt.Errorf("open library: %w", err)
	}
	return l, nil
}

// Run looks at what opening left, and clears away what no version needs,
// until ctx ends.
func (l *Library) Run(ctx context.Context, log *slog.Logger) error {
	s := l.inUse()
	for _, h := range s.order {
		if ctx.Err() != nil {
			return nil
		}
		s.files[h].take()
	}
	next := time.NewTimer(sweepFirst)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-next.C:
		}
		next.Reset(sweepEvery)
		if n, err := l.Sweep(); err != nil {
			log.Warn("old recordings are not removed", "err", err)
		} else if n > 0 {
			log.Info("recordings that no library needs were removed", "files", n)
		}
	}
}

// Close lets go of the files; what still sounds keeps its own.
func (l *Library) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stock, l.strays = &stock{}, map[ark.Hash]*file{}
}

func (l *Library) inUse() *stock {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stock
}

// Held is the library that is in use; zero: the van's own demonstration.
func (l *Library) Held() ark.Library { return l.inUse().edition }

// Announcements lists what there is, in the order of the manifest.
func (l *Library) Announcements() []ark.Announcement { return l.inUse().list }

// Find finds an announcement.
func (l *Library) Find(id ark.AnnouncementID) (ark.Announcement, bool) {
	for _, a := range l.inUse().list {
		if a.ID == id {
			return a, true
		}
	}
	return ark.Announcement{}, false
}

// Missing tells at once, and so only as far as is known, why a recording cannot
// be played, an ark.Why…; empty: it can. Of one that was not looked at yet it
// is known whether it lies there.
func (l *Library) Missing(h ark.Hash) string {
	l.mu.Lock()
	f := l.stock.files[h]
	if f == nil {
		f = l.strays[h]
	}
	l.mu.Unlock()
	if f != nil {
		if !f.mu.TryLock() {
			return "" // it is being looked at
		}
		defer f.mu.Unlock()
		if f.looked {
			return f.why
		}
	}
	if _, err := os.Stat(l.Recording(h)); err != nil {
		return ark.WhyMissing
	}
	return ""
}

// samples are a recording's, or why there are none. One that is not in the
// library any more may still lie there, for a program that waited meanwhile.
func (l *Library) samples(h ark.Hash) (lent, string) {
	l.mu.Lock()
	f := l.stock.files[h]
	if f == nil {
		f = l.strays[h]
	}
	if f == nil {
		f = &file{path: l.Recording(h), hash: h}
		l.strays[h] = f
	}
	l.mu.Unlock()
	got, why := f.take()
	if why != "" {
		l.mu.Lock()
		delete(l.strays, h) // it may come
		l.mu.Unlock()
	}
	return got, why
}
