package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

const accountColumns = `SELECT a.name, a.display, a.roles, a.whole, a.places, a.disabled, a.mail, a.subject, a.made, a.by, a.version, a.seen, a.vouched,
	CASE WHEN a.password <> '' THEN 1 ELSE 0 END, a.long, a.fresh, CASE WHEN a.totp IS NULL THEN 0 ELSE 1 END,
	(SELECT count(*) FROM recovery_codes c WHERE c.account = a.name), (SELECT count(*) FROM passkeys p WHERE p.account = a.name)
	FROM accounts a `

func readAccount(row scanner) (a hub.Account, err error) {
	var roles, places string
	var made, seen, vouched int64
	err = row.Scan(&a.Name, &a.Display, &roles, &a.Sight.Whole, &places, &a.Disabled, &a.Mail, &a.Subject, &made, &a.By, &a.Version, &seen, &vouched,
		&a.HasPassword, &a.Long, &a.Fresh, &a.TOTP, &a.Codes, &a.Passkeys)
	if noRows(err) {
		return a, hub.ErrNotThere
	}
	if err != nil {
		return a, err
	}
	a.Made, a.Seen, a.Vouched = fromMilli(made), fromMilli(seen), fromMilli(vouched)
	a.Roles = rolesOf(roles)
	return a, json.Unmarshal([]byte(places), &a.Sight.Places)
}

func rolesOf(words string) (all []hub.Role) {
	for _, w := range strings.Fields(words) {
		all = append(all, hub.Role(w))
	}
	return all
}

// rights are roles and sight as they are kept.
func rights(roles []hub.Role, s hub.Sight) (words string, whole int64, places string, err error) {
	for _, r := range roles {
		words += " " + string(r)
	}
	listed := []ark.Place{}
	if !s.Whole {
		listed = s.Places
	}
	data, err := json.Marshal(listed)
	return words[1:], truth(s.Whole), string(data), err
}

