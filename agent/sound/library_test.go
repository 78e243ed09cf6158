package sound

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ark"
)

func TestLibrarySortsOutTheBad(t *testing.T) {
	l, prog, _ := library(t, 50*time.Millisecond, 60*time.Millisecond, 70*time.Millisecond)
	dir := l.dir
	path := func(i int) string { return filepath.Join(dir, prog.Segments[i].Content.String()+".wav") }
	if err := os.Remove(path(0)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path(1))
	if err != nil {
		t.Fatal(err)
	}
	data[100] ^= 1
	if err := os.WriteFile(path(1), data, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err = OpenLibrary(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for i, want := range []string{ark.WhyMissing, ark.WhyDamaged, ""} {
		if _, why := l.samples(prog.Segments[i].Content); why != want {
			t.Errorf("recording %d: %q, want %q", i, why, want)
		}
		if why := l.Missing(prog.Segments[i].Content); why != want {
			t.Errorf("recording %d is told to be %q, want %q", i, why, want)
		}
	}
}

// What can be told at once of files that nobody has looked at.
func TestMissingBeforeALook(t *testing.T) {
	l, prog, _ := library(t, 50*time.Millisecond, 60*time.Millisecond)
	there, gone := prog.Segments[0].Content, prog.Segments[1].Content
	if err := os.Remove(l.Recording(gone)); err != nil {
		t.Fatal(err)
	}
	l.stock = l.newStock(ark.Library{}, l.stock.list, nil)
	for h, want := range map[ark.Hash]string{there: "", gone: ark.WhyMissing, {9}: ark.WhyMissing} {
		if why := l.Missing(h); why != want {
			t.Errorf("%s: %q, want %q", h, why, want)
		}
	}
	f := l.stock.files[there]
	f.mu.Lock() // it is being looked at
	defer f.mu.Unlock()
	if why := l.Missing(there); why != "" {
		t.Errorf("%q while it is looked at", why)
	}
}

func TestReelJoinsExactly(t *testing.T) {
	l, prog, recs := library(t, 30*time.Millisecond, 40*time.Millisecond)
	r := newReel(prog, l.samples)
	var got []byte
	buf := make([]byte, 1000) // not a divisor of anything
	for at := int64(0); at < r.total; at += int64(len(buf) / 2) {
		r.read(buf, at)
		got = append(got, buf...)
	}
	got = got[:2*r.total]
	gap := make([]int16, ark.SampleRate/20)
	want := append(append(append(append([]int16{}, recs[0]...), gap...), recs[1]...), gap...)
	have := toSamples(got)
	if int64(len(have)) != r.total || len(have) != len(want) {
		t.Fatalf("%d frames, want %d", len(have), len(want))
	}
	for i := range want {
		if have[i] != want[i] {
			t.Fatalf("frame %d is %d, want %d", i, have[i], want[i])
		}
	}
}

func TestChimeIsGentle(t *testing.T) {
	s := toSamples(chime())
	peak := 0.0
	for _, v := range s {
		peak = math.Max(peak, math.Abs(float64(v))/32768)
	}
	if peak < 0.1 || peak > 0.7 || s[0] != 0 || math.Abs(float64(s[len(s)-1])) > 100 {
		t.Fatalf("peak %.2f, from %d to %d", peak, s[0], s[len(s)-1])
	}
}

// That the machine has no room for one more open file says nothing of a
// recording: it is neither taken away nor given up.
func TestWhatCannotBeOpenedJustNowStays(t *testing.T) {
	l, prog, _ := library(t, 50*time.Millisecond)
	h := prog.Segments[0].Content
	l.stock = l.newStock(ark.Library{}, l.stock.list, nil)
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	few := before
	few.Cur = min(few.Cur, 256)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	var open []*os.File
	free := func() {
		for _, f := range open {
			f.Close()
		}
		open = nil
		unix.Setrlimit(unix.RLIMIT_NOFILE, &before)
	}
	defer free()
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		open = append(open, f)
	}
	if l.Whole(h) {
		t.Error("a recording is whole that cannot be opened")
	}
	if _, why := l.samples(h); why == "" {
		t.Error("it has samples")
	}
	free()
	if _, why := l.samples(h); why != "" {
		t.Errorf("it can be opened again, and is %q", why)
	}
	if !l.Whole(h) {
		t.Error("and is not whole")
	}
}

// While a library comes over a link that breaks all the time, what is here of
// it is not read from the card at each try; before it is taken into use it is.
func TestWhatCameIsReadOnce(t *testing.T) {
	l, prog, _ := library(t, 50*time.Millisecond)
	h := prog.Segments[0].Content
	l.stock = &stock{}
	l.Expect(ark.Library{}, ark.Manifest{Announcements: []ark.Announcement{{Recordings: []ark.Recording{{Content: h}}}}})
	path := l.Recording(h)
	st, err := os.Stat(path)
	if err != nil || !l.Whole(h) {
		t.Fatalf("it is not whole; %v", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("rubbish"), 50); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := os.Chtimes(path, st.ModTime(), st.ModTime()); err != nil {
		t.Fatal(err)
	}
	if !l.Whole(h) {
		t.Error("it was read again")
	}
	data, err := ark.EncodeManifest(ark.Manifest{Version: 2, Announcements: []ark.Announcement{{ID: "a", Version: 1, Title: ark.Text{Zh: "甲"},
		Recordings: []ark.Recording{{Language: "en", Content: h, Frames: 1}}}}})
	if err == nil {
		err = os.WriteFile(l.Manifest(ark.HashOf(data)), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Switch(ark.Library{Version: 2, Manifest: ark.HashOf(data), Size: int64(len(data))}); err == nil {
		t.Error("a library with rubbish in it is in use")
	}
	if l.Whole(h) {
		t.Error("the switch found it damaged, and it is whole")
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("what is damaged is still there: %v", err)
	}
}
