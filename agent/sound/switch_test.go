package sound

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/tmpfs"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// delivered is a library as a fetcher leaves it in a folder.
type delivered struct {
	ark.Library
	m     ark.Manifest
	files map[ark.Hash][]byte
}

// deliver makes a library of one announcement for each seed; all are titled by
// the version.
func deliver(t testing.TB, version int64, seeds ...uint64) delivered {
	t.Helper()
	d := delivered{m: ark.Manifest{Version: version}, files: map[ark.Hash][]byte{}}
	for i, seed := range seeds {
		s := noise(seed, 60*time.Millisecond)
		data := ark.EncodeWAV(s)
		h := ark.HashOf(data)
		d.files[h] = data
		d.m.Announcements = append(d.m.Announcements, ark.Announcement{ID: ark.AnnouncementID(fmt.Sprint("a", i)), Version: int(version),
			Title: ark.Text{Zh: fmt.Sprint(version)}, Recordings: []ark.Recording{{Language: "en", Content: h, Frames: int64(len(s)), Size: int64(len(data))}}})
	}
	data, err := ark.EncodeManifest(d.m)
	must(t, err)
	d.Library = ark.Library{Version: version, Manifest: ark.HashOf(data), Size: int64(len(data))}
	d.files[d.Manifest] = data
	return d
}

func (d delivered) write(t testing.TB, l *Library) {
	t.Helper()
	for h, data := range d.files {
		path := l.Recording(h)
		if h == d.Manifest {
			path = l.Manifest(h)
		}
		must(t, os.WriteFile(path, data, 0o600))
	}
}

func reopen(t testing.TB, l *Library) *Library {
	t.Helper()
	again, err := OpenLibrary(l.dir)
	must(t, err)
	return again
}

// shows checks that a library is one version, whole: every announcement of it
// plays.
func (d delivered) shows(t *testing.T, l *Library, when string) {
	t.Helper()
	if l.Held() != d.Library || len(l.Announcements()) != len(d.m.Announcements) {
		t.Fatalf("%s: %+v with %d announcements is in use, want version %d", when, l.Held(), len(l.Announcements()), d.Version)
	}
	for _, want := range d.m.Announcements {
		a, ok := l.Find(want.ID)
		if !ok || a.Title != want.Title {
			t.Errorf("%s: %s is %+v", when, want.ID, a.Title)
		}
		for _, r := range a.Recordings {
			if got, why := l.samples(r.Content); why != "" || len(got.samples) != int(2*r.Frames) {
				t.Errorf("%s: %s: %d bytes, %q", when, want.ID, len(got.samples), why)
			}
		}
	}
}

func TestASwitchIsAtOnceAndWhole(t *testing.T) {
	l, _, _ := library(t, 50*time.Millisecond)
	if l.Held() != (ark.Library{}) {
		t.Fatalf("the van's own is %+v", l.Held())
	}
	one, two := deliver(t, 1, 11, 12, 13), deliver(t, 2, 12, 14)
	one.write(t, l)
	must(t, l.Switch(one.Library))
	one.shows(t, l, "after a switch")
	one.shows(t, reopen(t, l), "opened again")
	two.write(t, l)
	must(t, os.Remove(l.Recording(two.m.Announcements[1].Recordings[0].Content)))
	if err := l.Switch(two.Library); err == nil {
		t.Fatal("switched to a library that is not whole")
	}
	one.shows(t, l, "after a switch that was not possible")
	one.shows(t, reopen(t, l), "opened again")
	two.write(t, l)
	must(t, l.Switch(two.Library))
	two.shows(t, l, "once it is whole")
	must(t, l.Switch(one.Library)) // the office takes it back
	one.shows(t, l, "back")
}

// Whoever asks meanwhile sees one version or the other.
func TestNobodySeesAMixture(t *testing.T) {
	l, _, _ := library(t, 50*time.Millisecond)
	libs := []delivered{deliver(t, 1, 21, 22, 23), deliver(t, 2, 22, 24, 25)}
	for _, d := range libs {
		d.write(t, l)
	}
	must(t, l.Switch(libs[0].Library))
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				title := ""
				for _, a := range l.Announcements() {
					if title != "" && a.Title.Zh != title {
						t.Errorf("titles %s and %s at a time", title, a.Title.Zh)
					}
					title = a.Title.Zh
					if _, why := l.samples(a.Recordings[0].Content); why != "" {
						t.Errorf("a recording of version %s: %s", title, why)
					}
				}
			}
		})
	}
	for i := range 100 {
		must(t, l.Switch(libs[(i+1)%2].Library))
	}
	close(stop)
	readers.Wait()
}

