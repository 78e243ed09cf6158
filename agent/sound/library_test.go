package sound

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

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
