package sound

import (
	"ark"
	"ark/agent"
)

// reel is a program laid out as one stream of samples: every segment and its
// gap, one after the other, without a frame lost or doubled at the joins.
type reel struct {
	broadcast ark.ID
	pieces    []piece
	at        int // piece that is being read
	off       int // bytes of it that were read
	total     int64
}

// piece is one segment of a reel.
type piece struct {
	segment int
	samples []byte
	why     string // not empty: there are no samples
	unread  bool   // the card could not give some of them
	gap     int64  // frames of silence after it
	start   int64  // its first frame in the reel
}

func (p piece) frames() int64 { return int64(len(p.samples) / 2) }
func (p piece) end() int64    { return p.start + p.frames() }

func newReel(p agent.Program, samples func(ark.Hash) ([]byte, string)) *reel {
	r := &reel{broadcast: p.Broadcast}
	for i, s := range p.Segments {
		pc := piece{segment: i, start: r.total}
		if s.Sound == agent.SoundChime {
			pc.samples = chime()
		} else {
			pc.samples, pc.why = samples(s.Content)
		}
		if pc.why == "" {
			pc.gap = int64(s.Gap.Seconds() * ark.SampleRate)
			r.total += pc.frames() + pc.gap
		}
		r.pieces = append(r.pieces, pc)
	}
	return r
}

// silence is what gaps are made of.
var silence [4096]byte

// read fills b as far as there is anything left; whole frames.
func (r *reel) read(b []byte) (n int) {
	for n < len(b) && r.at < len(r.pieces) {
		p := r.pieces[r.at]
		if r.off < len(p.samples) {
			m := min(len(b)-n, len(p.samples)-r.off)
			if !reading(func() { copy(b[n:n+m], p.samples[r.off:]) }) {
				clear(b[n : n+m]) // silence keeps the count true
				r.pieces[r.at].unread = true
			}
			n, r.off = n+m, r.off+m
			continue
		}
		left := len(p.samples) + int(2*p.gap) - r.off
		m := copy(b[n:min(len(b), n+left)], silence[:])
		n, r.off = n+m, r.off+m
		if r.off >= len(p.samples)+int(2*p.gap) {
			r.at, r.off = r.at+1, 0
		}
	}
	return n
}
