package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// kept is a household as it is kept: by itself in an order's body. What only
// an order says is left out.
func encodeHousehold(h ark.Household) ([]byte, error) {
	h.Has, h.Forget = nil, false
	return ark.EncodeBody(ark.KindHouseholds, ark.Households{List: []ark.Household{h}})
}

func decodeHousehold(body []byte) (ark.Household, error) {
	decoded, err := ark.DecodeBody(ark.KindHouseholds, body)
	if err != nil {
		return ark.Household{}, err
	}
	list := decoded.(ark.Households).List
	if len(list) != 1 {
		return ark.Household{}, fmt.Errorf("%d households in one row", len(list))
	}
	return list[0], nil
}

// wordsOf is what a household is found by.
func wordsOf(h ark.Household) string {
	words := []string{h.Place.String(), strings.Join([]string{h.Place.Building, h.Place.Unit, h.Place.Room}, "-"), h.Phone}
	for _, m := range h.Members {
		words = append(words, m.Name, m.Phone)
	}
	return strings.ToLower(strings.Join(words, "\n"))
}

// openWords are those of them that are not masked: of names the family's.
func openWords(h ark.Household) string {
	h.Phone, h.Members = "", slices.Clone(h.Members)
	for i := range h.Members {
		h.Members[i].Name, h.Members[i].Phone = hub.MaskName(h.Members[i].Name), ""
	}
	return wordsOf(h)
}

// placeColumns are those of ark.Place.Parts, in their order. They hold the
// place as ark.Place.Plain has it.
var placeColumns = [...]string{"street", "community", "grid", "compound", "building", "unit", "room"}

// Conditions that say nothing.
const (
	always = "1 = 1"
	never  = "1 = 0"
)

// within is the condition for a household in a plain place.
func within(p ark.Place, args *arguments) string {
	conds := []string{always}
	for i, part := range p.Parts() {
		if part != "" {
			conds = append(conds, "h."+placeColumns[i]+" = "+args.add(part))
		}
	}
	return strings.Join(conds, " AND ")
}

// containing is a LIKE pattern for what has a text in it, with \ before what
// stands for itself.
func containing(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}

// Households lists households; see hub.Register.
func (s *Store) Households(ctx context.Context, sight hub.Sight, f hub.HouseholdFilter) ([]ark.Household, error) {
	query, args := s.householdQuery(sight, f)
	rows, err := s.db.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list households: %w", err)
	}
	defer rows.Close()
	var all []ark.Household
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, fmt.Errorf("list households: %w", err)
		}
		h, err := decodeHousehold(body)
		if err != nil {
			return nil, fmt.Errorf("list households: %w", err)
		}
		all = append(all, h)
	}
	return all, rows.Err()
}

// householdQuery asks for a page of households: by their ids, or where words
// choose them in the order in which they came, so that of many no more are read
// than the page has. The words say where a text may be, and the row itself
// whether it is there.
func (s *Store) householdQuery(sight hub.Sight, f hub.HouseholdFilter) (string, arguments) {
	text := strings.ToLower(strings.TrimSpace(f.Text))
	args := arguments{f.After[:]}
	from, order, conds := "households h", "h.id", []string{"h.id > $1"}
	if wanted := householdPhrases(beginning(text, hub.MaxSearch), f.Masked); len(wanted) > 0 {
		from, order = "household_words w CROSS JOIN households h", "w.rowid"
		conds = []string{s.wording.holds("household_words", wanted, &args), "w.rowid > coalesce((SELECT n FROM households WHERE id = $1), 0)", "h.n = w.rowid"}
	}
	conds = append(conds, within(f.Within.Plain(), &args), "("+householdSeen(sight, &args)+")")
	if f.Disputed {
		conds = append(conds, "h.disputed = 1")
	}
	if text != "" {
		column := "h.words"
		if f.Masked {
			column = "h.open"
		}
		conds = append(conds, column+" LIKE "+args.add(containing(text))+` ESCAPE '\'`)
	}
	return "SELECT h.body FROM " + from + " WHERE " + strings.Join(conds, " AND ") + " ORDER BY " + order + " LIMIT " + args.add(min(max(f.Limit, 1), 500)), args
}

