package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ark/hub"
)

// formerly is the file in which accounts were kept once, and what becomes of
// its name when they are in the database.
const (
	formerly = "accounts.json"
	putAside = "accounts.json.imported"
)

// Adopt takes the accounts over that an earlier release kept in a folder, with
// their passwords: each may do all that it could, everything. The file is kept
// under another name. Nothing is there: nothing is done.
func (a *Accounts) Adopt(ctx context.Context, dir string) (n int, err error) {
	path := filepath.Join(dir, formerly)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	list := map[string]verifier{}
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		return 0, fmt.Errorf("read accounts: %w", err)
	}
	for name, v := range list {
		err := a.book.AddAccount(ctx, hub.Account{Name: name, Roles: []hub.Role{hub.RoleAdministrator}, Sight: hub.Everything})
		if errors.Is(err, hub.ErrTaken) { // before a power cut, with or without its password
			known, err := a.book.Account(ctx, name)
			if err != nil {
				return n, fmt.Errorf("take accounts over: %w", err)
			}
			if known.HasPassword {
				continue
			}
		} else if err != nil {
			return n, fmt.Errorf("take account %q over: %w", name, err)
		}
		if err := a.book.SetPassword(ctx, name, hub.Password{Hash: v.String()}, ""); err != nil {
			return n, fmt.Errorf("take account %q over: %w", name, err)
		}
		n++
	}
	if err := os.Rename(path, filepath.Join(dir, putAside)); err != nil {
		return n, fmt.Errorf("put %s aside: %w", formerly, err)
	}
	return n, nil
}
