package store

import (
	"context"
	"errors"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// defaultLanguages are what an announcement should have until staff say
// otherwise. Cantonese stands in for the dialect of the place.
var defaultLanguages = []ark.Language{"cmn-Hans-CN", "yue-Hant-HK", "en"}

// seedLanguages gives a new hub its languages.
func (s *Store) seedLanguages(ctx context.Context) error {
	have, err := readLanguages(ctx, s.db.Read())
	if err != nil || len(have) > 0 {
		return err
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		for i, l := range defaultLanguages {
			if _, err := tx.ExecContext(ctx, "INSERT INTO languages VALUES ($1, $2)", i, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeLibrary changes announcements or languages and makes the library that
// comes of it, in one transaction. What changes nothing makes no new version.
func (s *Store) changeLibrary(ctx context.Context, by string, change func(*database.Tx) error) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return s.makeLibrary(ctx, tx, by)
	})
	if err == nil {
		s.tell(hub.Change{Library: true})
	}
	return err
}

// makeLibrary makes a manifest of the newest editions, in the order of their
// ids: the same announcements always give the same one.
func (s *Store) makeLibrary(ctx context.Context, tx *database.Tx, by string) error {
	last, _, err := newestManifest(ctx, tx)
	if err != nil {
		return err
	}
	m := ark.Manifest{Version: last.Version}
	if m.Languages, err = readLanguages(ctx, tx); err != nil {
		return err
	}
	editions, err := readEditions(ctx, tx, "WHERE w.id IS NULL AND e.version = (SELECT max(version) FROM editions n WHERE n.id = e.id)")
	if err != nil {
		return err
	}
	for _, e := range editions {
		m.Announcements = append(m.Announcements, e.Announcement)
	}
	if len(m.Announcements) > ark.MaxAnnouncements {
		return fmt.Errorf("%w: %d announcements", hub.ErrFull, len(m.Announcements))
	}
	data, err := ark.EncodeManifest(m)
	if err == nil && last.Version > 0 && ark.HashOf(data) == last.Manifest {
		return nil
	}
	m.Version++
	if err == nil {
		data, err = ark.EncodeManifest(m)
	}
	if errors.Is(err, ark.ErrTooBig) {
		return fmt.Errorf("%w: %w", hub.ErrFull, err)
	} else if err != nil {
		return err
	}
	hash := ark.HashOf(data)
	if _, err := tx.ExecContext(ctx, "INSERT INTO libraries VALUES ($1, $2, $3, $4, $5)", m.Version, hash[:], data, by, s.now().UnixMilli()); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM libraries WHERE version <= $1", m.Version-hub.KeptLibraries)
	return err
}

// newestManifest is the newest library as it is ordered, and its manifest's
// bytes; without any, the version is 0.
func newestManifest(ctx context.Context, q querier) (l ark.Library, data []byte, err error) {
	var hash []byte
	err = q.QueryRowContext(ctx, "SELECT version, hash, manifest FROM libraries ORDER BY version DESC LIMIT 1").Scan(&l.Version, &hash, &data)
	if noRows(err) {
		return ark.Library{}, nil, nil
	}
	if err != nil {
		return ark.Library{}, nil, fmt.Errorf("read library: %w", err)
	}
	copy(l.Manifest[:], hash)
	l.Size = int64(len(data))
	return l, data, nil
}

// Library is the order for the newest library, and its manifest.
func (s *Store) Library(ctx context.Context) (ark.Library, ark.Manifest, bool, error) {
	l, data, err := newestManifest(ctx, s.db.Read())
	if err != nil || l.Version == 0 {
		return ark.Library{}, ark.Manifest{}, false, err
	}
	m, err := ark.DecodeManifest(data)
	if err != nil {
		return ark.Library{}, ark.Manifest{}, false, fmt.Errorf("read library: %w", err)
	}
	return l, m, true, nil
}

// Needed is the content that must not be removed: every recording of every
// edition, and the manifests that vans may still fetch.
func (s *Store) Needed(ctx context.Context) (map[ark.Hash]bool, error) {
	needed := map[ark.Hash]bool{}
	editions, err := readEditions(ctx, s.db.Read(), "")
	if err != nil {
		return nil, fmt.Errorf("list needed content: %w", err)
	}
	for _, e := range editions {
		for _, r := range e.Recordings {
			needed[r.Content] = true
		}
	}
	rows, err := s.db.Read().QueryContext(ctx, "SELECT hash FROM libraries")
	if err != nil {
		return nil, fmt.Errorf("list needed content: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var hash []byte
		if err := rows.Scan(&hash); err != nil {
			return nil, fmt.Errorf("list needed content: %w", err)
		}
		needed[ark.Hash(hash)] = true
	}
	return needed, rows.Err()
}
