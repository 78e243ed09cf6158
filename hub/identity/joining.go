package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ark/hub"
)

// change changes an account, on record before it is done, and once more where
// it comes to nothing. with is how the account is then, or nil.
func (o *Organisation) change(ctx context.Context, name, what string, with *hub.Account, do func() error) error {
	d := hub.Deed{At: o.accounts.now(), Who: hub.ByOrganisation, Verb: hub.VerbChange,
		Object: hub.Object{Kind: hub.ObjectAccount, ID: name}, Detail: map[string]string{"what": what}, Outcome: hub.OutcomeAllowed}
	if with != nil {
		d.Detail["roles"], d.Detail["places"] = rightsInWords(*with)
	}
	if err := o.c.Audit.Note(ctx, d); err != nil {
		return err
	}
	err := do()
	if err != nil {
		d.Outcome = hub.OutcomeFailed
		if noted := o.c.Audit.Note(context.WithoutCancel(ctx), d); noted != nil {
			return errors.Join(err, noted)
		}
	}
	return err
}

// rightsInWords are an account's roles and places for the record.
func rightsInWords(a hub.Account) (roles, places string) {
	words := make([]string, len(a.Roles))
	for i, r := range a.Roles {
		words[i] = string(r)
	}
	if a.Sight.Whole {
		return strings.Join(words, " "), "*"
	}
	var all []string
	for _, p := range a.Sight.Places {
		all = append(all, p.Street+"/"+p.Community)
	}
	return strings.Join(words, " "), strings.Join(all, "; ")
}

// account is whose an identity is.
func (o *Organisation) account(ctx context.Context, c claims) (hub.Account, error) {
	book, subject := o.accounts.book, o.c.Issuer+" "+c.Subject
	a, err := book.AccountOf(ctx, subject)
	if err == nil && a.By == hub.ByOrganisation {
		return o.granted(ctx, a, c)
	}
	if !errors.Is(err, hub.ErrNotThere) {
		return a, err
	}
	if mail := strings.ToLower(c.Email); mail != "" && (c.Verified == true || c.Verified == "true") {
		all, err := book.Accounts(ctx)
		if err != nil {
			return a, err
		}
		if i := slices.IndexFunc(all, func(one hub.Account) bool { return one.Mail == mail && one.Subject == "" }); i >= 0 {
			if err := o.change(ctx, all[i].Name, "joined", nil, func() error { return book.JoinAccount(ctx, all[i].Name, subject) }); err != nil {
				return a, err
			}
			return book.Account(ctx, all[i].Name)
		}
	}
	return o.make(ctx, c, subject)
}

// rights are what the grants give to an identity.
func (o *Organisation) rights(c claims) (roles []hub.Role, s hub.Sight) {
	for _, g := range o.c.Grants {
		if !slices.Contains(c.grants, g.Value) {
			continue
		}
		for _, r := range g.Roles {
			if !slices.Contains(roles, r) {
				roles = append(roles, r)
			}
		}
		s.Whole = s.Whole || g.Sight.Whole
		s.Places = append(s.Places, g.Sight.Places...)
	}
	if s.Whole || len(s.Places) == 0 {
		s.Places = nil
	}
	return roles, s
}

// make makes an account for an identity that a grant lets in.
func (o *Organisation) make(ctx context.Context, c claims, subject string) (a hub.Account, err error) {
	roles, sight := o.rights(c)
	if len(roles) == 0 {
		return a, hub.ErrNotAllowed
	}
	name := c.Username
	if name == "" {
		name = c.Email
	}
	display := []rune(c.Name)
	a = hub.Account{Name: name, Display: string(display[:min(len(display), hub.MaxDisplay)]), Roles: roles, Sight: sight, Subject: subject, By: hub.ByOrganisation, Vouched: o.accounts.now()}
	if err := o.change(ctx, name, "made", &a, func() error { return o.accounts.book.AddAccount(ctx, a) }); err != nil {
		return a, fmt.Errorf("%w: %w", hub.ErrNotAllowed, err) // another has the name: an administrator sees to it
	}
	return o.accounts.book.Account(ctx, name)
}

// granted gives an account that a grant made what the grants give now. Where
// they give nothing any more it lets nobody in, by whatever way, until they do.
func (o *Organisation) granted(ctx context.Context, a hub.Account, c claims) (hub.Account, error) {
	roles, sight := o.rights(c)
	if len(roles) == 0 {
		if a.Vouched.IsZero() { // that is on record
			return a, hub.ErrNotAllowed
		}
		if err := o.change(ctx, a.Name, "let-in-no-longer", nil, func() error { return o.accounts.book.VouchAccount(ctx, a.Name, time.Time{}) }); err != nil {
			return a, err
		}
		return a, hub.ErrNotAllowed
	}
	if !slices.Equal(roles, a.Roles) || sight.Whole != a.Sight.Whole || !slices.Equal(sight.Places, a.Sight.Places) {
		a.Roles, a.Sight = roles, sight
		if err := o.change(ctx, a.Name, "rights", &a, func() error { return o.accounts.book.SetAccount(ctx, a) }); err != nil {
			return a, err
		}
	}
	if err := o.accounts.book.VouchAccount(ctx, a.Name, o.accounts.now()); err != nil { // not for rights that it has no longer
		return a, err
	}
	return o.accounts.book.Account(ctx, a.Name)
}
