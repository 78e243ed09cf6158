package agent

import (
	"time"

	"ark"
)

// libraryEvery is how often the progress of a library that is coming is
// recorded; every change of another kind is, but of those between coming and
// failed only mostFlaps at once and then one each libraryEvery: a link that
// comes and goes, or a hub that plays with the van, must not fill the card.
const (
	libraryEvery = time.Minute
	mostFlaps    = 12
)

// orderedLibrary lets a library come. The order is done once it is held, or
// when a later one takes its place.
func (b *Brain) orderedLibrary(o OrderArrived, l ark.Library) []Action {
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

// comes takes the fetcher's word.
func (b *Brain) comes(now ark.Stamp, s ark.LibraryState) []Action {
	b.fetched = s
	out := b.tellLibrary(now)
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

// tellLibrary records the state of the library if it is to be.
func (b *Brain) tellLibrary(now ark.Stamp) []Action {
	if !b.news(now, b.fetched) {
		return nil
	}
	b.toldLib, b.toldAt = b.fetched, now.Mono
	return []Action{Record{Kind: ark.KindLibraryState, Body: b.fetched}}
}

// news tells whether the state of a library is to be recorded.
func (b *Brain) news(now ark.Stamp, s ark.LibraryState) bool {
	was, late := b.toldLib, now.Mono-b.toldAt >= libraryEvery
	if was.Version != s.Version || was.Manifest != s.Manifest || was.Held != s.Held || was.Stage != s.Stage && s.Stage == ark.LibraryHeld {
		b.flaps = 0
		return true
	}
	if was.Stage != s.Stage || was.Why != s.Why {
		b.flaps++
		return late || b.flaps <= mostFlaps
	}
	return late && (was.Have != s.Have || len(was.Missing) != len(s.Missing))
}
