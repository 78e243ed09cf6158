package agent

import (
	"time"

	"ark"
)

// libraryEvery is how often the progress of a library that is coming is
// recorded; every change of another kind is.
const libraryEvery = time.Minute

// libraryOrdered lets a library come. The order is done once it is held, or
// when a later one takes its place.
func (b *Brain) libraryOrdered(o OrderArrived, l ark.Library) []Action {
	if l.Check() != nil {
		return []Action{orderState(o.ID, ark.BroadcastFailed, ark.WhyGarbled)}
	}
	var out []Action
	if b.wanted != nil {
		out = append(out, orderState(b.wanted.ID, ark.BroadcastCut, ark.WhyReplaced))
	}
	b.wanted = &o
	return append(out, Fetch{l})
}

// libraryChanged takes the fetcher's word.
func (b *Brain) libraryChanged(now ark.Stamp, s ark.LibraryState) []Action {
	b.library = s
	var out []Action
	if b.news(now, s) {
		b.toldLib, b.toldAt = s, now.Mono
		out = append(out, Record{Kind: ark.KindLibraryState, Body: s})
	}
	if s.Stage != ark.LibraryHeld || b.wanted == nil {
		return out
	}
	l := b.wanted.Body.(ark.Library)
	if l.Version != s.Version || l.Manifest != s.Manifest {
		return out
	}
	out = append(out, keepBody(keyLibrary, ark.KindLibrary, l)...)
	out = append(out, orderState(b.wanted.ID, ark.BroadcastFinished, ""))
	b.wanted = nil
	hoping := b.hoping
	b.hoping = nil
	for _, o := range hoping {
		out = append(out, b.order(now, o)...)
	}
	return out
}

// news tells whether the state of a library is to be recorded.
func (b *Brain) news(now ark.Stamp, s ark.LibraryState) bool {
	was := b.toldLib
	if was.Version != s.Version || was.Manifest != s.Manifest || was.Stage != s.Stage || was.Why != s.Why || was.Held != s.Held {
		return true
	}
	return now.Mono-b.toldAt >= libraryEvery && (was.Have != s.Have || len(was.Missing) != len(s.Missing))
}
