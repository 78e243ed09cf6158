package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ark"
	"ark/hub"
	"ark/hub/console"
	"ark/hub/identity"
	"ark/internal/process"
)

// openAccounts opens the accounts, takes over those of an earlier release, and
// listens for errands.
func (o *office) openAccounts(ctx context.Context) error {
	o.accounts = identity.NewAccounts(o.store, time.Now)
	n, err := o.accounts.Adopt(ctx, o.config.Data)
	if err != nil {
		return err
	}
	if n > 0 {
		o.log.Info("accounts of an earlier release are in the database now; each is an administrator's", "accounts", n)
	}
	os.Remove(filepath.Join(o.config.Data, "sessions.json")) // of that release, too: sessions are in the database
	if o.errands, err = listenForErrands(o.config.Data); err != nil {
		o.log.Warn("commands such as ark-hub passwd have to wait until the hub is stopped", "err", err)
	}
	return nil
}

// serveErrands does what commands at this computer ask for.
func (o *office) serveErrands(ctx context.Context) error {
	if o.errands == nil {
		return nil
	}
	return process.Serve(ctx, process.Server(takeErrands(steward{o.accounts, o.store}), o.log), o.errands, "", "")
}

// firstAccount makes the administrator's account where there is none yet, and
// prints its password this once, to be changed at the first sign-in; where out
// is no terminal, and so a log that others read later, it says what to do.
func (o *office) firstAccount(ctx context.Context, out io.Writer, terminal bool) error {
	if none, err := o.accounts.Empty(ctx); err != nil || !none {
		return err
	}
	if !terminal {
		o.log.Warn("nobody can sign in yet: ark-hub passwd, on this computer, makes an administrator's account and prints its password")
		return nil
	}
	password := identity.NewPassword()
	if _, err := (steward{o.accounts, o.store}).do(ctx, errand{Do: "password", Name: "admin", Password: password, Handed: true}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n  首次启动：管理员账号 admin，密码 %s（只显示这一次，登录时换成自己的）\n  First start: the account is admin, its password %s (shown only this once; choose your own when you sign in)\n\n", password, password)
	return err
}

// organisation is the organisation's sign-in, if hub.toml names one.
func (o *office) organisation() (console.Organisation, error) {
	c := o.config.OIDC
	if c.Issuer == "" {
		return nil, nil
	}
	out := identity.OrganisationConfig{Name: c.Name, Issuer: c.Issuer, ClientID: c.ClientID, Secret: c.ClientSecret, Claim: c.Claim, Audit: o.store,
		Redirect: strings.TrimRight(o.config.ConsoleAddress, "/") + "/oidc"}
	if out.Name == "" {
		out.Name = c.Issuer
	}
	for _, g := range c.Grants {
		given := identity.Grant{Value: g.Value, Sight: hub.Sight{Whole: slices.Contains(g.Places, "*")}}
		for _, r := range g.Roles {
			given.Roles = append(given.Roles, hub.Role(r))
		}
		for _, p := range g.Places {
			if p != "*" {
				street, community, _ := strings.Cut(p, "/")
				given.Sight.Places = append(given.Sight.Places, ark.Place{Street: street, Community: community})
			}
		}
		if err := hub.CheckRights(given.Roles, given.Sight); err != nil {
			return nil, fmt.Errorf("oidc: grant of %q: %w", g.Value, err)
		}
		out.Grants = append(out.Grants, given)
	}
	return identity.NewOrganisation(o.accounts, out), nil
}
