package store

import (
	"context"
	"fmt"

	"ark/hub"
	"ark/internal/database"
)

// Proofs are what an account is proved by; see hub.ProofBook.
func (s *Store) Proofs(ctx context.Context, name string) (p hub.Proofs, err error) {
	err = s.db.Read().QueryRowContext(ctx, "SELECT password, long, fresh, totp, handle FROM accounts WHERE name = $1", name).
		Scan(&p.Password.Hash, &p.Password.Long, &p.Password.Fresh, &p.TOTP, &p.Handle)
	if noRows(err) {
		err = hub.ErrNotThere
	}
	if err != nil {
		return p, fmt.Errorf("read proofs: %w", err)
	}
	rows, err := s.db.Read().QueryContext(ctx, "SELECT id, name, host, credential, made, used FROM passkeys WHERE account = $1 ORDER BY made, id", name)
	if err != nil {
		return p, fmt.Errorf("read passkeys: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k hub.Passkey
		var made, used int64
		if err := rows.Scan(&k.ID, &k.Name, &k.Host, &k.Credential, &made, &used); err != nil {
			return p, fmt.Errorf("read passkeys: %w", err)
		}
		k.Made, k.Used = fromMilli(made), fromMilli(used)
		p.Passkeys = append(p.Passkeys, k)
	}
	return p, rows.Err()
}

// SetPassword sets it; see hub.ProofBook.
func (s *Store) SetPassword(ctx context.Context, name string, p hub.Password, keep string) error {
	return s.change(ctx, "set password", name, func(tx *database.Tx) error {
		if _, err := tx.Exec("UPDATE accounts SET password = $2, long = $3, fresh = $4 WHERE name = $1", name, p.Hash, truth(p.Long), truth(p.Fresh)); err != nil {
			return err
		}
		if p.Fresh {
			if _, err := tx.Exec("DELETE FROM tokens WHERE account = $1", name); err != nil {
				return err
			}
		}
		_, err := tx.Exec("DELETE FROM sessions WHERE account = $1 AND key <> $2", name, keep)
		return err
	})
}

// SetTOTP sets the secret of codes; see hub.ProofBook.
func (s *Store) SetTOTP(ctx context.Context, name string, secret []byte) error {
	return s.change(ctx, "set codes of an app", name, func(tx *database.Tx) error {
		_, err := tx.Exec("UPDATE accounts SET totp = $2, step = 0 WHERE name = $1", name, secret)
		return err
	})
}

// UseStep uses up a time step; see hub.ProofBook.
func (s *Store) UseStep(ctx context.Context, name string, step int64) (fresh bool, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		fresh, err = exists(tx, "UPDATE accounts SET step = $2 WHERE name = $1 AND step < $2 RETURNING 1", name, step)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("use a code: %w", err)
	}
	return fresh, nil
}

// SetCodes replaces the recovery codes; see hub.ProofBook.
func (s *Store) SetCodes(ctx context.Context, name string, hashes [][]byte) error {
	return s.change(ctx, "set recovery codes", name, func(tx *database.Tx) error {
		if _, err := tx.Exec("DELETE FROM recovery_codes WHERE account = $1", name); err != nil {
			return err
		}
		for _, h := range hashes {
			if _, err := tx.Exec("INSERT INTO recovery_codes VALUES ($1, $2)", name, h); err != nil {
				return err
			}
		}
		return nil
	})
}

// UseCode uses up a recovery code; see hub.ProofBook.
func (s *Store) UseCode(ctx context.Context, name string, hash []byte) (there bool, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		there, err = exists(tx, "DELETE FROM recovery_codes WHERE account = $1 AND hash = $2 RETURNING 1", name, hash)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("use a recovery code: %w", err)
	}
	return there, nil
}

// AddPasskey keeps one; see hub.ProofBook.
func (s *Store) AddPasskey(ctx context.Context, name string, p hub.Passkey) error {
	return s.change(ctx, "add passkey", name, func(tx *database.Tx) error {
		if taken, err := exists(tx, "SELECT 1 FROM passkeys WHERE id = $1", p.ID); err != nil || taken {
			return orTaken(err)
		}
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM passkeys WHERE account = $1", name).Scan(&n); err != nil {
			return err
		}
		if n >= hub.MaxPasskeys {
			return hub.ErrFull
		}
		_, err := tx.Exec("INSERT INTO passkeys VALUES ($1, $2, $3, $4, $5, $6, 0)", p.ID, name, p.Name, p.Host, p.Credential, s.now().UnixMilli())
		return err
	})
}

// UsedPasskey keeps what became of one; see hub.ProofBook.
func (s *Store) UsedPasskey(ctx context.Context, name string, p hub.Passkey) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		there, err := exists(tx, "UPDATE passkeys SET credential = $3, used = $4 WHERE account = $1 AND id = $2 RETURNING 1", name, p.ID, p.Credential, p.Used.UnixMilli())
		if err == nil && !there {
			return hub.ErrNotThere
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("use a passkey: %w", err)
	}
	return nil
}

// RemovePasskey takes one away; see hub.ProofBook.
func (s *Store) RemovePasskey(ctx context.Context, name string, id []byte) error {
	return s.change(ctx, "remove passkey", name, func(tx *database.Tx) error {
		return s.leavesAdministrator(tx, func() error {
			there, err := exists(tx, "DELETE FROM passkeys WHERE account = $1 AND id = $2 RETURNING 1", name, id)
			if err == nil && !there {
				return hub.ErrNotThere
			}
			return err
		})
	})
}

// ResetProofs takes codes, passkeys and tokens away; see hub.ProofBook.
func (s *Store) ResetProofs(ctx context.Context, name string) error {
	return s.change(ctx, "reset second factors", name, func(tx *database.Tx) error {
		return s.leavesAdministrator(tx, func() error {
			if _, err := tx.Exec("UPDATE accounts SET totp = NULL, step = 0 WHERE name = $1", name); err != nil {
				return err
			}
			return deleteOf(tx, name, "recovery_codes", "passkeys", "sessions", "tokens")
		})
	})
}

// HandleOwner is whose passkeys have this handle; see hub.ProofBook.
func (s *Store) HandleOwner(ctx context.Context, handle []byte) (name string, err error) {
	err = s.db.Read().QueryRowContext(ctx, "SELECT name FROM accounts WHERE handle = $1", handle).Scan(&name)
	if noRows(err) {
		err = hub.ErrNotThere
	}
	if err != nil {
		return "", fmt.Errorf("find whose passkey: %w", err)
	}
	return name, nil
}
