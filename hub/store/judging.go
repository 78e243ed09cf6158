package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// SetReview keeps a review and orders it; see hub.Reviews.
func (s *Store) SetReview(ctx context.Context, sight hub.Sight, r ark.Review, seen hub.Position) error {
	if err := r.Check(); err != nil {
		return fmt.Errorf("set review: %w: %w", hub.ErrInvalid, err)
	}
	// Where a visit was is said by its newest entry, which is the one that the review names, or the review is stale.
	if _, err := s.visit(ctx, sight, r.Visit); err != nil {
		return fmt.Errorf("set review: %w", err)
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		v, err := reviewable(tx, r.Visit)
		switch {
		case err != nil:
			return err
		case v.last != r.Entry:
			return hub.ErrStale
		case seen != hub.AnyReview && v.newest != seen:
			return hub.ErrJudged
		}
		return s.judge(tx, v, r)
	})
	if err != nil {
		return fmt.Errorf("set review: %w", err)
	}
	s.tell(hub.Change{Visits: true, Orders: true})
	return nil
}

// TakeBack undoes a review; see hub.Reviews.
func (s *Store) TakeBack(ctx context.Context, sight hub.Sight, visit ark.ID, state ark.ReviewState, by string, at ark.UnixMilli) error {
	if _, err := s.visit(ctx, sight, visit); err != nil {
		return fmt.Errorf("take a review back: %w", err)
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		v, err := reviewable(tx, visit)
		if err != nil {
			return err
		}
		words, err := lastWords(tx, visit, v.last)
		if err != nil {
			return err
		}
		if words[0].State != state || words[0].By != by || state == ark.ReviewNone {
			return hub.ErrStale
		}
		back := words[1]
		back.Visit, back.Entry, back.By, back.At = visit, v.last, by, max(at, words[0].At)
		return s.judge(tx, v, back)
	})
	if err != nil {
		return fmt.Errorf("take a review back: %w", err)
	}
	s.tell(hub.Change{Visits: true, Orders: true})
	return nil
}

// lastWords are the newest reviews of an entry, the newest first; the zero
// review stands for none.
func lastWords(tx *database.Tx, visit, entry ark.ID) (words [2]ark.Review, err error) {
	rows, err := tx.Query("SELECT state, comment, by, at FROM reviews WHERE visit = $1 AND entry = $2 ORDER BY n DESC LIMIT 2", visit[:], entry[:])
	if err != nil {
		return words, fmt.Errorf("read reviews of a visit: %w", err)
	}
	defer rows.Close()
	for i := 0; rows.Next(); i++ {
		if err := rows.Scan(&words[i].State, &words[i].Comment, &words[i].By, &words[i].At); err != nil {
			return words, fmt.Errorf("read reviews of a visit: %w", err)
		}
	}
	return words, rows.Err()
}

// judged is a visit that is judged now.
type judged struct {
	van    ark.VanID
	last   ark.ID       // its newest entry
	newest hub.Position // its newest review; 0: there is none
}

// reviewable finds a visit that was not withdrawn.
func reviewable(tx *database.Tx, visit ark.ID) (v judged, err error) {
	var last []byte
	var withdrawn bool
	err = tx.QueryRow(`SELECT w.id, coalesce(s.last, v.id), coalesce(s.withdrawn, 0), coalesce(s.reviewed, 0) FROM visits v JOIN incarnations i ON i.n = v.incarnation
		JOIN vans w ON w.n = i.van LEFT JOIN visit_states s ON s.visit = v.id WHERE v.id = $1`, visit[:]).Scan(&v.van, &last, &withdrawn, &v.newest)
	switch {
	case noRows(err):
		return v, hub.ErrNotThere
	case err != nil:
		return v, fmt.Errorf("read visit: %w", err)
	case withdrawn:
		return v, fmt.Errorf("%w: the visit was withdrawn", hub.ErrInvalid)
	}
	v.last = ark.ID(last)
	return v, nil
}

// judge keeps a review of a visit's newest entry, and orders it.
func (s *Store) judge(tx *database.Tx, v judged, r ark.Review) error {
	body, err := ark.EncodeBody(ark.KindReview, r)
	if err != nil {
		return err
	}
	id := s.newID()
	var n int64
	err = tx.QueryRow("INSERT INTO reviews (visit, entry, state, comment, by, at, made) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING n",
		r.Visit[:], r.Entry[:], r.State, r.Comment, r.By, r.At, id[:]).Scan(&n)
	if err != nil {
		return fmt.Errorf("keep review: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO visit_states (visit, position, last, amended, withdrawn, review, reviewed)
		SELECT id, position, $2, 0, 0, $3, $4 FROM visits WHERE id = $1
		ON CONFLICT (visit) DO UPDATE SET review = $3, reviewed = $4`, r.Visit[:], r.Entry[:], r.State, n)
	if err != nil {
		return fmt.Errorf("note review of a visit: %w", err)
	}
	if err := s.findJudged(tx, r.Visit, r.State); err != nil {
		return err
	}
	return s.appendOrder(tx, v.van, id, ark.KindReview, body)
}
