package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	firmwareconfig "ark/firmware-config"
	"ark/hub/identity"
)

type passwdCmd struct {
	Account string `arg:"" optional:"" help:"Name of the account." default:"admin"`
	Config  string `help:"hub.toml." default:"/etc/ark/hub.toml" type:"path"`
	Stdin   bool   `help:"Read the new password from standard input, one line, rather than make one up and print it."`
}

// Run sets a password: a lost one is replaced on the hub's computer, by
// whoever may write its data.
func (c *passwdCmd) Run() error { return c.set(os.Stdin, os.Stdout) }

func (c *passwdCmd) set(in io.Reader, out io.Writer) error {
	password := identity.NewPassword()
	if c.Stdin {
		line, err := bufio.NewReader(in).ReadString('\n')
		if err != nil && err != io.EOF {
			return fmt.Errorf("read password: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
	}
	if err := (errand{Do: "password", Name: c.Account, Password: password, Handed: !c.Stdin}).print(c.Config, io.Discard); err != nil {
		return err
	}
	if c.Stdin {
		_, err := fmt.Fprintf(out, "账号 %s 的密码已设好 / the password of %s is set\n", c.Account, c.Account)
		return err
	}
	_, err := fmt.Fprintf(out, "账号 %s 的新密码：%s（只显示这一次，第一次登录时要换成自己的） / the new password of %s: %s (shown only this once; another must be chosen at the first sign-in)\n",
		c.Account, password, c.Account, password)
	return err
}

// accountCmd is what else is done with accounts at the hub's computer.
type accountCmd struct {
	List    accountListCmd    `cmd:"" help:"List the accounts: name, roles, and what is special about each."`
	Reset   accountResetCmd   `cmd:"" help:"Take an account's second factors, passkeys, recovery codes and tokens away; its password stays."`
	Disable accountDisableCmd `cmd:"" help:"Keep an account out, and sign it out everywhere."`
	Enable  accountEnableCmd  `cmd:"" help:"Let it in again."`
}

// accountOne names one account.
type accountOne struct {
	Account string `arg:"" help:"Name of the account."`
	Config  string `help:"hub.toml." default:"/etc/ark/hub.toml" type:"path"`
}

type (
	accountListCmd struct {
		Config string `help:"hub.toml." default:"/etc/ark/hub.toml" type:"path"`
	}
	accountResetCmd   struct{ accountOne }
	accountDisableCmd struct{ accountOne }
	accountEnableCmd  struct{ accountOne }
)

// Run lists the accounts.
func (c *accountListCmd) Run() error { return errand{Do: "list"}.print(c.Config, os.Stdout) }

// Run takes second factors away.
func (c *accountResetCmd) Run() error {
	return errand{Do: "reset", Name: c.Account}.print(c.Config, os.Stdout)
}

// Run keeps an account out.
func (c *accountDisableCmd) Run() error {
	return errand{Do: "disable", Name: c.Account}.print(c.Config, os.Stdout)
}

// Run lets it in again.
func (c *accountEnableCmd) Run() error {
	return errand{Do: "enable", Name: c.Account}.print(c.Config, os.Stdout)
}

// print has an errand done and prints what became of it.
func (e errand) print(config string, out io.Writer) error {
	c, err := firmwareconfig.LoadHub(config)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	if err := asOwner(c.Data); err != nil {
		return fmt.Errorf("become the owner of %s: %w", c.Data, err)
	}
	said, err := e.run(context.Background(), c)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, said)
	return err
}
