// Package studio makes recordings for vans out of what staff upload or type:
// it decodes, mixes to mono, brings to 48 kHz, trims, measures loudness by
// ITU-R BS.1770-4 and normalises under a limit of true peak. It is the door to
// the decoders of MP3 and Opus, and one of the two to that of FLAC; WAV, Ogg
// and WebM it reads itself. Nothing of an upload is believed: memory, length
// and time are bounded, and a decoder's panic refuses the one upload.
package studio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ark"
	"ark/hub"
)

// Defaults of TakeOptions: what Liquidsoap and the streaming services use for
// speech in loud places, and a decibel for the filters behind it.
const (
	DefaultTarget = -16.0 // LUFS
	DefaultPeak   = -1.0  // dBTP
)

// Limits of a studio.
const (
	maxInside  = 8               // takes under way, of which one decodes and the rest wait
	maxTaking  = 3 * time.Minute // one take, once its turn has come
	minRate    = 4_000           // Hz
	maxRate    = 192_000
	maxChannel = 8
)

// Studio implements hub.Studio. One take is made at a time: a long one needs
// some 250 MB.
type Studio struct {
	spool   string
	longest int // frames
	voices  []voice
	synth   string        // path of espeak-ng; empty: there is none
	inside  chan struct{} // a token for each take under way
	turn    chan struct{} // whose turn it is holds the one token
}

var _ hub.Studio = (*Studio)(nil)

// Open opens a studio and finds the synthesiser, if there is one. spool is the
// folder for uploads while they are decoded, at most hub.MaxUpload bytes each;
// empty: the system's.
func Open(ctx context.Context, spool string) *Studio {
	s := newStudio(spool)
	s.synth, s.voices = findVoices(ctx)
	return s
}

func newStudio(spool string) *Studio {
	return &Studio{spool: spool, longest: ark.MaxRecordingFrames, inside: make(chan struct{}, maxInside), turn: make(chan struct{}, 1)}
}

// Take makes a recording of what r gives: a whole WAV, FLAC, MP3, Ogg Opus or
// WebM Opus file. A *hub.Refusal says why it cannot be used; another error
// says that r could not be read, or ctx is done. An r that is also an
// io.Seeker is read in place, from where it stands, and anything else spooled
// first.
func (s *Studio) Take(ctx context.Context, r io.Reader, o hub.TakeOptions) (hub.Take, error) {
	leave, err := s.enter()
	if err != nil {
		return hub.Take{}, err
	}
	defer leave()
	in, err := s.lay(r)
	if err != nil {
		return hub.Take{}, err
	}
	defer in.close()
	return s.inTurn(ctx, func(ctx context.Context) (hub.Take, error) { return produce(ctx, in, s.longest, o) })
}

// enter lets a bounded number of takes in.
func (s *Studio) enter() (leave func(), err error) {
	select {
	case s.inside <- struct{}{}:
		return func() { <-s.inside }, nil
	default:
		return nil, refuse(hub.RefusedOverload, "%d recordings are being made", maxInside)
	}
}

// inTurn makes a take when its turn has come, in a bounded time.
func (s *Studio) inTurn(ctx context.Context, work func(context.Context) (hub.Take, error)) (hub.Take, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return hub.Take{}, ctx.Err()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, maxTaking, refuse(hub.RefusedOverload, "it took longer than %v", maxTaking))
	defer cancel()
	take, err := work(ctx)
	if err != nil && ctx.Err() != nil {
		return hub.Take{}, context.Cause(ctx)
	}
	return take, err
}

// produce is the whole way from a file to a take.
func produce(ctx context.Context, in *input, longest int, o hub.TakeOptions) (hub.Take, error) {
	if o.Target == 0 {
		o.Target = DefaultTarget
	}
	if o.Peak == 0 {
		o.Peak = DefaultPeak
	}
	mono, seen, err := mixdown(ctx, in, longest)
	if err != nil {
		return hub.Take{}, err
	}
	take := hub.Take{Source: hub.Source{Format: seen.format, Rate: seen.rate, Channels: seen.channels, Length: frames(len(mono))}}
	loud := loudness(mono)
	if loud < absoluteGate {
		return hub.Take{}, refuse(hub.RefusedSilent, "%.1f LUFS", loud)
	}
	if o.Trim {
		mono, take.Trimmed = trim(mono, loud)
	}
	m, err := normalise(ctx, mono, o.Target, o.Peak)
	if err != nil {
		return hub.Take{}, err
	}
	take.Samples, take.Loudness, take.Peak = m.samples, m.loudness, m.peak
	take.Source.Loudness, take.Source.Peak = m.before, m.peakBefore
	switch {
	case seen.flats >= clippedFlats:
		take.Warning = hub.WarnClipped
	case m.gain > quietGain:
		take.Warning = hub.WarnQuiet
	case m.peaky:
		take.Warning = hub.WarnPeaky
	}
	return take, nil
}

// frames is how long so many frames last.
func frames(n int) time.Duration { return time.Duration(n) * time.Second / ark.SampleRate }

func refuse(word, format string, args ...any) *hub.Refusal {
	return &hub.Refusal{Word: word, Detail: fmt.Sprintf(format, args...)}
}

// refusal makes any error of a decoder a refusal.
func refusal(err error) error {
	if r, ok := errors.AsType[*hub.Refusal](err); ok {
		return r
	}
	return refuse(hub.RefusedDamaged, "%v", err)
}
