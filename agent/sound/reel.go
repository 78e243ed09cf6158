package sound

import (
	"runtime"
	"sort"

	"ark"
	"ark/agent"
)

// reel is a program laid out as one stream of samples: every segment and its
// gap, one after the other, without a frame lost or doubled at the joins.
type reel struct {
	pieces []piece
	total  int64
}

// piece is one segment of a reel.
type piece struct {
	lent
	why    string // not empty: there are no samples
	unread bool   // the card could not give some of them
	start  int64  // its first frame in the reel
}

func (p piece) frames() int64 { return int64(len(p.samples) / 2) }
func (p piece) end() int64    { return p.start + p.frames() }

// newReel lays out a program. One of which nothing can be played has no
// frames at all.
func newReel(p agent.Program, samples func(ark.Hash) (lent, string)) *reel {
	lead := int64(p.Lead.Seconds() * ark.SampleRate)
	r := &reel{total: lead}
	some := false
	for _, s := range p.Segments {
		pc := piece{start: r.total}
		switch s.Sound {
		case agent.SoundChime:
			pc.samples = chime()
		case agent.SoundTone:
			pc.samples = alarm()
		case agent.SoundCheck:
			pc.samples = checkSound()
		default:
			pc.lent, pc.why = samples(s.Content)
		}
		if pc.why == "" {
			some = true
			r.total += pc.frames() + int64(s.Gap.Seconds()*ark.SampleRate)
		}
		r.pieces = append(r.pieces, pc)
	}
	if !some {
		r.total = 0
	}
	return r
}

// read fills b with the frames from one on; gaps, the lead, and what comes
// after the end are silence.
func (r *reel) read(b []byte, from int64) {
	clear(b)
	end := from + int64(len(b)/2)
	i := sort.Search(len(r.pieces), func(i int) bool { return r.pieces[i].end() > from })
	for ; i < len(r.pieces) && r.pieces[i].start < end; i++ {
		p := &r.pieces[i]
		first, last := max(from, p.start), min(end, p.end())
		if first >= last {
			continue
		}
		to := b[2*(first-from) : 2*(last-from)]
		if !reading(func() { copy(to, p.samples[2*(first-p.start):]) }) {
			clear(to) // silence keeps the count true
			p.unread = true
		}
	}
	runtime.KeepAlive(r) // and with it the files
}
