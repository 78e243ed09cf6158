package desk

import (
	"context"
	"strconv"
	"strings"

	"ark"
	"ark/hub"
)

// AccountBook is where accounts are kept, with their sessions and tokens.
type AccountBook interface {
	hub.AccountBook
	hub.SessionBook
	hub.TokenBook
	ResetProofs(ctx context.Context, name string) error
}

// Accounts lists all accounts.
func (d *Desk) Accounts(ctx context.Context) ([]hub.Account, error) {
	return do(ctx, d, "Accounts", about{}, func() ([]hub.Account, error) { return d.c.Accounts.Accounts(ctx) })
}

// Account is one. hub.ErrNotThere.
func (d *Desk) Account(ctx context.Context, name string) (hub.Account, error) {
	return do(ctx, d, "Account", about{id: name}, func() (hub.Account, error) { return d.c.Accounts.Account(ctx, name) })
}

// MakeAccount makes one; By is given here. The password is to be handed over.
// hub.ErrTaken, hub.ErrFull, hub.ErrInvalid.
func (d *Desk) MakeAccount(ctx context.Context, a hub.Account) (password string, err error) {
	a.By = d.staff.Name
	return do(ctx, d, "MakeAccount", about{a.Name, rightsDetail(a.Roles, a.Sight)}, func() (string, error) { return d.c.Doorkeeper.Make(ctx, a) })
}

// SetAccount changes one; see hub.AccountBook.
func (d *Desk) SetAccount(ctx context.Context, a hub.Account) error {
	detail := rightsDetail(a.Roles, a.Sight)
	detail["disabled"] = strconv.FormatBool(a.Disabled)
	if a.Mail != "" {
		detail["mail"] = a.Mail
	}
	return act(ctx, d, "SetAccount", about{a.Name, detail}, func() error { return d.c.Accounts.SetAccount(ctx, a) })
}

// rightsDetail are roles and places, for the record.
func rightsDetail(roles []hub.Role, s hub.Sight) map[string]string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	detail := map[string]string{"roles": strings.Join(words, " "), "places": "*"}
	if !s.Whole {
		delete(detail, "places")
		listPlaces(detail, s.Places)
	}
	return detail
}

// listPlaces adds places to a detail, all of them: they are who may see what,
// and which van goes where.
func listPlaces(detail map[string]string, places []ark.Place) {
	all := make([]string, len(places))
	for i, p := range places {
		all[i] = placeText(p)
	}
	list(detail, "places", all, "; ")
}

// HandPassword gives an account a password to be handed over, and signs it out
// everywhere.
func (d *Desk) HandPassword(ctx context.Context, name string) (password string, err error) {
	return do(ctx, d, "HandPassword", about{id: name}, func() (string, error) { return d.c.Doorkeeper.Hand(ctx, name) })
}

// ResetProofs takes an account's second factors, passkeys and recovery codes
// away, and signs it out everywhere. hub.ErrLastAdministrator.
func (d *Desk) ResetProofs(ctx context.Context, name string) error {
	return act(ctx, d, "ResetProofs", about{id: name}, func() error { return d.c.Accounts.ResetProofs(ctx, name) })
}

// SessionsOf lists where an account is signed in.
func (d *Desk) SessionsOf(ctx context.Context, name string) ([]hub.Session, error) {
	return do(ctx, d, "SessionsOf", about{id: name}, func() ([]hub.Session, error) {
		all, _, err := d.c.Accounts.Sessions(ctx, name, "", d.c.Now())
		return all, err
	})
}

// EndSessionsOf signs an account out everywhere.
func (d *Desk) EndSessionsOf(ctx context.Context, name string) (int, error) {
	return do(ctx, d, "EndSessionsOf", about{id: name}, func() (int, error) { return d.c.Accounts.EndSessions(ctx, name, "", "") })
}

// TokensOf lists an account's tokens.
func (d *Desk) TokensOf(ctx context.Context, name string) ([]hub.Token, error) {
	return do(ctx, d, "TokensOf", about{id: name}, func() ([]hub.Token, error) { return d.c.Accounts.Tokens(ctx, name) })
}

// RemoveTokenOf ends one of an account's tokens. hub.ErrNotThere.
func (d *Desk) RemoveTokenOf(ctx context.Context, name, id string) error {
	return act(ctx, d, "RemoveTokenOf", about{id, map[string]string{"account": name}}, func() error { return d.c.Accounts.RemoveToken(ctx, name, id) })
}
