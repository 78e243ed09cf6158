package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// Editions lists the newest edition of every announcement; see hub.Library.
func (s *Store) Editions(ctx context.Context) ([]hub.Edition, error) {
	all, err := readEditions(ctx, s.db.Read(), `WHERE e.version = (SELECT max(version) FROM editions n WHERE n.id = e.id)`)
	if err != nil {
		return nil, fmt.Errorf("list editions: %w", err)
	}
	slices.SortStableFunc(all, func(a, b hub.Edition) int {
		if a.Withdrawn != b.Withdrawn {
			return map[bool]int{true: 1, false: -1}[a.Withdrawn]
		}
		return strings.Compare(a.Title.Zh, b.Title.Zh)
	})
	return all, nil
}

// History lists all editions of one announcement, the newest first.
func (s *Store) History(ctx context.Context, id ark.AnnouncementID) ([]hub.Edition, error) {
	all, err := readEditions(ctx, s.db.Read(), "WHERE e.id = $1", id)
	if err != nil {
		return nil, fmt.Errorf("list editions: %w", err)
	}
	slices.Reverse(all)
	return all, nil
}

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// readEditions reads editions by id and version.
func readEditions(ctx context.Context, q querier, where string, args ...any) (all []hub.Edition, err error) {
	rows, err := q.QueryContext(ctx, `SELECT e.by, e.made, e.body, w.id IS NOT NULL FROM editions e
		LEFT JOIN withdrawn w ON w.id = e.id `+where+" ORDER BY e.id, e.version", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e hub.Edition
		var made int64
		var body []byte
		if err := rows.Scan(&e.By, &made, &body, &e.Withdrawn); err != nil {
			return nil, err
		}
		e.Made = fromMilli(made)
		m, err := ark.DecodeManifest(body)
		if err != nil || len(m.Announcements) != 1 {
			return nil, fmt.Errorf("edition with %d announcements: %w", len(m.Announcements), err)
		}
		e.Announcement = m.Announcements[0]
		all = append(all, e)
	}
	return all, rows.Err()
}

// AddEdition keeps a new edition; see hub.Library.
func (s *Store) AddEdition(ctx context.Context, a ark.Announcement, from int, by string) (hub.Edition, error) {
	a.Version = from + 1
	body, err := ark.EncodeManifest(ark.Manifest{Announcements: []ark.Announcement{a}})
	if err != nil {
		return hub.Edition{}, fmt.Errorf("add edition: %w: %w", hub.ErrInvalid, err)
	}
	made := s.now().UnixMilli()
	e := hub.Edition{Announcement: a, By: by, Made: fromMilli(made)}
	err = s.changeLibrary(ctx, by, func(tx *database.Tx) error {
		var newest, others int
		err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0), (SELECT count(DISTINCT id) FROM editions WHERE id <> $1),
			EXISTS (SELECT 1 FROM withdrawn WHERE id = $1) FROM editions WHERE id = $1`, a.ID).Scan(&newest, &others, &e.Withdrawn)
		switch {
		case err != nil:
			return err
		case newest != from:
			return hub.ErrStale
		case newest >= hub.MaxEditions || others >= hub.MaxEditions:
			return hub.ErrFull
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO editions VALUES ($1, $2, $3, $4, $5)", a.ID, a.Version, by, made, body)
		return err
	})
	if err != nil {
		return hub.Edition{}, fmt.Errorf("add edition: %w", err)
	}
	return e, nil
}

// Withdraw takes an announcement out of the library, or puts it back.
func (s *Store) Withdraw(ctx context.Context, id ark.AnnouncementID, withdrawn bool, by string) error {
	err := s.changeLibrary(ctx, by, func(tx *database.Tx) error {
		var known bool
		if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM editions WHERE id = $1)", id).Scan(&known); err != nil {
			return err
		}
		if !known {
			return hub.ErrNotThere
		}
		var err error
		if withdrawn {
			_, err = tx.ExecContext(ctx, "INSERT INTO withdrawn VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", id, by, s.now().UnixMilli())
		} else {
			_, err = tx.ExecContext(ctx, "DELETE FROM withdrawn WHERE id = $1", id)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("withdraw announcement: %w", err)
	}
	return nil
}

// Languages are what an announcement should have, in the order of playing.
func (s *Store) Languages(ctx context.Context) ([]ark.Language, error) {
	all, err := readLanguages(ctx, s.db.Read())
	if err != nil {
		return nil, fmt.Errorf("list languages: %w", err)
	}
	return all, nil
}

func readLanguages(ctx context.Context, q querier) (all []ark.Language, err error) {
	rows, err := q.QueryContext(ctx, "SELECT language FROM languages ORDER BY place")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l ark.Language
		if err := rows.Scan(&l); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// SetLanguages changes what an announcement should have.
func (s *Store) SetLanguages(ctx context.Context, languages []ark.Language, by string) error {
	if err := (ark.Manifest{Languages: languages}).Check(); err != nil || len(languages) == 0 {
		return fmt.Errorf("set languages: %w: %d languages: %v", hub.ErrInvalid, len(languages), err)
	}
	if sorted := slices.Sorted(slices.Values(languages)); len(slices.Compact(sorted)) != len(languages) {
		return fmt.Errorf("set languages: %w: one stands twice", hub.ErrInvalid)
	}
	err := s.changeLibrary(ctx, by, func(tx *database.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM languages"); err != nil {
			return err
		}
		for i, l := range languages {
			if _, err := tx.ExecContext(ctx, "INSERT INTO languages VALUES ($1, $2)", i, l); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("set languages: %w", err)
	}
	return nil
}