// Accounts lists all; see hub.AccountBook.
func (s *Store) Accounts(ctx context.Context) (all []hub.Account, err error) {
	rows, err := s.db.Read().QueryContext(ctx, accountColumns+"ORDER BY a.name")
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		a, err := readAccount(rows)
		if err != nil {
			return nil, fmt.Errorf("list accounts: %w", err)
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// Account is one; see hub.AccountBook.
func (s *Store) Account(ctx context.Context, name string) (hub.Account, error) {
	return s.account(ctx, "WHERE a.name = $1", name)
}

// AccountOf is the one to which an identity was joined; see hub.AccountBook.
func (s *Store) AccountOf(ctx context.Context, subject string) (hub.Account, error) {
	if subject == "" {
		return hub.Account{}, fmt.Errorf("read account: %w", hub.ErrNotThere)
	}
	return s.account(ctx, "WHERE a.subject = $1", subject)
}

func (s *Store) account(ctx context.Context, where, key string) (hub.Account, error) {
	a, err := readAccount(s.db.Read().QueryRowContext(ctx, accountColumns+where, key))
	if err != nil {
		return a, fmt.Errorf("read account: %w", err)
	}
	return a, nil
}

// AddAccount makes one; see hub.AccountBook.
func (s *Store) AddAccount(ctx context.Context, a hub.Account) error {
	if err := errors.Join(a.Check(), checkName(a.Name)); err != nil {
		return fmt.Errorf("add account: %w", err)
	}
	roles, whole, places, err := rights(a.Roles, a.Sight)
	if err != nil {
		return fmt.Errorf("add account: %w", err)
	}
	handle := make([]byte, 32)
	rand.Read(handle)
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM accounts").Scan(&n); err != nil {
			return err
		}
		if n >= hub.MaxAccounts {
			return hub.ErrFull
		}
		if taken, err := exists(tx, "SELECT 1 FROM accounts WHERE $1 <> '' AND mail = $1 OR $2 <> '' AND subject = $2", a.Mail, a.Subject); err != nil || taken {
			return orTaken(err)
		}
		if err := freeName(tx, a.Name); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO accounts (name, display, roles, whole, places, disabled, mail, subject, made, by, version, seen, vouched, password, long, fresh, step, handle)
			VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, 1, 0, $10, '', 0, 0, 0, $11)`,
			a.Name, a.Display, roles, whole, places, a.Mail, a.Subject, s.now().UnixMilli(), a.By, milliOf(a.Vouched), handle)
		return err
	})
	if err != nil {
		return fmt.Errorf("add account: %w", err)
	}
	return nil
}

func exists(tx *database.Tx, query string, args ...any) (bool, error) {
	var one int
	err := tx.QueryRow(query, args...).Scan(&one)
	if noRows(err) {
		return false, nil
	}
	return err == nil, err
}

func orTaken(err error) error {
	if err == nil {
		return hub.ErrTaken
	}
	return err
}

// change runs f on an account that is there, and counts the change.
func (s *Store) change(ctx context.Context, what, name string, f func(*database.Tx) error) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if there, err := exists(tx, "UPDATE accounts SET version = version + 1 WHERE name = $1 RETURNING 1", name); err != nil {
			return err
		} else if !there {
			return hub.ErrNotThere
		}
		return f(tx)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// SetAccount changes one; see hub.AccountBook.
func (s *Store) SetAccount(ctx context.Context, a hub.Account) error {
	if err := a.Check(); err != nil {
		return fmt.Errorf("set account: %w", err)
	}
	roles, whole, places, err := rights(a.Roles, a.Sight)
	if err != nil {
		return fmt.Errorf("set account: %w", err)
	}
	return s.change(ctx, "set account", a.Name, func(tx *database.Tx) error {
		if same, err := exists(tx, "SELECT 1 FROM accounts WHERE name = $1 AND version = $2 + 1", a.Name, a.Version); err != nil {
			return err
		} else if !same {
			return hub.ErrStale
		}
		if taken, err := exists(tx, "SELECT 1 FROM accounts WHERE $2 <> '' AND mail = $2 AND name <> $1", a.Name, a.Mail); err != nil || taken {
			return orTaken(err)
		}
		return s.leavesAdministrator(tx, func() error {
			if _, err := tx.Exec("UPDATE accounts SET display = $2, roles = $3, whole = $4, places = $5, disabled = $6, mail = $7 WHERE name = $1",
				a.Name, a.Display, roles, whole, places, truth(a.Disabled), a.Mail); err != nil || !a.Disabled {
				return err
			}
			return deleteOf(tx, a.Name, "sessions", "tokens")
		})
	})
}

// deleteOf deletes an account's rows of some tables.
func deleteOf(tx *database.Tx, account string, tables ...string) error {
	for _, table := range tables {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE account = $1", account); err != nil {
			return err
		}
	}
	return nil
}

// letsIn is the condition for an account a that hub.Account.Out does not shut
// out: $2 is hub.ByOrganisation, $3 is vouchedAfter.
const letsIn = "(a.disabled = 0 AND (a.by <> $2 OR a.vouched > $3))"

// vouchedAfter is after which time the organisation's sign-in has to have let
// in an owner whose account has not lapsed, ms.
func (s *Store) vouchedAfter() int64 { return s.now().Add(-hub.VouchLife).UnixMilli() }

// leavesAdministrator runs f, and insists that it does not take away the last
// administrator who can sign in.
func (s *Store) leavesAdministrator(tx *database.Tx, f func() error) error {
	some := func() (bool, error) {
		return exists(tx, `SELECT 1 FROM accounts a WHERE ' ' || a.roles || ' ' LIKE $1 AND `+letsIn+`
			AND (a.password <> '' OR a.subject <> '' OR EXISTS (SELECT 1 FROM passkeys p WHERE p.account = a.name)) LIMIT 1`,
			"% "+string(hub.RoleAdministrator)+" %", hub.ByOrganisation, s.vouchedAfter())
	}
	before, err := some()
	if err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	after, err := some()
	if err == nil && before && !after {
		return hub.ErrLastAdministrator
	}
	return err
}

// JoinAccount joins an identity; see hub.AccountBook.
func (s *Store) JoinAccount(ctx context.Context, name, subject string) error {
	return s.change(ctx, "join account", name, func(tx *database.Tx) error {
		if taken, err := exists(tx, "SELECT 1 FROM accounts WHERE subject = $1 OR name = $2 AND subject <> ''", subject, name); err != nil || taken {
			return orTaken(err)
		}
		_, err := tx.Exec("UPDATE accounts SET subject = $2 WHERE name = $1", name, subject)
		return err
	})
}

// VouchAccount notes what the organisation's sign-in says; see hub.AccountBook.
func (s *Store) VouchAccount(ctx context.Context, name string, at time.Time) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if there, err := exists(tx, "UPDATE accounts SET vouched = $2 WHERE name = $1 RETURNING 1", name, milliOf(at)); err != nil {
			return err
		} else if !there {
			return hub.ErrNotThere
		}
		if !at.IsZero() {
			return nil
		}
		_, err := tx.Exec("DELETE FROM sessions WHERE account = $1", name)
		return err
	})
	if err != nil {
		return fmt.Errorf("vouch for account: %w", err)
	}
	return nil
}

// milliOf is what fromMilli reads.
func milliOf(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}
