package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ark"
	"ark/hub"
)

// older is the WHERE bound for a page: below Before, or everything.
func older(p hub.Page) (hub.Position, int) {
	before := p.Before
	if before <= 0 {
		before = math.MaxInt64
	}
	return before, min(max(p.Limit, 1), 500)
}

func fromMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// correct gives a doubtful stamp the time that its boot learnt later.
func correct(ctx context.Context, q querier, van int64, at *ark.Stamp) error {
	return clocks{}.correct(ctx, q, van, at)
}

// clocks remembers what boots learnt of the time, where many stamps of a boot
// are read at one moment.
type clocks map[bootOf]learnt

type bootOf struct {
	van  int64
	boot ark.BootID
}

// learnt is when a boot began; not known: it never learnt.
type learnt struct {
	zero  int64 // ms
	known bool
}

// mostClocks is how many are remembered at once.
const mostClocks = 10_000

// clocksAtOnce is of how many boots one query asks.
const clocksAtOnce = 50

// stampOf is a stamp and the van that set it.
type stampOf struct {
	van int64
	at  *ark.Stamp
}

func (c clocks) correct(ctx context.Context, q querier, van int64, at *ark.Stamp) error {
	return c.correctAll(ctx, q, []stampOf{{van, at}})
}

// correctAll corrects many stamps, at most mostClocks.
func (c clocks) correctAll(ctx context.Context, q querier, all []stampOf) error {
	all = slices.DeleteFunc(all, func(s stampOf) bool { return s.at.Trusted })
	if err := c.ask(ctx, q, all); err != nil {
		return err
	}
	for _, s := range all {
		if l := c[bootOf{s.van, s.at.Boot}]; l.known {
			s.at.Wall, s.at.Trusted = ark.UnixMilli(l.zero+s.at.Mono.Milliseconds()), true
		}
	}
	return nil
}

// ask reads what the boots of some stamps learnt, unless it is remembered:
// together, since the way to a server and back for each would take longer than
// all else.
func (c clocks) ask(ctx context.Context, q querier, all []stampOf) error {
	if len(c)+len(all) > mostClocks {
		clear(c)
	}
	var lacking []bootOf
	for _, s := range all {
		b := bootOf{s.van, s.at.Boot}
		if _, asked := c[b]; !asked {
			c[b], lacking = learnt{}, append(lacking, b)
		}
	}
	for some := range slices.Chunk(lacking, clocksAtOnce) {
		if err := c.read(ctx, q, some); err != nil {
			return fmt.Errorf("read clocks: %w", err)
		}
	}
	return nil
}

func (c clocks) read(ctx context.Context, q querier, boots []bootOf) error {
	var args arguments
	conds := make([]string, len(boots))
	for i, b := range boots {
		conds[i] = "van = " + args.add(b.van) + " AND boot = " + args.add(b.boot[:])
	}
	rows, err := q.QueryContext(ctx, "SELECT van, boot, zero FROM clocks WHERE "+strings.Join(conds, " OR "), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var van, zero int64
		var boot []byte
		if err := rows.Scan(&van, &boot, &zero); err != nil {
			return err
		}
		c[bootOf{van, ark.BootID(boot)}] = learnt{zero, true}
	}
	return rows.Err()
}

// Broadcasts lists broadcasts, the one last told of first.
func (s *Store) Broadcasts(ctx context.Context, sight hub.Sight, p hub.Page) ([]hub.Broadcast, error) {
	before, limit := older(p)
	args := arguments{before, limit}
	seen, err := vanNumberSeen(ctx, s.db.Read(), sight, "b.van", &args)
	if err != nil {
		return nil, fmt.Errorf("list broadcasts: %w", err)
	}
	return s.broadcasts(ctx, "SELECT b.position"+broadcastColumns+" WHERE b.position < $1 AND "+seen+" ORDER BY b.position DESC LIMIT $2", args...)
}

// The van's name is asked for row by row, so that the order of the broadcasts
// is that of the index.
const broadcastColumns = `, b.asked, b.asked_boot IS NULL, (SELECT id FROM vans WHERE n = b.van), b.van, b.wall, b.boot, b.mono, b.trusted, b.received, b.body
	FROM broadcasts b`

// broadcasts reads what a query finds: a position, and broadcastColumns.
func (s *Store) broadcasts(ctx context.Context, query string, args ...any) ([]hub.Broadcast, error) {
	rows, err := s.db.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list broadcasts: %w", err)
	}
	defer rows.Close()
	var all []hub.Broadcast
	var vans []int64
	for rows.Next() {
		var b hub.Broadcast
		var van, mono, received, asked int64
		var boot, body []byte
		if err := rows.Scan(&b.Position, &asked, &b.AskedTrusted, &b.Van, &van, &b.At.Wall, &boot, &mono, &b.At.Trusted, &received, &body); err != nil {
			return nil, fmt.Errorf("list broadcasts: %w", err)
		}
		copy(b.At.Boot[:], boot)
		b.Asked = ark.UnixMilli(asked >> placeBits)
		b.At.Mono, b.Received = time.Duration(mono)*time.Millisecond, fromMilli(received)
		decoded, err := ark.DecodeBody(ark.KindBroadcast, body)
		if err != nil {
			return nil, fmt.Errorf("list broadcasts: %w", err)
		}
		b.AsRun = decoded.(ark.AsRun)
		all, vans = append(all, b), append(vans, van)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list broadcasts: %w", err)
	}
	stamps := make([]stampOf, len(all))
	for i := range all {
		stamps[i] = stampOf{vans[i], &all[i].At}
	}
	if err := (clocks{}).correctAll(ctx, s.db.Read(), stamps); err != nil {
		return nil, fmt.Errorf("list broadcasts: %w", err)
	}
	return all, nil
}

