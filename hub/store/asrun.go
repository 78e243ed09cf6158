package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// A place in the as-run log is a time in ms and a number within that
// millisecond.
const (
	placeBits = 20
	latest    = 1 << 42 // ms, some time in 2109: what a van says is later stands there
)

func firstPlace(at ark.UnixMilli) int64 { return int64(min(max(at, 0), latest)) << placeBits }

// asked is when a broadcast was asked for.
type asked struct {
	place int64
	boot  []byte // nil: the time is trusted
	mono  int64
}

// asked finds a broadcast's place by its first record. The columns of one that
// has its place already stay as they are.
func (c *commit) asked(l life, at ark.Stamp, b ark.AsRun) (a asked, err error) {
	when := b.RequestedAt
	if when == 0 {
		when = b.Broadcast.Time()
	}
	if !at.Trusted {
		// So long before the record, by the same clock; then by the boot's own.
		a.boot, a.mono = at.Boot[:], at.Mono.Milliseconds()-int64(at.Wall-when)
		var zero int64
		err := c.tx.QueryRow("SELECT zero FROM clocks WHERE van = $1 AND boot = $2", l.van, at.Boot[:]).Scan(&zero)
		if err == nil {
			when, a.boot = ark.UnixMilli(zero+a.mono), nil
		} else if !noRows(err) {
			return a, fmt.Errorf("read clock: %w", err)
		}
	}
	a.place, err = freePlace(c.tx, when)
	return a, err
}

// freePlace is the first place from a time on that no broadcast has.
func freePlace(tx *database.Tx, at ark.UnixMilli) (int64, error) {
	for from := firstPlace(at); ; {
		next := from + 1<<placeBits
		var last sql.NullInt64
		if err := tx.QueryRow("SELECT max(asked) FROM broadcasts WHERE asked >= $1 AND asked < $2", from, next).Scan(&last); err != nil {
			return 0, fmt.Errorf("find place: %w", err)
		}
		if !last.Valid {
			return from, nil
		}
		if last.Int64+1 < next {
			return last.Int64 + 1, nil
		}
		from = next // a million in one millisecond: it goes into the next
	}
}

// mostMoved is how many broadcasts one clock entry moves, the newest first:
// days of them. All vans wait for the commit, so a van that makes up more
// keeps the others doubtful.
const mostMoved = 2000

// clock notes what a boot's clock should have shown, and moves the broadcasts
// that were asked for in it to their right places.
func (c *commit) clock(l life, at ark.Stamp, b ark.Clock) error {
	zero := int64(b.Wall) - at.Mono.Milliseconds()
	if _, err := c.tx.Exec("INSERT INTO clocks VALUES ($1, $2, $3) ON CONFLICT (van, boot) DO UPDATE SET zero = $3", l.van, at.Boot[:], zero); err != nil {
		return fmt.Errorf("note clock: %w", err)
	}
	c.clocks = append(c.clocks, boot{l.van, at.Boot})
	rows, err := c.tx.Query("SELECT id, asked_mono FROM broadcasts WHERE van = $1 AND asked_boot = $2 ORDER BY asked_mono DESC LIMIT $3",
		l.van, at.Boot[:], mostMoved)
	if err != nil {
		return fmt.Errorf("read doubtful broadcasts: %w", err)
	}
	defer rows.Close()
	monos := map[ark.ID]int64{}
	for rows.Next() {
		var id []byte
		var mono int64
		if err := rows.Scan(&id, &mono); err != nil {
			return fmt.Errorf("read doubtful broadcasts: %w", err)
		}
		monos[ark.ID(id)] = mono
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read doubtful broadcasts: %w", err)
	}
	for id, mono := range monos {
		place, err := freePlace(c.tx, ark.UnixMilli(zero+mono))
		if err != nil {
			return err
		}
		if _, err := c.tx.Exec("UPDATE broadcasts SET asked = $1, asked_boot = NULL WHERE id = $2", place, id[:]); err != nil {
			return fmt.Errorf("move broadcast: %w", err)
		}
		c.change.Broadcasts = true
	}
	return nil
}

