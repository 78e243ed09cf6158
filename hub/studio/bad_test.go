package studio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ark"
	"ark/hub"
)

// seeds are small files of every format, as FFmpeg makes them.
func seeds(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/seeds/*")
	if err != nil || len(names) < 7 {
		t.Fatalf("%d seeds, %v", len(names), err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = data
	}
	return all
}

// with puts a number of four bytes into a copy of a file.
func with(file []byte, at int, value uint32) []byte {
	file = bytes.Clone(file)
	le.PutUint32(file[at:], value)
	return file
}

func TestBadUploadsAreRefusedWithTheReason(t *testing.T) {
	good := pcm16(rounded(tone(500, 0.3, 1)), ark.SampleRate, 1)
	short := encoded([]float32{0.5}, ark.SampleRate, 1)
	random := make([]byte, 300_000)
	for r, i := rand.New(rand.NewPCG(5, 6)), 0; i < len(random); i++ {
		random[i] = byte(r.Uint32())
	}
	bomb := func(size string) []byte { return append([]byte("ID3\x04\x00\x00"+size), make([]byte, 1000)...) }
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, hub.RefusedEmpty},
		{"one byte", []byte{0xff}, hub.RefusedUnknown},
		{"text", []byte("this is no recording, whatever its name says"), hub.RefusedUnknown},
		{"random bytes", random, hub.RefusedUnknown},
		{"zeros", make([]byte, 100_000), hub.RefusedUnknown},
		{"a picture", []byte("\x89PNG\r\n\x1a\n and so on"), hub.RefusedUnknown},
		{"a telephone's voice memo", []byte("\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00"), hub.RefusedUnknown},
		{"RF64", append([]byte("RF64\xff\xff\xff\xffWAVEds64"), make([]byte, 100)...), hub.RefusedUnknown},
		{"a video in RIFF", []byte("RIFF\x00\x01\x00\x00AVI LIST\x00\x01\x00\x00"), hub.RefusedUnknown},
		{"WAV without samples", good[:44], hub.RefusedDamaged},
		{"WAV without a format", append([]byte("RIFF\x00\x01\x00\x00WAVEdata\x10\x00\x00\x00"), make([]byte, 16)...), hub.RefusedDamaged},
		{"WAV with nothing in it", good[:12], hub.RefusedEmpty},
		{"WAV of no sample", with(good, 40, 0)[:44], hub.RefusedEmpty},
		{"WAV with MP3 in it", with(good, 20, 0x55|1<<16), hub.RefusedUnknown},
		{"WAV of 0 channels", with(good, 20, 1), hub.RefusedRate},
		{"WAV of 9 channels", with(good, 20, 1|9<<16), hub.RefusedRate},
		{"WAV of 500 Hz", with(good, 24, 500), hub.RefusedRate},
		{"WAV of 4 GHz", with(good, 24, math.MaxUint32), hub.RefusedRate},
		{"WAV of 5 bytes a sample", with(good, 32, 5|40<<16), hub.RefusedUnknown},
		{"WAV with a format of 4 GB", with(good, 16, math.MaxUint32), hub.RefusedDamaged},
		{"WAV with a sample that is no number", encoded([]float32{0.1, float32(math.NaN()), 0.1}, ark.SampleRate, 1), hub.RefusedDamaged},
		{"WAV with an infinite sample", encoded([]float32{0.1, float32(math.Inf(-1)), 0.1}, ark.SampleRate, 1), hub.RefusedDamaged},
		{"WAV cut short", good[:len(good)/2], hub.RefusedDamaged},
		{"one sample", short, hub.RefusedSilent},
		{"silence", encoded(make([]float32, ark.SampleRate), ark.SampleRate, 1), hub.RefusedSilent},
		{"no more than hiss", encoded(tone(1000, 0.0001, 1), ark.SampleRate, 1), hub.RefusedSilent},
		{"an ID3 tag of 256 MB", bomb("\x7f\x7f\x7f\x7f"), hub.RefusedDamaged},
		{"an ID3 tag and nothing", bomb("\x00\x00\x07\x68"), hub.RefusedEmpty},
		{"an ID3 tag and zeros", bomb("\x00\x00\x00\x10"), hub.RefusedUnknown},
		{"FLAC's first four bytes", []byte("fLaC"), hub.RefusedDamaged},
		{"FLAC with a block of 16 MB", []byte("fLaC\x84\xff\xff\xff????"), hub.RefusedDamaged},
		{"Ogg's first four bytes", []byte("OggS"), hub.RefusedDamaged},
		{"EBML's first four bytes", []byte("\x1a\x45\xdf\xa3"), hub.RefusedDamaged},
		{"MPEG audio of layer II", []byte("\xff\xfd\x84\x00 and what follows"), hub.RefusedUnknown},
		{"MPEG-2.5", []byte("\xff\xe3\x28\xc4 and what follows"), hub.RefusedRate},
		{"video in Matroska", []byte("\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff\x16\x54\xae\x6b\x89\xae\x87\x86\x85V_VP8\x1f\x43\xb6\x75\xff"), hub.RefusedUnknown},
	} {
		take, err := open(t).Take(t.Context(), bytes.NewReader(c.file), hub.TakeOptions{Trim: true})
		if err == nil {
			t.Errorf("%s: taken, %d frames; want it refused as %s", c.name, len(take.Samples), c.want)
		} else if got := word(t, err); got != c.want {
			t.Errorf("%s: %v; want %s", c.name, err, c.want)
		}
	}
}

// Sizes that lie, and that many programs write, do no harm.
func TestLyingSizesOfWAVAreReadToTheEnd(t *testing.T) {
	good := pcm16(rounded(tone(500, 0.3, 1)), ark.SampleRate, 1)
	oddChunk := append(bytes.Clone(good[:36]), "LIST\x03\x00\x00\x00abc\x00"...)
	for name, file := range map[string][]byte{
		"4 GB":                   with(with(good, 4, math.MaxUint32), 40, math.MaxUint32),
		"0":                      with(with(good, 4, 0), 40, 0),
		"espeak-ng's":            with(good, 40, 0x7ffff000),
		"only the file's":        with(good, 4, 1<<31),
		"an odd chunk before":    append(oddChunk, good[36:]...),
		"half a sample too many": append(bytes.Clone(with(good, 40, math.MaxUint32)), 1),
		"a chunk behind":         append(bytes.Clone(good), "LIST\x04\x00\x00\x00abcd"...),
	} {
		if take := mustTake(t, file, hub.TakeOptions{}); len(take.Samples) != ark.SampleRate {
			t.Errorf("%s: %d frames, want %d", name, len(take.Samples), ark.SampleRate)
		}
	}
}

// Cut anywhere, each format is refused or taken shorter; it is never the
// program that breaks. Cut in the middle, it is refused.
func TestTruncatedFiles(t *testing.T) {
	for name, file := range seeds(t) {
		for cut := 0; cut < len(file); cut += 1 + len(file)/60 {
			_, err := open(t).Take(t.Context(), bytes.NewReader(file[:cut]), hub.TakeOptions{})
			if err != nil {
				word(t, err)
			}
		}
		_, err := open(t).Take(t.Context(), bytes.NewReader(file[:len(file)*3/5]), hub.TakeOptions{})
		if err == nil || word(t, err) != hub.RefusedDamaged {
			t.Errorf("%s cut short: %v, want %s", name, err, hub.RefusedDamaged)
		}
	}
}

// A flipped byte anywhere breaks nothing either.
func TestFlippedBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, file := range seeds(t) {
		for range 40 {
			bad := bytes.Clone(file)
			bad[r.IntN(len(bad))] ^= byte(1 + r.IntN(255))
			if _, err := open(t).Take(t.Context(), bytes.NewReader(bad), hub.TakeOptions{}); err != nil {
				word(t, err)
			}
		}
	}
}

// Small files with much sound are stopped at the limit, here of ten seconds.
func TestBombsAreStoppedAtTheLimit(t *testing.T) {
	minutes := encoded(make([]float32, 4000*300), 4000, 1)
	s := newStudio(t.TempDir())
	s.longest = 10 * ark.SampleRate
	for name, args := range map[string]string{
		"MP3":  "-ar 16000 -c:a libmp3lame -b:a 8k -f mp3",
		"FLAC": "-c:a flac -f flac",
		"Opus": "-c:a libopus -b:a 6k -frame_duration 60 -f ogg",
		"WebM": "-c:a libopus -b:a 6k -frame_duration 60 -f webm",
	} {
		file := ffmpeg(t, minutes, strings.Fields(args)...)
		// The decoder must not be asked for more than the limit and a little.
		r := &counted{Reader: bytes.NewReader(file)}
		if _, err := s.Take(t.Context(), r, hub.TakeOptions{}); err == nil || word(t, err) != hub.RefusedLong {
			t.Errorf("five minutes of %s: %v, want %s", name, err, hub.RefusedLong)
		}
		if r.read > 70_000+len(file)/5 {
			t.Errorf("five minutes of %s: %d bytes of %d were read", name, r.read, len(file))
		}
	}
}

// Where an MP3's own header says that its sound is over, what follows is not
// decoded for minutes to be thrown away.
func TestNothingIsDecodedBehindTheEndOfAnMP3(t *testing.T) {
	file := seeds(t)["joint.mp3"]
	first := bytes.Index(file, []byte("\xff\xfb"))
	if first < 0 {
		first = bytes.Index(file, []byte("\xff\xf3"))
	}
	long := append(bytes.Clone(file), bytes.Repeat(file[first:], 2<<20/len(file))...)
	want := mustTake(t, file, hub.TakeOptions{})
	r := &counted{Reader: bytes.NewReader(long)}
	got, err := open(t).Take(t.Context(), r, hub.TakeOptions{})
	if err != nil || len(got.Samples) != len(want.Samples) {
		t.Errorf("%d frames, want %d; %v", len(got.Samples), len(want.Samples), err)
	}
	if r.read > 200<<10+len(file) {
		t.Errorf("%d bytes of %d were read", r.read, len(long))
	}
}

// Pages of nothing cost no memory each.
func TestEmptyOggPagesCostNothing(t *testing.T) {
	page := append([]byte("OggS"), make([]byte, 23)...)
	le.PutUint32(page[22:], oggSum(0, page))
	const pages = 2000
	o := &oggReader{r: bytes.NewReader(bytes.Repeat(page, pages))}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := o.next()
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / pages; !errors.Is(err, io.EOF) || got > 1000 {
		t.Errorf("%d bytes a page, %v", got, err)
	}
}

// counted counts what is read.
type counted struct {
	*bytes.Reader
	read int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += n
	return n, err
}

func TestAnHourIsTooLongAndTenMinutesAreNot(t *testing.T) {
	hour := with(pcm16(nil, 4000, 1), 40, math.MaxUint32)
	hour = append(hour, make([]byte, 2*4000*3600)...)
	if _, err := open(t).Take(t.Context(), bytes.NewReader(hour), hub.TakeOptions{}); err == nil || word(t, err) != hub.RefusedLong {
		t.Errorf("an hour: %v, want %s", err, hub.RefusedLong)
	}
	if _, err := open(t).Take(t.Context(), bytes.NewReader(hour[:44+2*4000*600]), hub.TakeOptions{}); err == nil || word(t, err) != hub.RefusedSilent {
		t.Errorf("ten minutes of silence: %v, want %s", err, hub.RefusedSilent)
	}
}

func TestTooManyBytesAreRefused(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "big"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(hub.MaxUpload + 1); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t).Take(t.Context(), f, hub.TakeOptions{}); err == nil || word(t, err) != hub.RefusedHuge {
		t.Errorf("in place: %v, want %s", err, hub.RefusedHuge)
	}
	if _, err := open(t).Take(t.Context(), struct{ io.Reader }{io.NewSectionReader(f, 0, 1<<40)}, hub.TakeOptions{}); err == nil || word(t, err) != hub.RefusedHuge {
		t.Errorf("spooled: %v, want %s", err, hub.RefusedHuge)
	}
}

// broken panics, or fails, where it is read.
type broken struct {
	*bytes.Reader
	err error
}

func (b broken) Read([]byte) (int, error) {
	if b.err == nil {
		panic("a decoder's mistake")
	}
	return 0, b.err
}

func TestAPanicRefusesAndAFailureIsSaid(t *testing.T) {
	file := bytes.NewReader(make([]byte, 1000))
	if _, err := open(t).Take(t.Context(), broken{file, nil}, hub.TakeOptions{}); err == nil || word(t, err) != hub.RefusedDamaged {
		t.Errorf("a panic: %v, want %s", err, hub.RefusedDamaged)
	}
	pulled := errors.New("the disk was pulled")
	for name, r := range map[string]io.Reader{"in place": broken{file, pulled}, "spooled": struct{ io.Reader }{broken{file, pulled}}} {
		_, err := open(t).Take(t.Context(), r, hub.TakeOptions{})
		if _, refused := errors.AsType[*hub.Refusal](err); refused || !errors.Is(err, pulled) {
			t.Errorf("%s: %v, want what reading said", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t).Take(ctx, bytes.NewReader(pcm16(speeches()[0], ark.SampleRate, 1)), hub.TakeOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}
