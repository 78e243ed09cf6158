package desk

import (
	"context"

	"ark/hub"
)

// What follows is what people do with their own account; programs that act for
// them do not.

// SetOwnPassword sets it, and ends all sessions but the one with the key keep.
// hub.ErrPassword.
func (d *Desk) SetOwnPassword(ctx context.Context, password, keep string) error {
	return act(ctx, d, "SetOwnPassword", d.own("password"), func() error { return d.c.Doorkeeper.Set(ctx, d.staff.Name, password, keep) })
}

// own is what a change of one's own account is about.
func (d *Desk) own(what string) about {
	return about{d.staff.Name, map[string]string{"what": what}}
}

// SetOwnApp turns codes of an app on. hub.ErrWrongCode.
func (d *Desk) SetOwnApp(ctx context.Context, secret, code string) error {
	return act(ctx, d, "SetOwnApp", d.own("totp"), func() error { return d.c.Doorkeeper.SetApp(ctx, d.staff.Name, secret, code) })
}

// UnsetOwnApp turns them off. hub.ErrPassword.
func (d *Desk) UnsetOwnApp(ctx context.Context) error {
	return act(ctx, d, "UnsetOwnApp", d.own("totp-off"), func() error {
		a, err := d.c.Accounts.Account(ctx, d.staff.Name)
		if err != nil {
			return err
		}
		return d.c.Doorkeeper.UnsetApp(ctx, a)
	})
}

// NewOwnCodes makes recovery codes; those before are void.
func (d *Desk) NewOwnCodes(ctx context.Context) ([]string, error) {
	return do(ctx, d, "NewOwnCodes", d.own("recovery-codes"), func() ([]string, error) { return d.c.Doorkeeper.NewCodes(ctx, d.staff.Name) })
}

// AddOwnKey keeps a passkey that a browser made. hub.ErrWrongCode,
// hub.ErrFull.
func (d *Desk) AddOwnKey(ctx context.Context, called, word string, answer []byte, at hub.Site) error {
	a := d.own("passkey")
	a.detail["name"] = called
	return act(ctx, d, "AddOwnKey", a, func() error { return d.c.Doorkeeper.AddKey(ctx, d.staff.Name, called, word, answer, at) })
}

// RemoveOwnKey takes a passkey away. hub.ErrPassword, hub.ErrNotThere.
func (d *Desk) RemoveOwnKey(ctx context.Context, id []byte) error {
	return act(ctx, d, "RemoveOwnKey", d.own("passkey-off"), func() error {
		a, err := d.c.Accounts.Account(ctx, d.staff.Name)
		if err != nil {
			return err
		}
		return d.c.Doorkeeper.RemoveKey(ctx, a, id)
	})
}

// OwnKeys lists one's passkeys.
func (d *Desk) OwnKeys(ctx context.Context) ([]hub.Passkey, error) {
	return do(ctx, d, "OwnKeys", about{}, func() ([]hub.Passkey, error) { return d.c.Doorkeeper.Keys(ctx, d.staff.Name) })
}

// OwnSessions lists where one is signed in; own is the ID of the session with
// the key.
func (d *Desk) OwnSessions(ctx context.Context, key string) (all []hub.Session, own string, err error) {
	all, err = do(ctx, d, "OwnSessions", about{}, func() (got []hub.Session, err error) {
		got, own, err = d.c.Accounts.Sessions(ctx, d.staff.Name, key, d.c.Now())
		return got, err
	})
	return all, own, err
}

// EndOwnSessions ends one by its ID, or, with an empty one, all but that with
// the key keep.
func (d *Desk) EndOwnSessions(ctx context.Context, id, keep string) (int, error) {
	return do(ctx, d, "EndOwnSessions", about{d.staff.Name, map[string]string{"session": id}}, func() (int, error) {
		return d.c.Accounts.EndSessions(ctx, d.staff.Name, id, keep)
	})
}

// OwnTokens lists one's tokens.
func (d *Desk) OwnTokens(ctx context.Context) ([]hub.Token, error) {
	return do(ctx, d, "OwnTokens", about{}, func() ([]hub.Token, error) { return d.c.Accounts.Tokens(ctx, d.staff.Name) })
}

// MakeOwnToken makes a token and is what a program shows, this once. It may do
// no more than its owner: hub.ErrNotAllowed, hub.ErrOutOfSight.
func (d *Desk) MakeOwnToken(ctx context.Context, t hub.Token) (word string, err error) {
	t.Account = d.staff.Name
	detail := rightsDetail(t.Roles, t.Sight)
	detail["name"] = t.Name
	return do(ctx, d, "MakeOwnToken", about{d.staff.Name, detail}, func() (string, error) {
		for _, r := range t.Roles {
			if !d.staff.Is(r) {
				return "", hub.ErrNotAllowed
			}
		}
		if t.Sight.Whole && !d.staff.Sight.Whole {
			return "", hub.ErrOutOfSight
		}
		for _, p := range t.Sight.Places {
			if !d.staff.Sight.Sees(p) {
				return "", hub.ErrOutOfSight
			}
		}
		return d.c.Doorkeeper.NewToken(ctx, t)
	})
}

// EndOwnTokens ends all of one's tokens, and tells how many.
func (d *Desk) EndOwnTokens(ctx context.Context) (int, error) {
	return do(ctx, d, "EndOwnTokens", d.own("tokens-off"), func() (int, error) { return d.c.Accounts.EndTokens(ctx, d.staff.Name) })
}

// RemoveOwnToken ends one. hub.ErrNotThere.
func (d *Desk) RemoveOwnToken(ctx context.Context, id string) error {
	return act(ctx, d, "RemoveOwnToken", about{id: id}, func() error { return d.c.Accounts.RemoveToken(ctx, d.staff.Name, id) })
}
