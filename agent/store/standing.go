package store

import (
	"fmt"

	"ark"
)

// standing tells whether an order is done by taking it: it says how something
// is from now on, and the brain has no part in it.
func standing(k ark.Kind) bool {
	switch k {
	case ark.KindCrew, ark.KindPhones, ark.KindForm, ark.KindHouseholds, ark.KindReview:
		return true
	}
	return false
}

// apply does a standing order, the nth that was taken. It may come again, and
// late: what is newer stays.
func (s *Store) apply(t tx, n int64, body any, raw []byte) (err error) {
	switch b := body.(type) {
	case ark.Crew:
		err = applyCrew(t, b, raw)
	case ark.Phones:
		err = applyPhones(t, b)
	case ark.Form:
		_, err = stand(t, ark.KindForm, b.Version, raw)
	case ark.Households:
		err = s.applyHouseholds(t, n, b)
	case ark.Review:
		err = applyReview(t, b)
	}
	if err != nil {
		return fmt.Errorf("do order: %w", err)
	}
	return nil
}

// stand puts an order in the place of an older one of its kind, and tells
// whether it did.
func stand(t tx, kind ark.Kind, version int64, body []byte) (bool, error) {
	res, err := t.Exec("INSERT INTO standing VALUES ($1, $2, $3) ON CONFLICT (kind) DO UPDATE SET version = $2, body = $3 WHERE version < $2",
		kind, version, body)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// applyCrew takes a crew over. Whose PIN is another, or who is gone, begins
// with no wrong tries.
func applyCrew(t tx, c ark.Crew, raw []byte) error {
	before, err := crewIn(t)
	if err != nil {
		return err
	}
	if newer, err := stand(t, ark.KindCrew, c.Version, raw); err != nil || !newer {
		return err
	}
	now := map[ark.ID]string{}
	for _, m := range c.Members {
		now[m.ID] = m.Verifier
	}
	for _, m := range before.Members {
		if pin, still := now[m.ID]; still && pin == m.Verifier {
			continue
		}
		if _, err := t.Exec("DELETE FROM tries WHERE substr(member, 1, 16) = $1", m.ID[:]); err != nil {
			return err
		}
	}
	return nil
}

// applyPhones joins what the hub knows of the phones with what the van does.
func applyPhones(t tx, p ark.Phones) error {
	if newer, err := stand(t, ark.KindPhones, p.Version, []byte{0}); err != nil || !newer {
		return err
	}
	for _, one := range p.List {
		if err := joinPhone(t, one); err != nil {
			return err
		}
	}
	return nil
}

// joinPhone joins the hub's word about a phone with what is known: struck off
// anywhere is struck off. A hub that had no room for its name leaves that out.
func joinPhone(t tx, p ark.Phone) error {
	return putPhone(t, p, "iif($2 = '', phones.name, $2)")
}

// viewPhone keeps what an entry of this van says of a phone. It may be seen
// again, when the hub has named the phone anew since.
func viewPhone(t tx, p ark.Phone) error {
	return putPhone(t, p, "phones.name")
}

func putPhone(t tx, p ark.Phone, name string) error {
	_, err := t.Exec(`INSERT INTO phones (id, name, verifier, at, struck, by) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET name = `+name+`, struck = struck OR $5, by = iif(by = '', $6, by)
		WHERE name <> `+name+` OR struck < $5 OR by = '' AND $6 <> ''`,
		p.ID[:], p.Name, p.Verifier[:], int64(p.At), p.Struck, p.By)
	return err
}

// applyReview notes what staff made of a visit, if they looked at what is
// still the newest entry about it.
func applyReview(t tx, r ark.Review) error {
	_, err := t.Exec("UPDATE visits SET state = $3, comment = $4, reviewer = $5, reviewed = $6 WHERE id = $1 AND last = $2 AND reviewed <= $6",
		r.Visit[:], r.Entry[:], r.State, r.Comment, r.By, int64(r.At))
	return err
}
