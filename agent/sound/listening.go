package sound

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"time"

	"ark"
	"ark/agent"
)

// listening is the ear while one program sounds: it opens the listening
// input, hears what comes, and once the program is over says what it was.
type listening struct {
	broadcast ark.ID
	check     bool                                         // there are a self-test's tones in it
	open      func(context.Context) (io.ReadCloser, error) // of the input
	reel      reel                                         // the program, for itself
	from      int64                                        // its frame at which the ear was opened
	heard     levels
	tones     []int8
	window    []float64
	over      chan struct{} // the program has ended
	cancel    context.CancelFunc
}

// verdict is what an ear says.
type verdict struct {
	ear    *listening
	result ark.Hearing
	err    error // of the input; nothing was judged
}

// listenAfter is how long what was sent may be on its way to the ear.
const listenAfter = 2 * time.Second

// listen lets an ear hear a program that has begun, if there is one and the
// program goes to a loudspeaker: a self-test by its tones, others by their
// rise and fall. from is the frame of it that sounds now.
func (s *stage) listen(n *show, from int64) *listening {
	if s.c.Listener == nil || s.child == nil || n.Bed {
		return nil
	}
	check := slices.ContainsFunc(n.Segments, func(seg agent.Segment) bool { return seg.Sound == agent.SoundCheck })
	ctx, cancel := context.WithCancel(context.Background())
	l := &listening{broadcast: n.Broadcast, check: check, open: s.c.Listener,
		reel: reel{slices.Clone(n.reel.pieces), n.reel.total}, from: from, over: make(chan struct{}), cancel: cancel}
	s.ears.Go(func() {
		v := l.run(ctx)
		select {
		case s.verdicts <- v:
		case <-ctx.Done():
		}
	})
	return l
}

// sent is how loud the program is, step by step.
func (l *listening) sent() []float32 {
	var sent levels
	b := make([]byte, 2*hop)
	for at := l.from; at < l.reel.total && len(sent.all) < mostSteps; at += hop {
		l.reel.read(b, at)
		sent.add(b)
	}
	return sent.all
}

// run hears until the program is over and what is still under way has come.
func (l *listening) run(ctx context.Context) verdict {
	in, err := l.open(ctx)
	if err != nil {
		return verdict{ear: l, err: err}
	}
	blocks, failed := make(chan []byte, 64), make(chan error, 1)
	reading, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); failed <- read(reading, in, blocks) }()
	defer func() { stop(); in.Close(); <-done }()
	over, late := l.over, (<-chan time.Time)(nil)
	for {
		select {
		case b := <-blocks:
			l.hear(b)
			if over == nil && l.check && tonesHeard(l.tones) == ark.HeardYes {
				return verdict{ear: l, result: ark.HeardYes}
			}
		case <-over:
			over, late = nil, time.After(listenAfter)
			if !l.check {
				late = time.After(listenAfter / 4) // what is heard sooner than sent cannot be; a room and a buffer take less
			}
		case <-late:
			return verdict{ear: l, result: l.judge()}
		case err := <-failed:
			return verdict{ear: l, err: err}
		case <-ctx.Done():
			return verdict{ear: l, err: ctx.Err()}
		}
	}
}

func (l *listening) judge() ark.Hearing {
	if l.check {
		return tonesHeard(l.tones)
	}
	return judge(likeness(l.sent(), l.heard.all))
}

// read reads an input into blocks of whole samples.
func read(ctx context.Context, in io.Reader, blocks chan<- []byte) error {
	for {
		b := make([]byte, 2*hop)
		if _, err := io.ReadFull(in, b); err != nil {
			return err
		}
		select {
		case blocks <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// hear takes a block of what the input gives.
func (l *listening) hear(b []byte) {
	for i := 0; i+1 < len(b); i += 2 {
		x := float64(int16(binary.LittleEndian.Uint16(b[i:])))
		full := l.heard.sample(x)
		if !l.check || len(l.tones) >= mostSteps {
			continue
		}
		if l.window = append(l.window, x); full && len(l.window) >= window {
			l.window = l.window[len(l.window)-window:]
			l.tones = append(l.tones, whichTone(l.window))
		}
	}
}

// judged tells what an ear said of a program that is over.
func (s *stage) judged(v verdict) {
	v.ear.cancel()
	if errors.Is(v.err, context.Canceled) {
		return
	}
	if v.err != nil {
		s.c.Log.Warn("the listening input cannot be used", "err", v.err)
	}
	s.deaf = v.err != nil
	s.change(func(*agent.SoundState) {})
	if s.waits[v.ear] {
		s.tellHeard(v.ear, v.result)
	}
	for _, voice := range s.line.voices {
		if voice.show.ear == v.ear {
			voice.show.ear = nil // it ended before the program, which nobody hears now
		}
	}
}

// settle lets a program that is over be told to have ended once the ear has
// said what it heard of it; without an ear, or if it was cut, at once.
func (s *stage) settle(n *show, whole bool) {
	l := n.ear
	if l == nil || !whole {
		if l != nil {
			l.cancel()
		}
		s.tell(agent.ProgramEnded{Broadcast: n.Broadcast, At: s.c.Mono()})
		return
	}
	s.waits[l] = true
	close(l.over)
}

// hurry ends the wait for every ear: something else is to sound.
func (s *stage) hurry() {
	for l := range s.waits {
		l.cancel()
		s.tellHeard(l, ark.HeardUnknown)
	}
}

func (s *stage) tellHeard(l *listening, result ark.Hearing) {
	delete(s.waits, l)
	if result != ark.HeardUnknown {
		s.tell(agent.Heard{Broadcast: l.broadcast, Result: result})
	}
	s.tell(agent.ProgramEnded{Broadcast: l.broadcast, At: s.c.Mono()})
}
