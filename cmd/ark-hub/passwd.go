package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

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
	config, err := firmwareconfig.LoadHub(c.Config)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(config.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	accounts, err := identity.OpenAccounts(config.Data, time.Now)
	if err != nil {
		return err
	}
	password := identity.NewPassword()
	if c.Stdin {
		line, err := bufio.NewReader(in).ReadString('\n')
		if err != nil && err != io.EOF {
			return fmt.Errorf("read password: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
	}
	if err := accounts.Set(c.Account, password); err != nil {
		return fmt.Errorf("%w：密码要 8 个字符以上 / at least 8 characters", err)
	}
	if c.Stdin {
		_, err = fmt.Fprintf(out, "账号 %s 的密码已设好 / the password of %s is set\n", c.Account, c.Account)
		return err
	}
	_, err = fmt.Fprintf(out, "账号 %s 的新密码：%s（只显示这一次，登录后请修改） / the new password of %s: %s (shown only this once; change it after signing in)\n",
		c.Account, password, c.Account, password)
	return err
}
