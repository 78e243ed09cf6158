package store

import (
	"context"
	"encoding/json"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// SavedViews lists views for an account; see hub.SavedViews.
func (s *Store) SavedViews(ctx context.Context, sight hub.Sight, owner string) (all []hub.SavedView, err error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT v.id, v.account, v.name, v.query, v.shared, v.standing, v.whole, v.places, a.roles
		FROM saved_views v JOIN accounts a ON a.name = v.account WHERE v.gone = 0 AND (v.account = $1 OR v.shared = 1 AND `+letsIn+`)
		ORDER BY CASE WHEN v.account = $1 THEN 0 ELSE 1 END, v.name, v.id`, owner, hub.ByOrganisation, s.vouchedAfter())
	if err != nil {
		return nil, fmt.Errorf("list saved views: %w", err)
	}
	defer rows.Close()
	others := 0
	for rows.Next() {
		var v hub.SavedView
		var of hub.Sight
		var id []byte
		var places, roles string
		if err := rows.Scan(&id, &v.Owner, &v.Name, &v.Query, &v.Shared, &v.First, &of.Whole, &places, &roles); err != nil {
			return nil, fmt.Errorf("list saved views: %w", err)
		}
		if err := json.Unmarshal([]byte(places), &of.Places); err != nil {
			return nil, fmt.Errorf("list saved views: %w", err)
		}
		v.ID = ark.ID(id)
		if v.Owner != owner {
			if v.First = false; others == hub.MaxSharedSeen || !v.SeenBy(sight, of) || !(hub.Staff{Roles: rolesOf(roles)}).Is(hub.RoleReviewer) {
				continue
			}
			others++
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// SaveView keeps a view; see hub.SavedViews. What its owner sees now is kept
// with it, as long as its query stays.
func (s *Store) SaveView(ctx context.Context, v hub.SavedView) error {
	if err := v.Check(); err != nil {
		return fmt.Errorf("save view: %w", err)
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if err := roomForView(tx, v.Owner, v.Name, v.ID); err != nil {
			return err
		}
		if v.First {
			if _, err := tx.Exec("UPDATE saved_views SET standing = 0 WHERE account = $1", v.Owner); err != nil {
				return err
			}
		}
		res, err := tx.Exec(`INSERT INTO saved_views (id, account, name, query, shared, standing, gone, whole, places)
			SELECT $1, name, $3, $4, $5, $6, 0, whole, places FROM accounts WHERE name = $2
			ON CONFLICT (id) DO UPDATE SET name = $3, query = $4, shared = $5, standing = $6, gone = 0,
			whole = CASE WHEN saved_views.query = $4 THEN saved_views.whole ELSE excluded.whole END,
			places = CASE WHEN saved_views.query = $4 THEN saved_views.places ELSE excluded.places END WHERE saved_views.account = $2`,
			v.ID[:], v.Owner, v.Name, v.Query, truth(v.Shared), truth(v.First))
		if err != nil {
			return err
		}
		return anyRow(res.RowsAffected())
	})
	if err != nil {
		return fmt.Errorf("save view: %w", err)
	}
	return nil
}

// roomForView tells why an account can have no view of a name, if it cannot.
func roomForView(tx *database.Tx, owner, name string, id ark.ID) error {
	var many, same int
	err := tx.QueryRow("SELECT count(*), coalesce(sum(CASE WHEN name = $2 THEN 1 ELSE 0 END), 0) FROM saved_views WHERE account = $1 AND gone = 0 AND id <> $3", owner, name, id[:]).Scan(&many, &same)
	switch {
	case err != nil:
		return err
	case same > 0:
		return hub.ErrTaken
	case many >= hub.MaxSavedViews:
		return hub.ErrFull
	}
	return nil
}

// anyRow is hub.ErrNotThere where nothing was changed.
func anyRow(n int64, err error) error {
	if err == nil && n == 0 {
		err = hub.ErrNotThere
	}
	return err
}

// RemoveView takes a view away; see hub.SavedViews. Of those that were taken
// away the last is kept.
func (s *Store) RemoveView(ctx context.Context, owner string, id ark.ID) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec("DELETE FROM saved_views WHERE account = $1 AND gone = 1", owner); err != nil {
			return err
		}
		res, err := tx.Exec("UPDATE saved_views SET gone = 1, standing = 0 WHERE id = $1 AND account = $2", id[:], owner)
		if err != nil {
			return err
		}
		return anyRow(res.RowsAffected())
	})
	if err != nil {
		return fmt.Errorf("remove view: %w", err)
	}
	return nil
}

// RestoreView puts a view back; see hub.SavedViews.
func (s *Store) RestoreView(ctx context.Context, owner string, id ark.ID) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		var name string
		err := tx.QueryRow("SELECT name FROM saved_views WHERE id = $1 AND account = $2 AND gone = 1", id[:], owner).Scan(&name)
		if noRows(err) {
			return hub.ErrNotThere
		}
		if err == nil {
			err = roomForView(tx, owner, name, id)
		}
		if err == nil {
			_, err = tx.Exec("UPDATE saved_views SET gone = 0 WHERE id = $1", id[:])
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("restore view: %w", err)
	}
	return nil
}
