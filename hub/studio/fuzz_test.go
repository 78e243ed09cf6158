package studio

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"testing"

	"ark"
	"ark/hub"
)

// drain reads a stream for a while. Whatever a file says, blocks are whole and
// samples are numbers.
func drain(t *testing.T, s stream, err error) {
	if err != nil {
		return
	}
	if formCheck(s.rate, s.channels) != nil {
		t.Fatalf("%s of %d Hz, %d channels", s.format, s.rate, s.channels)
	}
	for frames := 0; frames < 1<<17; {
		block, err := s.next()
		if err != nil {
			return
		}
		if len(block)%s.channels != 0 {
			t.Fatalf("%d samples for %d channels", len(block), s.channels)
		}
		if s.format == "WAV" {
			for _, v := range block {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					t.Fatalf("a sample of %v", v)
				}
			}
		}
		frames += len(block)/s.channels + 1
	}
}

func FuzzWAV(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := openWAV(bufio.NewReader(bytes.NewReader(data)))
		drain(t, s, err)
	})
}

// FuzzOgg and FuzzWebM are about the containers, which are ours.
func FuzzOgg(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o := &oggReader{r: bytes.NewReader(resummed(data))}
		for total := 0; ; {
			packet, _, err := o.next()
			if err != nil {
				return
			}
			if total += len(packet); total > len(data) {
				t.Fatalf("%d bytes of packets out of %d", total, len(data))
			}
		}
	})
}

// resummed gives each page the checksum that it should have, as far as pages
// follow each other, for what is changed to be looked at.
func resummed(data []byte) []byte {
	data = bytes.Clone(data)
	for at := 0; len(data) >= at+27; {
		page := data[at:]
		size := 27 + int(page[26])
		if len(page) < size {
			break
		}
		for _, s := range page[27:size] {
			size += int(s)
		}
		if len(page) < size {
			break
		}
		clear(page[22:26])
		le.PutUint32(page[22:], oggSum(0, page[:size]))
		at += size
	}
	return data
}

func FuzzWebM(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &webm{r: bufio.NewReader(bytes.NewReader(data))}
		if w.readTracks() != nil {
			return
		}
		for total := 0; ; {
			packet, _, err := w.packet(1)
			if err != nil {
				return
			}
			if total += len(packet); total > len(data) {
				t.Fatalf("%d bytes of packets out of %d", total, len(data))
			}
		}
	})
}

func FuzzMP3Frames(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m := &mp3Frames{r: bufio.NewReaderSize(bytes.NewReader(data), 64<<10)}
		if m.begin() != nil {
			return
		}
		if m.form.rate() == 0 || m.form.layer() != 3 {
			t.Fatalf("a first frame of %d Hz, layer %d", m.form.rate(), m.form.layer())
		}
		if n, _ := io.Copy(io.Discard, m); n > int64(8*len(data)+4096) {
			t.Fatalf("%d bytes of frames out of %d", n, len(data))
		}
	})
}

// FuzzTake is the door: whatever comes, it is taken within the limits or
// refused.
func FuzzTake(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data, false)
		f.Add(data, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, trim bool) {
		if bytes.HasPrefix(data, []byte("OggS")) {
			data = resummed(data)
		}
		in := &input{r: bytes.NewReader(data), remove: func() {}}
		take, err := produce(context.Background(), in, 2*ark.SampleRate, hub.TakeOptions{Trim: trim})
		if err != nil {
			if _, refused := errors.AsType[*hub.Refusal](err); !refused {
				t.Fatal(err)
			}
			return
		}
		if n := len(take.Samples); n == 0 || n > 2*ark.SampleRate || take.Peak > DefaultPeak || math.IsNaN(take.Loudness) || take.Loudness > DefaultTarget+0.5 {
			t.Fatalf("%d frames of %.1f LUFS, %.1f dBTP", n, take.Loudness, take.Peak)
		}
	})
}
