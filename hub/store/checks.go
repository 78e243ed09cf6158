package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
)

// CheckJournals goes along every journal as it came and counts its digests
// anew: an entry that was changed, removed or put in behind the hub's back
// shows. It names at most hub.MaxJournalFaults places. progress, which may be
// nil, hears how many entries were read.
func (s *Store) CheckJournals(ctx context.Context, progress func(done int64)) ([]hub.JournalFault, error) {
	lives, err := s.journalsToCheck(ctx)
	if err != nil {
		return nil, fmt.Errorf("check journals: %w", err)
	}
	c := journalChecker{progress: progress}
	for _, l := range lives {
		c.life, c.at = l, l.inc.Start()
		for more := true; more; {
			if more, err = s.checkEntries(ctx, &c); err != nil {
				return c.faults, fmt.Errorf("check journals: %w", err)
			}
		}
		if c.at != l.end && !c.missing(l.end.Seq) {
			c.fault(l.end.Seq, c.at.Seq < l.end.Seq)
		}
	}
	return c.faults, nil
}

// journal is an incarnation whose entries are to be checked, with the runs that
// its van lost before they came here.
type journal struct {
	n    int64
	van  ark.VanID
	inc  ark.Incarnation
	end  ark.Cursor
	gaps map[ark.Seq]ark.Seq // from the first to the last
}

func (s *Store) journalsToCheck(ctx context.Context) (all []journal, err error) {
	rows, err := s.db.Read().QueryContext(ctx, "SELECT i.n, v.id, i.incarnation, i.seq, i.digest FROM incarnations i JOIN vans v ON v.n = i.van ORDER BY i.n")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	at := map[int64]int{}
	for rows.Next() {
		j := journal{gaps: map[ark.Seq]ark.Seq{}}
		var inc, digest []byte
		if err := rows.Scan(&j.n, &j.van, &inc, &j.end.Seq, &digest); err != nil {
			return nil, err
		}
		copy(j.inc[:], inc)
		copy(j.end.Digest[:], digest)
		at[j.n] = len(all)
		all = append(all, j)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	gaps, err := s.db.Read().QueryContext(ctx, "SELECT incarnation, first, last FROM gaps")
	if err != nil {
		return nil, err
	}
	defer gaps.Close()
	for gaps.Next() {
		var n int64
		var first, last ark.Seq
		if err := gaps.Scan(&n, &first, &last); err != nil {
			return nil, err
		}
		if i, ok := at[n]; ok {
			all[i].gaps[first] = max(all[i].gaps[first], last)
		}
	}
	return all, gaps.Err()
}

// journalPage is how many entries are read at a time.
const journalPage = 2000

// journalChecker goes along a journal.
type journalChecker struct {
	life     journal
	at       ark.Cursor
	faults   []hub.JournalFault
	done     int64
	progress func(int64)
}

func (c *journalChecker) fault(seq ark.Seq, missing bool) {
	if len(c.faults) < hub.MaxJournalFaults {
		c.faults = append(c.faults, hub.JournalFault{Van: c.life.van, Incarnation: c.life.inc, Seq: seq, Missing: missing})
	}
}

// missing tells whether the van lost all entries from here up to one, and said
// so: in one word or, where it lost more meanwhile, in several.
func (c *journalChecker) missing(to ark.Seq) bool {
	for at := c.at.Seq; ; {
		last, told := c.life.gaps[at+1]
		switch {
		case !told || last <= at:
			return false
		case last >= to:
			return true
		}
		at = last
	}
}

func (s *Store) checkEntries(ctx context.Context, c *journalChecker) (more bool, err error) {
	rows, err := s.db.Read().QueryContext(ctx, "SELECT seq, digest, raw FROM entries WHERE incarnation = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4",
		c.life.n, c.at.Seq, c.life.end.Seq, journalPage)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var seq ark.Seq
		var digest, raw []byte
		if err := rows.Scan(&seq, &digest, &raw); err != nil {
			return false, err
		}
		c.entry(seq, digest, raw)
	}
	if c.done += int64(n); c.progress != nil {
		c.progress(c.done)
	}
	return n == journalPage, rows.Err()
}

// entry looks at the next one, and goes on from what stands there: what is
// whole after a fault is not called broken.
func (c *journalChecker) entry(seq ark.Seq, digest, raw []byte) {
	next := ark.Cursor{Seq: seq}
	copy(next.Digest[:], digest)
	switch {
	case seq == c.at.Seq+1:
		if c.at.Next(raw) != next {
			c.fault(seq, false)
		}
	case !c.missing(seq - 1):
		c.fault(c.at.Seq+1, true)
	}
	c.at = next
}

// EachContent names the content that must be here: recordings of announcements,
// each once, and attachments that came. Manifests are not among it: the hub
// makes them anew.
func (s *Store) EachContent(ctx context.Context, do func(ark.Hash) error) error {
	editions, err := readEditions(ctx, s.db.Read(), "")
	if err != nil {
		return fmt.Errorf("list content: %w", err)
	}
	told := map[ark.Hash]bool{}
	for _, e := range editions {
		for _, r := range e.Recordings {
			if told[r.Content] {
				continue
			}
			told[r.Content] = true
			if err := do(r.Content); err != nil {
				return err
			}
		}
	}
	rows, err := s.db.Read().QueryContext(ctx, "SELECT content FROM contents")
	if err != nil {
		return fmt.Errorf("list content: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var content []byte
		if err := rows.Scan(&content); err != nil {
			return fmt.Errorf("list content: %w", err)
		}
		var h ark.Hash
		copy(h[:], content)
		if err := do(h); err != nil {
			return err
		}
	}
	return rows.Err()
}
