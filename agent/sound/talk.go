package sound

import (
	"context"
	"io"
	"log/slog"
	"sync"

	"ark"
	"ark/agent"
)

// talk is the microphone as a track: its frames as they come, from the one at
// which somebody began to talk.
type talk struct {
	stop context.CancelFunc
	told bool // the stage knows that it is over

	mu      sync.Mutex
	samples []byte
	base    int64 // the track's frame that samples begins with
	first   int64 // the first that came of the microphone; -1: none has come
	over    bool  // no more come
}

// startTalk opens the input; news is told that there are frames, or that
// there are none any more. close ends it.
func startTalk(open func(context.Context) (io.ReadCloser, error), news chan<- struct{}, log *slog.Logger, done *sync.WaitGroup) *talk {
	ctx, cancel := context.WithCancel(context.Background())
	t := &talk{stop: cancel, first: -1}
	done.Go(func() {
		if err := t.listen(ctx, open, news); err != nil && ctx.Err() == nil {
			log.Warn("the microphone ended", "err", err)
		}
		t.mu.Lock()
		t.over = true
		t.mu.Unlock()
		nudge(news)
	})
	return t
}

func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is known already
	}
}

func (t *talk) listen(ctx context.Context, open func(context.Context) (io.ReadCloser, error), news chan<- struct{}) error {
	in, err := open(ctx)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { in.Close() })()
	defer in.Close()
	b, half := make([]byte, 2*ark.SampleRate/100), 0
	for {
		n, err := in.Read(b[half:])
		n += half
		t.hear(b[:n&^1])
		nudge(news)
		if half = n & 1; half > 0 {
			b[0] = b[n-1]
		}
		if err != nil {
			return err
		}
	}
}

func (t *talk) hear(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.first < 0 && len(b) > 0 {
		t.first = t.end()
	}
	t.samples = append(t.samples, b...)
}

func (t *talk) end() int64 { return t.base + int64(len(t.samples)/2) }

// until is the frame that has not come yet. To have frames up to one, silence
// takes the place of what is missing.
func (t *talk) until(least int64) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if missing := least - t.end(); missing > 0 {
		t.samples = append(t.samples, make([]byte, 2*missing)...)
	}
	return t.end()
}

// skip drops what came faster than it can sound: of more than so many frames
// after the one that is next, all but those. The microphone's clock and the
// loudspeaker's are two.
func (t *talk) skip(next, most int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if surplus := t.end() - next - most; surplus > 0 && next >= t.base {
		keep := 2 * (next - t.base)
		t.samples = append(t.samples[:keep], t.samples[keep+2*surplus:]...)
	}
}

// forget lets go of frames before one.
func (t *talk) forget(before int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(before-t.base, int64(len(t.samples)/2))
	if n < ark.SampleRate { // it need not be done for a few
		return
	}
	t.samples = append(t.samples[:0], t.samples[2*n:]...)
	t.base += n
}

func (t *talk) read(b []byte, from int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(b)
	skip := max(t.base-from, 0)
	at := max(from-t.base, 0)
	if 2*skip < int64(len(b)) && 2*at < int64(len(t.samples)) {
		copy(b[2*skip:], t.samples[2*at:])
	}
}

// state is where the microphone's first frame lies, and whether there is
// nothing more of it.
func (t *talk) state() (first int64, over bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.first, t.over
}

// endTalks ends live voice whose microphone is gone.
func (s *stage) endTalks() {
	for i := range s.line.voices {
		v := &s.line.voices[i]
		if v.show.talk == nil || v.show.talk.told || v.why != "" {
			continue
		}
		if _, over := v.show.talk.state(); over {
			v.show.talk.told = true
			s.cues = append(s.cues, cue{Action: agent.Hush{Broadcast: v.show.Broadcast, Why: ark.WhyNoMic}})
		}
	}
}
