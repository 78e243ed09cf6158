package store

import (
	"context"
	"fmt"

	"ark"
	"ark/agent"
)

// Log writes a visit and its journal entry durably. The same id again is no
// new visit; with other words under it, it is agent.ErrTaken. Other errors
// wrap agent.ErrDiskFull, ErrReadOnly or ErrBroken, or are ark's Check errors.
// With any error nothing was kept.
func (s *Store) Log(ctx context.Context, id ark.ID, v ark.Visit) error {
	if err := v.Check(); err != nil {
		return err
	}
	return s.Append(ctx, agent.Record{ID: id, Kind: ark.KindVisit, Body: v})
}

// Recent lists the newest visits first.
func (s *Store) Recent(ctx context.Context, limit int) ([]agent.Visit, error) {
	db, err := s.reading()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	acked := s.acked.Seq
	s.mu.Unlock()
	rows, err := db.QueryContext(ctx, "SELECT seq, raw, held FROM entries WHERE kind = 2 ORDER BY seq DESC LIMIT $1", limit)
	if err != nil {
		return nil, fmt.Errorf("read visits: %w", s.readFailed(err))
	}
	defer rows.Close()
	var all []agent.Visit
	for rows.Next() {
		var seq ark.Seq
		var raw []byte
		var held bool
		if err := rows.Scan(&seq, &raw, &held); err != nil {
			return nil, fmt.Errorf("read visits: %w", s.readFailed(err))
		}
		v, err := decodeVisit(raw)
		if err != nil {
			s.c.Log.Error("a visit on the card is damaged; the others are shown", "seq", seq, "err", err)
			continue
		}
		v.AtHub = held || seq <= acked
		all = append(all, v)
	}
	return all, s.readFailed(rows.Err())
}

func decodeVisit(raw []byte) (agent.Visit, error) {
	e, err := ark.DecodeEntry(raw)
	if err != nil {
		return agent.Visit{}, err
	}
	body, err := ark.DecodeBody(e.Kind, e.Body)
	if err != nil {
		return agent.Visit{}, err
	}
	v, ok := body.(ark.Visit)
	if !ok {
		return agent.Visit{}, fmt.Errorf("the entry is a %v", e.Kind)
	}
	return agent.Visit{Visit: v, ID: e.ID, At: e.At}, nil
}
