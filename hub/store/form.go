package store

import (
	"context"
	"errors"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// Form is what visits are asked; see hub.Roster.
func (s *Store) Form(ctx context.Context) (ark.Form, error) {
	version, err := newestForm(ctx, s.db.Read())
	if err != nil {
		return ark.Form{}, fmt.Errorf("read form: %w", err)
	}
	return s.FormOf(ctx, version)
}

func newestForm(ctx context.Context, q querier) (version int64, err error) {
	err = q.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM forms").Scan(&version)
	return version, err
}

// FormOf is one version of the form; 0 is the one in the program.
func (s *Store) FormOf(ctx context.Context, version int64) (ark.Form, error) {
	if version == 0 {
		return ark.DefaultForm(), nil
	}
	var body []byte
	err := s.db.Read().QueryRowContext(ctx, "SELECT body FROM forms WHERE version = $1", version).Scan(&body)
	if noRows(err) {
		err = hub.ErrNotThere
	}
	if err != nil {
		return ark.Form{}, fmt.Errorf("read form: %w", err)
	}
	f, err := ark.DecodeBody(ark.KindForm, body)
	if err != nil {
		return ark.Form{}, fmt.Errorf("read form: %w", err)
	}
	return f.(ark.Form), nil
}

// SetForm makes a new version; see hub.Roster.
func (s *Store) SetForm(ctx context.Context, f ark.Form, from int64, by string) (ark.Form, error) {
	f.Version = from + 1
	if err := f.Check(); errors.Is(err, ark.ErrTooBig) {
		return f, fmt.Errorf("set form: %w: %w", hub.ErrFull, err)
	} else if err != nil {
		return f, fmt.Errorf("set form: %w: %w", hub.ErrInvalid, err)
	}
	body, err := ark.EncodeBody(ark.KindForm, f)
	if err != nil {
		return f, fmt.Errorf("set form: %w", err)
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		if newest, err := newestForm(ctx, tx); err != nil {
			return err
		} else if newest != from {
			return hub.ErrStale
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO forms VALUES ($1, $2, $3, $4)", f.Version, by, s.now().UnixMilli(), body)
		return err
	})
	if err != nil {
		return f, fmt.Errorf("set form: %w", err)
	}
	s.tell(hub.Change{People: true})
	return f, nil
}
