package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"ark/hub"
)

// EachVisit calls do for all visits in an order; see hub.Finder. While do has
// one page of them, the next is read.
func (s *Store) EachVisit(ctx context.Context, sight hub.Sight, f hub.VisitFilter, o hub.VisitOrder, do func(hub.Visit) error) error {
	if err := askable(f); err != nil {
		return fmt.Errorf("read all visits: %w", err)
	}
	tx, err := s.moment(ctx)
	if err != nil {
		return fmt.Errorf("read all visits: %w", err)
	}
	defer tx.Rollback()
	r := reader{tx: tx, pages: make(chan []reading, 1), enough: make(chan struct{})}
	var ahead sync.WaitGroup
	defer ahead.Wait()
	defer close(r.enough)
	ahead.Go(func() {
		defer close(r.pages)
		r.err = r.run(ctx, s, sight, f, o)
	})
	for page := range r.pages {
		for i := range page {
			if err := page[i].understand(); err != nil {
				return fmt.Errorf("read all visits: %w", err)
			}
			if err := do(page[i].Visit); err != nil {
				return err
			}
		}
	}
	if r.err != nil && ctx.Err() != nil {
		r.err = ctx.Err() // who went away ended the connection: that it is bad is no news
	}
	if r.err != nil {
		return fmt.Errorf("read all visits: %w", r.err)
	}
	return nil
}

// reader reads visits page by page, ahead of who understands them.
type reader struct {
	tx     *sql.Tx
	page   *sql.Stmt      // reads a whole page; nil: none came yet
	pages  chan []reading // closed behind the last
	enough chan struct{}  // closed: nobody takes any more
	err    error          // why there are no more, once pages is closed
}

func (r *reader) run(ctx context.Context, s *Store, sight hub.Sight, f hub.VisitFilter, o hub.VisitOrder) error {
	if say := s.wording.repeated(); say != "" {
		if _, err := r.tx.ExecContext(ctx, say); err != nil {
			return err
		}
	}
	ways, err := s.ways(ctx, r.tx, sight, f, o, toTheEnd)
	if err != nil {
		return err
	}
	c, known := course{order: o, atOnce: s.ahead}, clocks{}
	for _, w := range ways {
		c.ways = append(c.ways, &walked{find: w})
	}
	for {
		places, err := c.next()
		if err != nil || len(places) == 0 {
			return err
		}
		page, err := r.read(ctx, places, len(places) == s.ahead)
		if err != nil {
			return err
		}
		if err := correctReadings(ctx, r.tx, known, page); err != nil {
			return err
		}
		select {
		case r.pages <- page:
		case <-r.enough:
			return nil
		}
	}
}

// read reads the visits at some places. That of whole pages is planned once.
func (r *reader) read(ctx context.Context, places []hub.VisitPlace, whole bool) ([]reading, error) {
	where, args := atPlaces(places)
	var rows *sql.Rows
	var err error
	switch {
	case !whole:
		rows, err = r.tx.QueryContext(ctx, visitColumns+where, args...)
	case r.page == nil:
		if r.page, err = r.tx.PrepareContext(ctx, visitColumns+where); err != nil {
			return nil, err
		}
		fallthrough
	default:
		rows, err = r.page.QueryContext(ctx, args...)
	}
	if err != nil {
		return nil, err
	}
	return scanAt(rows, places)
}

// course goes through the places of visits by several ways at once, each place
// once: of each way it holds what comes next.
type course struct {
	order  hub.VisitOrder
	atOnce int // places of a page
	ways   []*walked
	last   hub.VisitPlace
}

// walked is a way and how far it was gone.
type walked struct {
	find  way
	held  []hub.VisitPlace
	after hub.VisitPlace
	end   bool // none come behind those that are held
}

// next are the places of a page; fewer than atOnce: there are no more.
func (c *course) next() (places []hub.VisitPlace, err error) {
	for len(places) < c.atOnce {
		var first *walked
		for _, w := range c.ways {
			if err := c.hold(w); err != nil {
				return nil, err
			}
			if len(w.held) > 0 && (first == nil || compareIn(c.order, w.held[0], first.held[0]) > 0) {
				first = w
			}
		}
		if first == nil {
			break
		}
		place := first.held[0]
		first.held = first.held[1:]
		if place != c.last {
			places = append(places, place)
		}
		c.last = place
	}
	return places, nil
}

// pagesHeld times as many places as a page has are read of a way at once: they
// are small, and to ask for them costs as much as to read them.
const pagesHeld = 4

// hold sees to it that what comes next on a way is held.
func (c *course) hold(w *walked) (err error) {
	if len(w.held) > 0 || w.end {
		return nil
	}
	most := pagesHeld * c.atOnce
	if w.held, err = w.find(hub.VisitPage{Order: c.order, After: w.after, Limit: most}); err != nil {
		return err
	}
	if w.end = len(w.held) < most; len(w.held) > 0 {
		// Not the time that the visit shows: where its clock was learnt late, it may stand elsewhere.
		w.after = w.held[len(w.held)-1]
	}
	return nil
}