// Vans lists all vans by name. Who is connected, the link knows.
func (s *Store) Vans(ctx context.Context, sight hub.Sight) ([]hub.Van, error) {
	var args arguments
	seen, err := vanSeen(ctx, s.db.Read(), sight, "v.id", &args)
	if err != nil {
		return nil, fmt.Errorf("list vans: %w", err)
	}
	rows, err := s.db.Read().QueryContext(ctx, `SELECT n, id, last_seen, backlog, entries, told, doubtful, health, library, selftest,
		(SELECT count(*) FROM incarnations i WHERE i.van = v.n),
		(SELECT count(*) FROM quarantine q JOIN incarnations i ON i.n = q.incarnation WHERE i.van = v.n),
		(SELECT count(*) FROM forks f JOIN incarnations i ON i.n = f.incarnation WHERE i.van = v.n),
		(SELECT count(*) FROM gaps g JOIN incarnations i ON i.n = g.incarnation WHERE i.van = v.n),
		(SELECT count(*) FROM forks f JOIN incarnations i ON i.n = f.incarnation WHERE i.van = v.n AND f.seen_by = '') +
		(SELECT count(*) FROM gaps g JOIN incarnations i ON i.n = g.incarnation WHERE i.van = v.n AND g.seen_by = '')
		FROM vans v WHERE `+seen+` ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list vans: %w", err)
	}
	defer rows.Close()
	var all []hub.Van
	var numbers []int64
	for rows.Next() {
		var v hub.Van
		var n, seen, told, doubtful int64
		var health, library, test []byte
		if err := rows.Scan(&n, &v.ID, &seen, &v.Backlog, &v.Entries, &told, &doubtful, &health, &library, &test, &v.Incarnations, &v.Quarantined, &v.Forks, &v.Gaps, &v.Unseen); err != nil {
			return nil, fmt.Errorf("list vans: %w", err)
		}
		v.LastSeen, v.Told, v.Doubtful = fromMilli(seen), fromMilli(told), doubtful == 1
		if v.Health, err = newest[ark.Health](ark.KindHealth, health); err != nil {
			return nil, fmt.Errorf("list vans: %w", err)
		}
		if v.Library, err = newest[ark.LibraryState](ark.KindLibraryState, library); err != nil {
			return nil, fmt.Errorf("list vans: %w", err)
		}
		if v.SelfTest, err = newest[ark.SelfTest](ark.KindSelfTest, test); err != nil {
			return nil, fmt.Errorf("list vans: %w", err)
		}
		all, numbers = append(all, v), append(numbers, n)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list vans: %w", err)
	}
	at := make(map[int64]*hub.Van, len(all))
	for i, n := range numbers {
		at[n] = &all[i]
	}
	if err := s.waiting(ctx, at); err != nil {
		return nil, fmt.Errorf("list what waits: %w", err)
	}
	return all, s.troubles(ctx, at)
}

// newest is what a van last told of one thing; nil: nothing yet.
func newest[T any](k ark.Kind, body []byte) (*T, error) {
	if body == nil {
		return nil, nil
	}
	decoded, err := ark.DecodeBody(k, body)
	if err != nil {
		return nil, err
	}
	t := decoded.(T)
	return &t, nil
}

// Orders lists orders, newest first; see hub.Views.
func (s *Store) Orders(ctx context.Context, sight hub.Sight, p hub.Page) ([]hub.Order, error) {
	before, limit := older(p)
	args := arguments{before, limit, ark.KindHouseholds, ark.KindReview}
	seen, err := vanSeen(ctx, s.db.Read(), sight, "o.van", &args)
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	rows, err := s.db.Read().QueryContext(ctx, `SELECT o.position, o.id, o.van, o.kind, o.body, o.made, o.state, o.why, o.latency,
		o.seq <= j.acked_seq FROM orders o JOIN order_journals j ON j.van = o.van
		WHERE o.position < $1 AND o.kind NOT IN ($3, $4) AND `+seen+` ORDER BY o.position DESC LIMIT $2`, args...)
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	defer rows.Close()
	var all []hub.Order
	for rows.Next() {
		var o hub.Order
		var id, body []byte
		var made, latency int64
		if err := rows.Scan(&o.Position, &id, &o.Van, &o.Kind, &body, &made, &o.State, &o.Why, &latency, &o.Held); err != nil {
			return nil, fmt.Errorf("list orders: %w", err)
		}
		copy(o.ID[:], id)
		o.Made, o.Latency = fromMilli(made), time.Duration(latency)*time.Millisecond
		if o.Body, err = ark.DecodeBody(o.Kind, body); err != nil {
			return nil, fmt.Errorf("list orders: %w", err)
		}
		all = append(all, o)
	}
	return all, rows.Err()
}
