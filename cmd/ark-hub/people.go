package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

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
// prints its password this once.
func (o *office) firstAccount(ctx context.Context, out io.Writer) error {
	if none, err := o.accounts.Empty(ctx); err != nil || !none {
		return err
	}
	password := identity.NewPassword()
	if err := o.accounts.Rescue(ctx, "admin", password); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n  首次启动：管理员账号 admin，密码 %s（只显示这一次，请记下）\n  First start: the account is admin, its password %s (shown only this once)\n\n", password, password)
	return err
}