// A crash at any step leaves the old or the new library, whole.
func TestACrashInTheMiddleOfASwitch(t *testing.T) {
	old, next := deliver(t, 1, 31, 32), deliver(t, 2, 32, 33)
	steps := map[string]func(l *Library) (want delivered){
		"a manifest without its recordings": func(l *Library) delivered {
			must(t, os.WriteFile(l.Manifest(next.Manifest), next.files[next.Manifest], 0o600))
			return old
		},
		"half a recording": func(l *Library) delivered {
			next.write(t, l)
			h := next.m.Announcements[1].Recordings[0].Content
			must(t, os.WriteFile(l.Recording(h), next.files[h][:1000], 0o600))
			return old
		},
		"all there, not switched": func(l *Library) delivered { next.write(t, l); return old },
		"the name half written": func(l *Library) delivered {
			must(t, os.WriteFile(filepath.Join(l.dir, ".new-1"), []byte("12"), 0o600))
			return old
		},
		"switched": func(l *Library) delivered { next.write(t, l); must(t, l.Switch(next.Library)); return next },
		"current cut short, all there": func(l *Library) delivered {
			next.write(t, l)
			must(t, os.WriteFile(filepath.Join(l.dir, currentFile), []byte(old.Manifest.String()[:20]), 0o600))
			return next // the newest whole one
		},
		"current empty, the newer not whole": func(l *Library) delivered {
			must(t, os.WriteFile(l.Manifest(next.Manifest), next.files[next.Manifest], 0o600))
			must(t, os.WriteFile(filepath.Join(l.dir, currentFile), nil, 0o600))
			return old
		},
		"the manifest in use damaged": func(l *Library) delivered {
			next.write(t, l)
			must(t, l.Switch(next.Library))
			must(t, os.WriteFile(l.Manifest(next.Manifest), []byte("rubbish"), 0o600))
			return old
		},
	}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			l, _, _ := library(t, 50*time.Millisecond)
			old.write(t, l)
			must(t, l.Switch(old.Library))
			want := step(l)
			again := reopen(t, l) // what was under way is abandoned
			want.shows(t, again, "after the crash")
			next.write(t, again)
			must(t, again.Switch(next.Library))
			next.shows(t, again, "and the switch done again")
		})
	}
}

func TestWhatIsLeftWhenNothingIsWhole(t *testing.T) {
	l, _, _ := library(t, 50*time.Millisecond)
	d := deliver(t, 1, 41, 42)
	d.write(t, l)
	must(t, l.Switch(d.Library))
	must(t, os.Remove(l.Recording(d.m.Announcements[0].Recordings[0].Content)))
	if again := reopen(t, l); again.Held() != d.Library {
		t.Errorf("with one recording lost: %+v", again.Held())
	}
	must(t, os.WriteFile(filepath.Join(l.dir, currentFile), []byte("x"), 0o600))
	if again := reopen(t, l); again.Held() != (ark.Library{}) || len(again.Announcements()) != 1 {
		t.Errorf("with the pointer lost, too: %+v, want the van's own", again.Held())
	}
	must(t, os.Remove(filepath.Join(l.dir, ownFile)))
	if again := reopen(t, l); again.Held() != d.Library {
		t.Errorf("without the van's own: %+v, want what there is", again.Held())
	}
	must(t, os.Remove(l.Manifest(d.Manifest)))
	again, err := OpenLibrary(l.dir)
	if err == nil || len(again.Announcements()) != 0 {
		t.Errorf("of nothing: %v", err)
	}
	if _, why := again.samples(ark.Hash{1}); why != ark.WhyMissing {
		t.Errorf("a recording of nothing: %q", why)
	}
}

