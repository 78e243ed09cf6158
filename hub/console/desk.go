package console

import (
	"sync"
	"time"

	"ark"
)

// drafts are all that is being edited, each for the session that began it.
type drafts struct {
	now   func() time.Time
	mu    sync.Mutex
	kept  map[string]*draft // by the session's token and the draft's key
	waves map[ark.Hash]*wave
	timer *time.Timer // lets go of what nobody uses any more; nil: there is nothing
}

// sweepEvery is how often drafts are looked at while there are any.
const sweepEvery = 10 * time.Minute

// maxWaves bounds how many drawn recordings are remembered.
const maxWaves = 4000

func newDrafts(now func() time.Time) *drafts {
	return &drafts{now: now, kept: map[string]*draft{}, waves: map[ark.Hash]*wave{}}
}

// find is a draft of a session, locked; nil: there is none.
func (d *drafts) find(owner, key string) *draft {
	d.mu.Lock()
	d.expire()
	found := d.kept[owner+" "+key]
	if found != nil {
		found.used = d.now()
	}
	d.mu.Unlock()
	if found == nil {
		return nil
	}
	found.mu.Lock()
	if found.gone {
		found.mu.Unlock()
		return nil
	}
	return found
}

// add keeps a new draft and locks it. What a session used longest ago makes
// room.
func (d *drafts) add(owner string, n *draft) {
	n.mu.Lock()
	d.mu.Lock()
	defer d.mu.Unlock()
	var oldest *draft
	count := 0
	for _, o := range d.kept {
		if o.owner != owner {
			continue
		}
		if count++; oldest == nil || o.used.Before(oldest.used) {
			oldest = o
		}
	}
	if count >= maxDrafts {
		d.forget(oldest)
	}
	n.owner, n.used = owner, d.now()
	d.kept[owner+" "+n.Key] = n
	if d.timer == nil {
		d.timer = time.AfterFunc(sweepEvery, d.sweep)
	}
}

// sweep lets go of what was not used for long, and comes again while there is
// something.
func (d *drafts) sweep() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.expire()
	switch {
	case d.timer == nil: // closed meanwhile
	case len(d.kept) == 0:
		d.timer = nil
	default:
		d.timer.Reset(sweepEvery)
	}
}

// remove lets a draft go that the caller has locked.
func (d *drafts) remove(n *draft) {
	d.mu.Lock()
	delete(d.kept, n.owner+" "+n.Key)
	d.mu.Unlock()
	n.close()
}

// forget lets a draft go that nobody works on; d is locked.
func (d *drafts) forget(n *draft) {
	if !n.mu.TryLock() {
		return // somebody works on it: it is in use
	}
	delete(d.kept, n.owner+" "+n.Key)
	n.close()
	n.mu.Unlock()
}

// expire lets go of what was not used for long; d is locked.
func (d *drafts) expire() {
	for _, o := range d.kept {
		if d.now().Sub(o.used) >= draftLife {
			d.forget(o)
		}
	}
}

// room tells whether a session may make one more take in a draft that it has
// locked.
func (d *drafts) room(in *draft) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.expire()
	mine, size := in.takes()
	for _, o := range d.kept {
		if o == in || !o.mu.TryLock() {
			continue // what somebody works on just now counts the next time
		}
		n, s := o.takes()
		o.mu.Unlock()
		if size += s; o.owner == in.owner {
			mine += n
		}
	}
	return mine < maxTakes && size < maxTakeBytes
}

// close lets go of all drafts.
func (d *drafts) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, o := range d.kept {
		d.forget(o)
	}
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

// wave remembers a drawing.
func (d *drafts) wave(h ark.Hash, draw func() (*wave, error)) (*wave, error) {
	d.mu.Lock()
	w := d.waves[h]
	d.mu.Unlock()
	if w != nil {
		return w, nil
	}
	w, err := draw()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.waves) >= maxWaves {
		clear(d.waves)
	}
	d.waves[h] = w
	return w, nil
}
