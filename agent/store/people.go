package store

import (
	"context"
	"fmt"
	"slices"

	"ark"
	"ark/agent"
)

var _ agent.People = (*Store)(nil)

// Crew is the crew by the newest order; none, Version 0, before the first.
func (s *Store) Crew(ctx context.Context) (c ark.Crew, err error) {
	err = s.look(ctx, "read crew", func(t moment) error {
		c, err = crewIn(t)
		return err
	})
	return c, err
}

// Form is what a visit is asked by the newest order; ark.DefaultForm before
// the first.
func (s *Store) Form(ctx context.Context) (f ark.Form, err error) {
	err = s.look(ctx, "read form", func(t moment) error {
		f, err = formIn(t)
		return err
	})
	return f, err
}

// look reads in one moment of the database.
func (s *Store) look(ctx context.Context, what string, f func(moment) error) error {
	db, err := s.reading()
	if err != nil {
		return err
	}
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", what, s.readFailed(err))
	}
	defer t.Rollback()
	if err := f(t); err != nil {
		return fmt.Errorf("%s: %w", what, s.readFailed(err))
	}
	return nil
}

func crewIn(t moment) (c ark.Crew, err error) {
	c, _, err = standingIn[ark.Crew](t, ark.KindCrew)
	return c, err
}

func formIn(t moment) (ark.Form, error) {
	f, ordered, err := standingIn[ark.Form](t, ark.KindForm)
	if err == nil && !ordered {
		f = ark.DefaultForm()
	}
	return f, err
}

func standingIn[T any](t moment, kind ark.Kind) (b T, there bool, err error) {
	var raw []byte
	err = t.QueryRow("SELECT body FROM standing WHERE kind = $1", kind).Scan(&raw)
	if noRows(err) {
		return b, false, nil
	}
	if err != nil {
		return b, false, err
	}
	body, err := ark.DecodeBody(kind, raw)
	if err != nil {
		return b, false, err
	}
	b, there = body.(T)
	return b, there, nil
}

const phoneColumns = "id, name, verifier, at, struck, by"

type phoneRow struct {
	ark.Phone
	id, verifier []byte
}

func (r *phoneRow) into() []any {
	return []any{&r.id, &r.Name, &r.verifier, &r.At, &r.Struck, &r.By}
}

func (r phoneRow) phone() ark.Phone {
	copy(r.ID[:], r.id)
	copy(r.Verifier[:], r.verifier)
	return r.Phone
}

// Phones lists the phones that were enrolled here or that the hub knows of,
// the newest first.
func (s *Store) Phones(ctx context.Context) (all []ark.Phone, err error) {
	err = s.look(ctx, "read phones", func(t moment) error {
		rows, err := t.Query("SELECT " + phoneColumns + " FROM phones ORDER BY id DESC")
		if err != nil {
			return err
		}
		some, err := collect(rows, (*phoneRow).into)
		for _, r := range some {
			all = append(all, r.phone())
		}
		return err
	})
	return all, err
}

// PhoneOf is the phone with a token, by its SHA-256. agent.ErrNotThere:
// nobody's; agent.ErrStruck.
func (s *Store) PhoneOf(ctx context.Context, verifier ark.Hash) (ark.Phone, error) {
	db, err := s.reading()
	if err != nil {
		return ark.Phone{}, err
	}
	var r phoneRow
	err = db.phone.QueryRowContext(ctx, verifier[:]).Scan(r.into()...)
	switch {
	case noRows(err):
		return ark.Phone{}, agent.ErrNotThere
	case err != nil:
		return ark.Phone{}, fmt.Errorf("read phone: %w", s.readFailed(err))
	case r.Struck:
		return r.phone(), agent.ErrStruck
	}
	return r.phone(), nil
}

// selectPhone prefers a phone that was struck off, should two have one token.
const selectPhone = "SELECT " + phoneColumns + " FROM phones WHERE verifier = $1 ORDER BY struck DESC LIMIT 1"