// What sounds goes on to its end through switches and the removal of its
// files; then its memory is given back.
func TestAProgramKeepsItsRecordings(t *testing.T) {
	l, _, _ := library(t, 50*time.Millisecond)
	old, next := deliver(t, 1, 51), deliver(t, 2, 52)
	old.write(t, l)
	must(t, l.Switch(old.Library))
	h := old.m.Announcements[0].Recordings[0].Content
	program := agent.Program{Segments: []agent.Segment{{Content: h}}}
	r := newReel(program, l.samples)
	next.write(t, l)
	must(t, l.Switch(next.Library))
	l.now = func() time.Time { return time.Now().Add(2 * sweepGrace) }
	if n, err := l.Sweep(); err != nil || n != 2 {
		t.Errorf("%d files removed, %v; want a recording and a manifest", n, err)
	}
	gone := make(chan struct{})
	runtime.AddCleanup(r.pieces[0].of, func(gone chan struct{}) { close(gone) }, gone)
	for range 5 {
		runtime.GC()
	}
	got := make([]byte, 2*r.total)
	r.read(got, 0)
	if want := old.files[h][44:]; !slices.Equal(got, want) {
		t.Error("what sounds is no longer what it was")
	}
	runtime.KeepAlive(r)
	r = nil
	for {
		runtime.GC()
		select {
		case <-gone:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// A program that was made before a switch and begins after it plays.
func TestAProgramThatWaitedThroughASwitch(t *testing.T) {
	l, _, _ := library(t, 50*time.Millisecond)
	old, next := deliver(t, 1, 61), deliver(t, 2, 62)
	old.write(t, l)
	next.write(t, l)
	must(t, l.Switch(old.Library))
	must(t, l.Switch(next.Library))
	if r := newReel(agent.Program{Segments: []agent.Segment{{Content: old.m.Announcements[0].Recordings[0].Content}}}, l.samples); r.pieces[0].why != "" {
		t.Errorf("it is %s", r.pieces[0].why)
	}
}

func TestOnlyWhatNoVersionNeedsGoesAndNotAtOnce(t *testing.T) {
	l, prog, _ := library(t, 50*time.Millisecond)
	now := time.Now()
	l.now = func() time.Time { return now }
	old, next, coming := deliver(t, 1, 71, 72), deliver(t, 2, 72, 73), deliver(t, 3, 74)
	old.write(t, l)
	must(t, l.Switch(old.Library))
	now = now.Add(100 * sweepGrace) // it was in use for long
	next.write(t, l)
	must(t, l.Switch(next.Library))
	l.Expect(coming.Library, coming.m)
	part := l.Recording(coming.m.Announcements[0].Recordings[0].Content) + ".part"
	left := l.Recording(ark.Hash{9}) + ".part"
	stranger := filepath.Join(l.dir, "notes.txt")
	for _, path := range []string{part, left, stranger, filepath.Join(l.dir, ".new-1")} {
		must(t, os.WriteFile(path, []byte("x"), 0o600))
	}
	if n, err := l.Sweep(); err != nil || n != 2 {
		t.Errorf("at once %d files went, %v; want the two that a fetch and a crash of long ago left", n, err)
	}
	now = now.Add(sweepGrace + time.Minute)
	if n, err := l.Sweep(); err != nil || n != 2 {
		t.Errorf("after the grace time %d files went, %v; want one recording and one manifest", n, err)
	}
	next.shows(t, l, "after sweeping")
	for _, path := range []string{part, stranger, l.Recording(prog.Segments[0].Content), filepath.Join(l.dir, ownFile)} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a fetch left: %v", err)
	}
}

// A full card keeps the library in use, and takes the next when it has room.
func TestAFullCardKeepsTheLibrary(t *testing.T) {
	dir := tmpfs.Mount(t, "256k")
	must(t, WriteLibrary(dir, []ark.Announcement{{ID: "own", Version: 1, Title: ark.Text{Zh: "自"}}}, nil))
	l, err := OpenLibrary(dir)
	must(t, err)
	old, next := deliver(t, 1, 81), deliver(t, 2, 82)
	old.write(t, l)
	must(t, l.Switch(old.Library))
	next.write(t, l)
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, []byte(strings.Repeat("x", 1<<20)), 0o600); err == nil {
		t.Fatal("the card is not full")
	}
	if err := l.Switch(next.Library); err == nil {
		t.Fatal("switched on a full card")
	}
	old.shows(t, l, "on a full card")
	old.shows(t, reopen(t, l), "opened again")
	must(t, os.Remove(ballast))
	must(t, l.Switch(next.Library))
	next.shows(t, l, "with room")
}

func TestADamagedRecordingIsFoundAndTakenAway(t *testing.T) {
	l, _, _ := library(t, 50*time.Millisecond)
	d := deliver(t, 1, 91)
	d.write(t, l)
	h := d.m.Announcements[0].Recordings[0].Content
	must(t, os.WriteFile(l.Recording(h), d.files[h][:500], 0o600))
	if l.Whole(h) {
		t.Error("half a recording is whole")
	}
	if _, err := os.Stat(l.Recording(h)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	d.write(t, l)
	if !l.Whole(h) || l.Switch(d.Library) != nil {
		t.Error("fetched again it is not whole")
	}
	if m, ok := l.WholeManifest(d.Manifest); !ok || m.Version != 1 {
		t.Errorf("manifest %+v, %v", m, ok)
	}
}

// A switch in the middle of a program, and the removal of its files, are not
// heard: every frame of it is consumed.
func TestASwitchWhileAProgramSounds(t *testing.T) {
	l, _, _ := library(t, 50*time.Millisecond)
	old, next := deliver(t, 1, 101, 102), deliver(t, 2, 103)
	old.write(t, l)
	must(t, l.Switch(old.Library))
	p := start(t, Config{Library: l})
	awaitDevice(t, p, true)
	program := agent.Program{Broadcast: ark.ID{7}}
	for i := range 12 {
		r := old.m.Announcements[i%2].Recordings[0]
		program.Segments = append(program.Segments, agent.Segment{Language: "en", Content: r.Content, Frames: r.Frames})
	}
	p.Play(agent.Play{Program: program})
	for {
		if e, ok := (<-p.Events()).(agent.SegmentStarted); ok && e.Segment == 1 {
			break
		}
	}
	next.write(t, l)
	must(t, l.Switch(next.Library))
	l.now = func() time.Time { return time.Now().Add(2 * sweepGrace) }
	if n, err := l.Sweep(); err != nil || n != 3 {
		t.Errorf("%d files removed, %v", n, err)
	}
	runtime.GC()
	_, ended := all(t, p)
	for _, e := range ended {
		if e.Why != "" || e.Consumed != e.Frames {
			t.Errorf("segment %d: %d of %d frames, %q", e.Segment, e.Consumed, e.Frames, e.Why)
		}
	}
	if len(ended) < 11 {
		t.Errorf("%d segments ended", len(ended))
	}
	next.shows(t, l, "meanwhile")
}