// beginning is the first n characters of a text at most.
func beginning(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

// HouseholdHistory lists a household's editions, the newest first; see
// hub.Register.
func (s *Store) HouseholdHistory(ctx context.Context, sight hub.Sight, id ark.ID) ([]hub.HouseholdEdition, error) {
	args := arguments{id[:]}
	seen := "EXISTS (SELECT 1 FROM households h WHERE h.id = $1 AND (" + householdSeen(sight, &args) + "))"
	rows, err := s.db.Read().QueryContext(ctx, "SELECT rev, van, by, made, body, asked FROM household_editions WHERE household = $1 AND "+seen+" ORDER BY n DESC", args...)
	if err != nil {
		return nil, fmt.Errorf("list editions of a household: %w", err)
	}
	defer rows.Close()
	var all []hub.HouseholdEdition
	for rows.Next() {
		var e hub.HouseholdEdition
		var rev, body, asked []byte
		var made int64
		if err := rows.Scan(&rev, &e.Van, &e.By, &made, &body, &asked); err != nil {
			return nil, fmt.Errorf("list editions of a household: %w", err)
		}
		if e.Household, err = decodeHousehold(body); err == nil && asked != nil {
			e.Asked, err = decodeHousehold(asked)
		}
		if err != nil {
			return nil, fmt.Errorf("list editions of a household: %w", err)
		}
		e.Rev, e.Made = ark.ID(rev), fromMilli(made)
		all = append(all, e)
	}
	return all, rows.Err()
}

// readHousehold reads one as it is; false: there is none.
func readHousehold(tx *database.Tx, id ark.ID) (h ark.Household, known bool, err error) {
	var body []byte
	err = tx.QueryRow("SELECT body FROM households WHERE id = $1", id[:]).Scan(&body)
	if noRows(err) {
		return ark.Household{ID: id}, false, nil
	}
	if err != nil {
		return h, false, fmt.Errorf("read household: %w", err)
	}
	h, err = decodeHousehold(body)
	return h, true, err
}

// PutHouseholds keeps households as staff want them; see hub.Register.
func (s *Store) PutHouseholds(ctx context.Context, sight hub.Sight, hs []ark.Household, was []ark.ID, by string) error {
	if len(hs) > hub.MaxPut || len(hs) != len(was) {
		return fmt.Errorf("put households: %w: %d, with %d editions before", hub.ErrInvalid, len(hs), len(was))
	}
	made := 0
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		made = 0
		if err := s.sure(ctx, tx); err != nil {
			return err
		}
		t, err := readTerritory(ctx, tx)
		if err != nil {
			return err
		}
		for i, h := range hs {
			news, err := s.put(tx, t, sight, h, was[i], by)
			if err != nil {
				return err
			}
			if news {
				made++
			}
		}
		if s.full(made) {
			return fmt.Errorf("%w: %d households", hub.ErrFull, hub.MaxHouseholds)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("put households: %w", err)
	}
	s.mu.Lock()
	s.households += made
	s.mu.Unlock()
	s.tell(hub.Change{Households: true})
	return nil
}

// full tells whether there would be too many households with some more.
func (s *Store) full(more int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.households+more > hub.MaxHouseholds
}

func (s *Store) put(tx *database.Tx, t territory, sight hub.Sight, h ark.Household, was ark.ID, by string) (news bool, err error) {
	if err := h.Check(); err != nil {
		return false, fmt.Errorf("%w: household %s: %w", hub.ErrInvalid, h.ID, err)
	}
	if h.Forget {
		return false, fmt.Errorf("%w: household %s is forgotten", hub.ErrInvalid, h.ID)
	}
	old, known, err := readHousehold(tx, h.ID)
	switch {
	case err != nil:
		return false, err
	case !known && !was.IsZero(), known && !sight.Sees(old.Place):
		return false, fmt.Errorf("%w: household %s", hub.ErrNotThere, h.ID)
	case old.Rev != was:
		return false, fmt.Errorf("%w: household %s", hub.ErrStale, h.ID)
	case !sight.Sees(h.Place):
		return false, fmt.Errorf("%w: household %s", hub.ErrOutOfSight, h.ID)
	}
	h.Rev = s.newID()
	e := edition{rev: h.Rev, was: was, by: by, made: s.now().UnixMilli(), household: h}
	if !fits(h) {
		return false, fmt.Errorf("%w: household %s", hub.ErrFull, h.ID)
	}
	return !known, e.keep(tx, s.wording, t)
}

// largest is the most bytes of a household: with the edits that an order adds
// it has to go into one.
const largest = mostBody - 20*ark.MaxSettled

func fits(h ark.Household) bool {
	body, err := encodeHousehold(h)
	return err == nil && len(body) <= largest
}

// edition is one change of a household.
type edition struct {
	rev, was  ark.ID // was zero: it is new
	van       ark.VanID
	by        string
	made      int64
	household ark.Household
	asked     *ark.Household // of a crew
}

// keep keeps an edition, and the household as it makes it. Whom it concerns is
// noted: vans that hold the household, or in whose area it is now.
func (e edition) keep(tx *database.Tx, w wording, t territory) error {
	h := e.household
	body, err := encodeHousehold(h)
	if err != nil {
		return err
	}
	var was, asked []byte
	if !e.was.IsZero() {
		was = e.was[:]
	}
	if e.asked != nil {
		if asked, err = encodeHousehold(*e.asked); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`INSERT INTO household_editions VALUES ($1, (SELECT coalesce(max(n), 0) + 1 FROM household_editions WHERE household = $1), $2, $3, $4, $5, $6, $7, $8)`,
		h.ID[:], e.rev[:], was, e.van, e.by, e.made, body, asked)
	if err != nil {
		return fmt.Errorf("keep edition of a household: %w", err)
	}
	var n int64
	p := h.Place.Plain()
	err = tx.QueryRow(`INSERT INTO households (id, rev, street, community, grid, compound, building, unit, room, disputed, words, body, open, n)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, `+nextHousehold+`) ON CONFLICT (id) DO UPDATE SET
		rev = $2, street = $3, community = $4, grid = $5, compound = $6, building = $7, unit = $8, room = $9, disputed = $10, words = $11, body = $12, open = $13 RETURNING n`,
		h.ID[:], h.Rev[:], p.Street, p.Community, p.Grid, p.Compound, p.Building, p.Unit, p.Room, truth(len(h.Disputed) > 0), wordsOf(h), body, openWords(h)).Scan(&n)
	if err != nil {
		return fmt.Errorf("keep household: %w", err)
	}
	if err := wordHousehold(tx, w, n, h); err != nil {
		return err
	}
	return t.concern(tx, h, e.van)
}