// Enrol adds a phone, together with its entry, whose id is the phone's. It is
// agent.ErrFull where ark.MaxPhones are good, agent.ErrTaken where another has
// its id or its token.
func (s *Store) Enrol(ctx context.Context, p ark.Phone) error {
	if err := p.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.append(ctx, func(t tx) error {
		var good, same int
		err := t.QueryRow("SELECT count(*) FILTER (WHERE struck = 0), count(*) FILTER (WHERE verifier = $1 OR id = $2) FROM phones",
			p.Verifier[:], p.ID[:]).Scan(&good, &same)
		switch {
		case err != nil:
			return fmt.Errorf("count phones: %w", err)
		case same > 0:
			return agent.ErrTaken
		case good >= ark.MaxPhones:
			return agent.ErrFull
		}
		return nil
	}, agent.Record{ID: p.ID, Kind: ark.KindPhone, Body: p})
}

// Strike strikes a phone off here, together with its entry. One that is struck
// off already stays so. agent.ErrNotThere.
func (s *Store) Strike(ctx context.Context, id ark.ID, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return s.fault
	}
	var r phoneRow
	err := s.db.Read().QueryRowContext(ctx, "SELECT "+phoneColumns+" FROM phones WHERE id = $1", id[:]).Scan(r.into()...)
	switch {
	case noRows(err):
		return agent.ErrNotThere
	case err != nil:
		s.giveUp(err)
		return fmt.Errorf("read phone: %w", told(err))
	case r.Struck:
		return nil
	}
	p := r.phone()
	p.Struck, p.By = true, by
	if err := p.Check(); err != nil {
		return err
	}
	return s.append(ctx, nil, agent.Record{Kind: ark.KindPhone, Body: p})
}

// triesOf names the row of what one phone tried of a member's PIN: the member,
// and behind it the phone. That of all phones together the member alone names.
func triesOf(member, phone ark.ID) []byte { return slices.Concat(member[:], phone[:]) }

// Tries is how often in a row a member's PIN was wrong, on a phone and on all
// of them.
func (s *Store) Tries(ctx context.Context, member, phone ark.ID) (here, everywhere agent.Tries, err error) {
	err = s.look(ctx, "read tries", func(t moment) error {
		for _, one := range []struct {
			of    []byte
			tries *agent.Tries
		}{{triesOf(member, phone), &here}, {member[:], &everywhere}} {
			err := t.QueryRow("SELECT wrong, wait FROM tries WHERE member = $1", one.of).Scan(&one.tries.Wrong, &one.tries.Wait)
			if err != nil && !noRows(err) {
				return err
			}
		}
		return nil
	})
	return here, everywhere, err
}

// SetTries keeps how often in a row a member's PIN was wrong, on a phone and on
// all of them. agent.ErrNotThere: nobody of the crew.
func (s *Store) SetTries(ctx context.Context, member, phone ark.ID, here, everywhere agent.Tries) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.write(ctx, func(t tx) error {
		crew, err := crewIn(t)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(crew.Members, func(m ark.CrewMember) bool { return m.ID == member }) {
			return agent.ErrNotThere
		}
		if err := keepTries(t, triesOf(member, phone), here); err != nil {
			return err
		}
		return keepTries(t, member[:], everywhere)
	})
	if err != nil {
		return fmt.Errorf("keep tries: %w", err)
	}
	return nil
}

// keepTries keeps a row while there is something to say.
func keepTries(t tx, of []byte, tries agent.Tries) error {
	if tries == (agent.Tries{}) {
		_, err := t.Exec("DELETE FROM tries WHERE member = $1", of)
		return err
	}
	_, err := t.Exec("INSERT INTO tries (member, wrong, wait) VALUES ($1, $2, $3) ON CONFLICT (member) DO UPDATE SET wrong = $2, wait = $3", of, tries.Wrong, tries.Wait)
	return err
}
