package ark

import (
	"fmt"
	"maps"
	"slices"
)

// disk is what an end has on its disk, durably. Both ends have the same two
// halves: a journal that goes out, and what came in of the other's.
type disk struct {
	out outDisk
	in  inDisk
}

func (d disk) clone() disk { return disk{d.out.clone(), d.in.clone()} }

// record is one entry on a disk.
type record struct {
	cursor Cursor // after it
	raw    []byte
	id     ID
}

// outDisk is a journal: its live incarnation and the entries still kept.
type outDisk struct {
	inc         Incarnation
	base, acked Cursor
	records     []record // base+1 … last
}

func (d outDisk) clone() outDisk {
	d.records = slices.Clone(d.records)
	return d
}

func (d *outDisk) last() Cursor {
	if n := len(d.records); n > 0 {
		return d.records[n-1].cursor
	}
	return d.base
}

// digest is what Sender.Received asks for.
func (d *outDisk) digest(at Seq) (Digest, error) {
	if at == d.base.Seq {
		return d.base.Digest, nil
	}
	if at < d.base.Seq || at > d.last().Seq {
		return Digest{}, fmt.Errorf("no entry %d on this disk, which has %d to %d", at, d.base.Seq+1, d.last().Seq)
	}
	return d.records[at-d.base.Seq-1].cursor.Digest, nil
}

// from reads at most n entries; false: they are no longer kept.
func (d *outDisk) from(at Seq, n int) (prev Digest, raws [][]byte, ok bool) {
	prev, err := d.digest(at - 1)
	if err != nil {
		return prev, nil, false
	}
	for _, r := range d.records[at-1-d.base.Seq:] {
		if len(raws) == n {
			break
		}
		raws = append(raws, r.raw)
	}
	return prev, raws, true
}

// prune drops the entries up to a place.
func (d *outDisk) prune(to Seq) (gone []record) {
	n := to - d.base.Seq
	gone = d.records[:n]
	d.base = gone[n-1].cursor
	d.records = slices.Clone(d.records[n:])
	return gone
}

// inDisk is what was committed of the other end's journal, all its lives.
type inDisk struct {
	lives      map[Incarnation]life
	applied    map[ID]int // how often: must stay 1
	quarantine map[place]ID
}

// life is one incarnation as it was committed.
type life struct {
	cursor  Cursor
	records []record
	gaps    []Gap
	forks   int
}

// place is where an entry stands.
type place struct {
	inc Incarnation
	seq Seq
}

func newInDisk() inDisk {
	return inDisk{map[Incarnation]life{}, map[ID]int{}, map[place]ID{}}
}

func (d inDisk) clone() inDisk {
	c := inDisk{maps.Clone(d.lives), maps.Clone(d.applied), maps.Clone(d.quarantine)}
	for inc, l := range c.lives {
		l.records, l.gaps = slices.Clip(l.records), slices.Clip(l.gaps) // whoever appends, copies
		c.lives[inc] = l
	}
	return c
}

func (d inDisk) cursor(inc Incarnation) Cursor {
	if l, ok := d.lives[inc]; ok {
		return l.cursor
	}
	return inc.Start()
}

// digest is what Receiver.Take asks for.
func (d inDisk) digest(inc Incarnation, at Seq) (Digest, bool) {
	rs := d.lives[inc].records
	i, ok := slices.BinarySearchFunc(rs, at, func(r record, at Seq) int { return int(r.cursor.Seq) - int(at) })
	if !ok {
		return Digest{}, false
	}
	return rs[i].cursor.Digest, true
}

// keep is one transaction: what a Receiver took becomes durable. Entries that
// this release does not understand go to quarantine.
func (d inDisk) keep(inc Incarnation, t Taken, upTo Cursor, release int) {
	l, ok := d.lives[inc]
	if !ok {
		l.cursor = inc.Start()
	}
	l.gaps = append(l.gaps, t.Gaps...)
	if t.Fork != nil {
		l.forks++
	}
	for _, e := range t.Entries {
		id, ok := understood(e.Raw, release)
		l.records = append(l.records, record{e.Cursor, e.Raw, id})
		if !ok {
			d.quarantine[place{inc, e.Cursor.Seq}] = id
		} else if d.applied[id] == 0 {
			d.applied[id] = 1
		}
	}
	l.cursor = upTo
	d.lives[inc] = l
}

// release tries the quarantine again, as a newer release does when it starts.
func (d inDisk) release(release int) {
	for p, id := range d.quarantine {
		raw := d.lives[p.inc].at(p.seq)
		if _, ok := understood(raw, release); !ok {
			continue
		}
		delete(d.quarantine, p)
		if d.applied[id] == 0 {
			d.applied[id] = 1
		}
	}
}

func (l life) at(seq Seq) []byte {
	for _, r := range l.records {
		if r.cursor.Seq == seq {
			return r.raw
		}
	}
	return nil
}

// kindOfTomorrow is understood from release 2 on.
const kindOfTomorrow Kind = 77

// understood decodes an entry. The id of one that is no entry at all is made
// of its digest, so that it can be counted.
func understood(raw []byte, release int) (ID, bool) {
	e, err := DecodeEntry(raw)
	if err != nil {
		h := HashOf(raw)
		return ID(h[:16]), false
	}
	if e.Kind == kindOfTomorrow {
		return e.ID, release >= 2
	}
	_, err = DecodeBody(e.Kind, e.Body)
	return e.ID, err == nil
}
