package console

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of files of visits and households. Each holds a reading of the store while it is
// made, of which there are few.
const (
	maxExports     = 2                // under way at once
	maxExportsOf   = 1                // of these, of one account
	exportLeast    = 32 << 10         // bytes a second that whoever takes one has to take
	exportsShown   = 5                // of one account
	exportsKept    = 200              // of all
	exportTime     = 30 * time.Minute // that one may take, however slowly it is read
	exportTold     = 5000             // rows between two words of how far it is
	exportPatience = 30 * time.Second // with a part of the file that nobody takes
	exportBuffer   = 64 << 10
)

// export is a file that somebody takes away.
type export struct {
	Owner string
	Of    string // what is in it, as its name says
	Word  string // of its format
	Begun time.Time

	want  atomic.Int64
	rows  atomic.Int64
	state atomic.Int32
}

// The states of an export.
const (
	exportUnderWay = iota
	exportWhole
	exportBroken
)

// Rows are those in it so far.
func (e *export) Rows() int64 { return e.rows.Load() }

// Want is how many are to be in it; 0: nobody knows.
func (e *export) Want() int64 { return e.want.Load() }

// State is a word for how it is.
func (e *export) State() string { return [...]string{"underway", "whole", "broken"}[e.state.Load()] }

// exports are those under way and the last ones. They are on the page of whoever
// takes them; what is on record is the desk's matter.
type exports struct {
	mu     sync.Mutex
	busy   int
	all    []*export // the oldest first
	heard  map[int]func()
	nextID int
}

// begin gives an export a place; else the key of why there is none just now.
func (x *exports) begin(owner, of, word string, now time.Time) (e *export, busy string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	own := 0
	for _, e := range x.all {
		if e.Owner == owner && e.state.Load() == exportUnderWay {
			own++
		}
	}
	switch {
	case own >= maxExportsOf:
		return nil, "export.busyOwn"
	case x.busy == maxExports:
		return nil, "export.busy"
	}
	x.busy++
	e = &export{Owner: owner, Of: of, Word: word, Begun: now}
	if x.all = append(x.all, e); len(x.all) > exportsKept {
		x.all = slices.Clone(x.all[1:])
	}
	return e, ""
}

// end gives the place back. An export that was not whole by then is broken.
func (x *exports) end(e *export) {
	e.state.CompareAndSwap(exportUnderWay, exportBroken)
	x.mu.Lock()
	x.busy--
	x.mu.Unlock()
	x.tell()
}

// of lists somebody's last ones, the newest first.
func (x *exports) of(owner string) (own []*export) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range slices.Backward(x.all) {
		if e.Owner == owner && len(own) < exportsShown {
			own = append(own, e)
		}
	}
	return own
}

// watch calls f when any of them goes on, until stop is called; f must not
// block.
func (x *exports) watch(f func()) (stop func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.heard == nil {
		x.heard = map[int]func(){}
	}
	id := x.nextID
	x.nextID++
	x.heard[id] = f
	return func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		delete(x.heard, id)
	}
}

func (x *exports) tell() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, f := range x.heard {
		f()
	}
}