// placeAsRun gives broadcasts that an older release kept their places.
func (s *Store) placeAsRun(ctx context.Context) error {
	for {
		n := 0
		err := s.db.Write(ctx, func(tx *database.Tx) (err error) {
			n, err = placeSome(ctx, tx)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

func placeSome(ctx context.Context, tx *database.Tx) (n int, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, van, boot, mono, wall, trusted, body FROM broadcasts WHERE asked IS NULL LIMIT 500")
	if err != nil {
		return 0, fmt.Errorf("read broadcasts without a place: %w", err)
	}
	defer rows.Close()
	type row struct {
		van  int64
		at   ark.Stamp
		body ark.AsRun
	}
	var some []row
	for rows.Next() {
		var r row
		var mono int64
		var id, boot, body []byte
		if err := rows.Scan(&id, &r.van, &boot, &mono, &r.at.Wall, &r.at.Trusted, &body); err != nil {
			return 0, fmt.Errorf("read broadcasts without a place: %w", err)
		}
		copy(r.at.Boot[:], boot)
		r.at.Mono = time.Duration(mono) * time.Millisecond
		r.body.Broadcast = ark.ID(id)
		if decoded, err := ark.DecodeBody(ark.KindBroadcast, body); err == nil {
			r.body = decoded.(ark.AsRun)
		}
		some = append(some, r)
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("read broadcasts without a place: %w", err)
	}
	c := &commit{tx: tx}
	for _, r := range some {
		a, err := c.asked(life{van: r.van}, r.at, r.body)
		if err != nil {
			return 0, err
		}
		_, err = tx.ExecContext(ctx, "UPDATE broadcasts SET asked = $1, asked_boot = $2, asked_mono = $3, class = $4, state = $5 WHERE id = $6",
			a.place, a.boot, a.mono, r.body.Class, r.body.State, r.body.Broadcast[:])
		if err != nil {
			return 0, fmt.Errorf("place broadcast: %w", err)
		}
	}
	return len(some), nil
}

// AsRun lists broadcasts, the newest first by when they were asked for; see
// hub.AsRunLog.
func (s *Store) AsRun(ctx context.Context, sight hub.Sight, f hub.AsRunFilter) ([]hub.Broadcast, error) {
	query, args, err := s.asRunQuery(ctx, sight, f)
	if err != nil {
		return nil, fmt.Errorf("list broadcasts: %w", err)
	}
	return s.broadcasts(ctx, query, args...)
}

// asRunQuery names the index. Each holds all that is chosen by, so that a
// million rows that do not fit are passed over without being read.
func (s *Store) asRunQuery(ctx context.Context, sight hub.Sight, f hub.AsRunFilter) (query string, given []any, err error) {
	before, limit := older(f.Page)
	index, where, args := "broadcasts_asked", []string{"asked < $1"}, arguments{int64(before), limit}
	add := func(cond string, arg any) { where = append(where, fmt.Sprintf(cond, args.add(arg))) }
	if !f.From.IsZero() {
		add("asked >= %s", firstPlace(ark.Milli(f.From)))
	}
	if !f.To.IsZero() {
		add("asked < %s", firstPlace(ark.Milli(f.To)))
	}
	if f.Class != nil {
		add("class = %s", *f.Class)
	}
	if f.State != 0 {
		index = "broadcasts_state"
		add("state = %s", f.State)
	}
	if f.Language != "" {
		index = "broadcasts_tongues"
		add("replace(tongues, %s, '') <> tongues", " "+string(f.Language)+" ")
	}
	if f.Van != "" {
		index = "broadcasts_van"
		add("van = (SELECT n FROM vans WHERE id = %s)", f.Van)
	}
	seen, err := vanNumberSeen(ctx, s.db.Read(), sight, "van", &args)
	if err != nil {
		return "", nil, err
	}
	where = append(where, seen)
	chosen := "SELECT id FROM broadcasts" + s.db.Using(index) + " WHERE " + strings.Join(where, " AND ") + " ORDER BY asked DESC LIMIT $2"
	return "SELECT b.asked" + broadcastColumns + " WHERE b.id IN (" + chosen + ") ORDER BY b.asked DESC", args, nil
}
