package studio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"testing"

	"ark"
	"ark/hub"
)

// As many takes as are let in wait for their uploads; the next is turned away,
// and once they are done there is room again.
func TestTheStudioSaysWhenItIsBusy(t *testing.T) {
	s := open(t)
	var done sync.WaitGroup
	var pipes []*io.PipeWriter
	for range maxInside {
		r, w := io.Pipe()
		pipes = append(pipes, w)
		done.Go(func() { s.Take(t.Context(), r, hub.TakeOptions{}) })
		w.Write([]byte("x")) // returns when it was read: the take is inside
	}
	file := pcm16(rounded(tone(500, 0.2, 0.5)), ark.SampleRate, 1)
	if _, err := s.Take(t.Context(), bytes.NewReader(file), hub.TakeOptions{}); err == nil || word(t, err) != hub.RefusedOverload {
		t.Errorf("one too many: %v, want %s", err, hub.RefusedOverload)
	}
	for _, w := range pipes {
		w.Close()
	}
	done.Wait()
	if _, err := s.Take(t.Context(), bytes.NewReader(file), hub.TakeOptions{}); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestWhoWaitsForATurnCanGiveUp(t *testing.T) {
	s := open(t)
	s.turn <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Take(ctx, bytes.NewReader([]byte("RIFF")), hub.TakeOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was cancelled", err)
	}
	<-s.turn
	if len(s.inside) != 0 {
		t.Errorf("%d are still inside", len(s.inside))
	}
}

// An upload is spooled, or read from where it stands, and nothing stays.
func TestUploadsLeaveNothingBehind(t *testing.T) {
	dir := t.TempDir()
	s := newStudio(dir)
	file := pcm16(rounded(tone(500, 0.2, 0.5)), ark.SampleRate, 1)
	spooled, err := s.Take(t.Context(), struct{ io.Reader }{bytes.NewReader(file)}, hub.TakeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	behind := bytes.NewReader(append([]byte("something before"), file...))
	behind.Seek(16, io.SeekStart)
	inPlace, err := s.Take(t.Context(), behind, hub.TakeOptions{})
	if err != nil || len(inPlace.Samples) != len(spooled.Samples) {
		t.Errorf("in place %d frames, %v; spooled %d", len(inPlace.Samples), err, len(spooled.Samples))
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d files stay", len(left))
	}
	want := hub.Source{Format: "WAV", Rate: ark.SampleRate, Channels: 1, Loudness: spooled.Source.Loudness, Peak: spooled.Source.Peak, Length: frames(ark.SampleRate / 2)}
	if spooled.Source != want {
		t.Errorf("source %+v, want %+v", spooled.Source, want)
	}
}
