package console

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of files of visits. Each holds a reading of the store while it is
// made, of which there are few.
const (
	maxExports     = 2                // under way at once
	exportsShown   = 5                // of one account
	exportsKept    = 200              // of all
	exportTime     = 30 * time.Minute // that one may take, however slowly it is read
	exportTold     = 5000             // visits between two words of how far it is
	exportPatience = 30 * time.Second // with a part of the file that nobody takes
	exportBuffer   = 64 << 10
)

// export is a file of visits that somebody takes away.
type export struct {
	Owner string
	Word  string // of its format
	Begun time.Time
	Want  int // visits that are to be in it

	rows  atomic.Int64
	state atomic.Int32
}

// The states of an export.
const (
	exportUnderWay = iota
	exportWhole
	exportBroken
)

// Rows are the visits in it so far.
func (e *export) Rows() int64 { return e.rows.Load() }

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

// begin gives an export a place; nil: there is none just now.
func (x *exports) begin(owner, word string, now time.Time) *export {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.busy == maxExports {
		return nil
	}
	x.busy++
	e := &export{Owner: owner, Word: word, Begun: now}
	if x.all = append(x.all, e); len(x.all) > exportsKept {
		x.all = slices.Clone(x.all[1:])
	}
	return e
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
