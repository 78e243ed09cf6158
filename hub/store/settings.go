package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// mostBody is the most bytes of a standing order: it has to go into an entry
// of the order journal, with something to spare for the rest of it.
const mostBody = ark.MaxEntry - 512

// Settings are a van's own, or what holds for all; see hub.Plans.
func (s *Store) Settings(ctx context.Context, van ark.VanID) (ark.Settings, bool, error) {
	set, own, err := readSettings(ctx, s.db.Read(), van)
	if err != nil {
		return ark.Settings{}, false, fmt.Errorf("read settings: %w", err)
	}
	return set, own, nil
}

func readSettings(ctx context.Context, q querier, van ark.VanID) (set ark.Settings, own bool, err error) {
	set = ark.DefaultSettings()
	set.Version = 1
	rows, err := q.QueryContext(ctx, "SELECT van, version, body FROM settings WHERE van IN ('', $1) ORDER BY van", van)
	if err != nil {
		return set, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var whose ark.VanID
		var version int64
		var body []byte
		if err := rows.Scan(&whose, &version, &body); err != nil {
			return set, false, err
		}
		if body == nil { // they were the van's own, and are no longer: a change all the same
			set.Version = max(set.Version, version)
			continue
		}
		decoded, err := ark.DecodeBody(ark.KindSettings, body)
		if err != nil {
			return set, false, err
		}
		set, own = decoded.(ark.Settings), whose != ""
	}
	return set, own, rows.Err()
}

// SetSettings keeps settings for a van, or for all; see hub.Plans.
func (s *Store) SetSettings(ctx context.Context, van ark.VanID, set *ark.Settings, by string) error {
	if set == nil && van == "" {
		return fmt.Errorf("set settings: %w: those for all vans cannot be taken away", hub.ErrInvalid)
	}
	if van != "" {
		if _, err := ark.ParseVanID(string(van)); err != nil {
			return fmt.Errorf("set settings: %w: %w", hub.ErrInvalid, err)
		}
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		var version int64
		if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(version), 1) + 1 FROM settings").Scan(&version); err != nil {
			return err
		}
		var body []byte
		if set != nil {
			kept := *set
			kept.Version, kept.By = version, by
			var err error
			if body, err = encodeSettings(kept); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO settings VALUES ($1, $2, $3) ON CONFLICT (van) DO UPDATE SET version = $2, body = $3", van, version, body)
		return err
	})
	if err != nil {
		return fmt.Errorf("set settings: %w", err)
	}
	s.tell(hub.Change{Plans: true})
	return nil
}

func encodeSettings(set ark.Settings) ([]byte, error) {
	if err := set.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", hub.ErrInvalid, err)
	}
	if err := knownZone(set.Zone); err != nil {
		return nil, err
	}
	body, err := ark.EncodeBody(ark.KindSettings, set)
	if err != nil {
		return nil, err
	}
	if len(body) > mostBody {
		return nil, fmt.Errorf("%w: settings of %d bytes", hub.ErrFull, len(body))
	}
	return body, nil
}
