package sound

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"ark"
	"ark/agent"
)

// newTalk is a hall in which somebody talks into a pipe.
func newTalk(t *testing.T) (*hall, *io.PipeWriter) {
	t.Helper()
	h := newHall(nil)
	out, in := io.Pipe()
	h.c.Input = func(context.Context) (io.ReadCloser, error) { return out, nil }
	t.Cleanup(func() { in.Close(); h.talks.Wait() })
	h.turn(agent.Play{Program: agent.Program{Broadcast: ark.ID{1}, Talk: true}})
	return h, in
}

// say talks, and lets the stage hear it.
func (h *hall) say(in io.Writer, samples []int16) {
	v := h.line.voices[0].show.talk
	v.mu.Lock()
	want := v.end() + int64(len(samples))
	v.mu.Unlock()
	in.Write(toBytes(samples))
	for v.until(0) < want {
		<-h.talked
	}
	h.feed()
	h.hand.deliver()
}

// What is said is heard, frame for frame, a little later than it is said and
// until it is hushed; it is told as one segment.
func TestTalkIsHeardAsItIsSaid(t *testing.T) {
	h, in := newTalk(t)
	said := within1(noise(5, 2*time.Second))
	var heard []int16
	h.hand.deliver()
	for at := 0; at < len(said); at += 480 {
		h.say(in, said[at:at+480])
		if ahead := h.line.at - h.consumed; ahead > 3*h.buffer() {
			t.Fatalf("after %d frames the device is %d ahead", at, ahead)
		}
		heard = append(heard, h.pull(480)...)
	}
	h.turn(agent.Hush{Broadcast: ark.ID{1}, Why: ark.WhyStopped})
	for n := 0; h.begun && n < 1000; n++ { // an end that does not come is judged below
		h.hand.deliver()
		heard = append(heard, h.pull(480)...)
		h.feed()
	}
	first := slices.IndexFunc(heard, func(v int16) bool { return v != 0 })
	if first > int(2*h.buffer()) {
		t.Errorf("what is said is heard after %d frames", first)
	}
	e := h.ended[ark.ID{1}][0]
	if n := int(e.Consumed) - fadeFrames; n < len(said)-2*fadeFrames || !slices.Equal(heard[first:first+n], said[:n]) {
		t.Errorf("%d frames were told to be heard of %d, or others were", e.Consumed, len(said))
	}
	if e.Why != ark.WhyStopped || e.Frames != e.Consumed || first+int(e.Consumed) != len(heard) || h.over[ark.ID{1}] != 1 {
		t.Errorf("it ended %+v, after %d frames", e, len(heard)-first)
	}
}

// within1 is what is said, without a frame of silence at its ends.
func within1(s []int16) []int16 {
	s[0], s[len(s)-1] = 1, 1
	return s
}

// A microphone that is slow is silence, and does not stall the stream; what it
// then brings at once does not make what is said late for ever.
func TestAMicrophoneThatComesLate(t *testing.T) {
	h, in := newTalk(t)
	for range 100 {
		h.hand.deliver()
		if got := h.pull(480); len(got) == 0 {
			t.Fatal("the stream stands still")
		}
		h.feed()
	}
	h.say(in, constant(1000, 48000))
	h.pull(480)
	h.feed()
	h.hand.deliver()
	if behind := h.line.voices[0].show.talk.until(0) - h.line.at; behind > 4*h.buffer() {
		t.Errorf("%d frames wait to be heard", behind)
	}
}

// Without a microphone, or when it goes away, talk ends and says so.
func TestTalkWithoutAMicrophone(t *testing.T) {
	for name, input := range map[string]func(context.Context) (io.ReadCloser, error){
		"none":    nil,
		"broken":  func(context.Context) (io.ReadCloser, error) { return nil, errors.New("no such device") },
		"at once": func(context.Context) (io.ReadCloser, error) { return io.NopCloser(eof{}), nil },
	} {
		l, _, _ := library(t)
		p := start(t, Config{Library: l, Input: input})
		p.Play(agent.Play{Program: agent.Program{Broadcast: ark.ID{1}, Talk: true}})
		_, ended := all(t, p)
		if len(ended) != 1 || ended[0].Why != ark.WhyNoMic || ended[0].Frames != 0 || ended[0].Consumed != 0 {
			t.Errorf("%s: %+v", name, ended)
		}
	}
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }
