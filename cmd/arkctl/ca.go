package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"regexp"
	"time"

	"ark/hub/identity"
)

type caCmd struct {
	Init  caInit  `cmd:"" help:"Make the authority, the hub's certificate, and the authority for the vans' pages."`
	Pages caPages `cmd:"" help:"Make the authority for the vans' pages alone, in a folder that has none yet."`
}

type caInit struct {
	Name   []string `help:"Names or addresses under which vans reach the hub." required:""`
	Domain string   `help:"Domain of the vans' names; phones open VAN.DOMAIN. It cannot be changed later." default:"${domain}"`
}

// hubName is a DNS name as certificates have it, without a port.
var hubName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

func (c *caInit) Run(g *cli, out io.Writer) error {
	for _, n := range c.Name {
		if net.ParseIP(n) == nil && !hubName.MatchString(n) {
			return fmt.Errorf("--name %q：要写域名或 IP 地址，不带端口 / want a DNS name or an IP address, without a port", n)
		}
	}
	if err := checkDomain(c.Domain); err != nil {
		return err
	}
	_, err := identity.InitCA(g.Dir, c.Name, time.Now())
	if errors.Is(err, identity.ErrExists) {
		return fmt.Errorf("%s 里已有证书颁发机构，没有改动它 / there is an authority in %s already; it was not touched: %w", g.Dir, g.Dir, err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "证书颁发机构已建立：%s（请备份，勿外传） / the authority is in %s: back it up, keep it secret\n", g.Dir, g.Dir)
	return makePages(g.Dir, c.Domain, out)
}

type caPages struct {
	Domain string `help:"Domain of the vans' names; phones open VAN.DOMAIN. It cannot be changed later." default:"${domain}"`
}

func (c *caPages) Run(g *cli, out io.Writer) error {
	if _, err := identity.OpenCA(g.Dir); err != nil {
		return noAuthority(g.Dir, err)
	}
	return makePages(g.Dir, c.Domain, out)
}

func makePages(dir, domain string, out io.Writer) error {
	if err := checkDomain(domain); err != nil {
		return err
	}
	_, err := identity.InitPages(dir, domain, time.Now())
	if errors.Is(err, identity.ErrExists) {
		return fmt.Errorf("%s 里已有网页证书机构，没有改动它：换了它，每部手机都要重新装证书 / there is an authority for pages in %s already; it was not touched: with another one each phone would need the new certificate: %w", dir, dir, err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "手机打开车的网址是 车号.%s；装进手机的证书是 %s / phones open VAN.%s and install %s\n", domain, filepath.Join(dir, "pages-ca.pem"), domain, filepath.Join(dir, "pages-ca.pem"))
	return nil
}

func checkDomain(domain string) error {
	if err := identity.CheckDomain(domain); err != nil {
		return fmt.Errorf("--domain %q：要写小写域名，例如 ark.internal / %w, such as ark.internal", domain, err)
	}
	return nil
}

// noAuthority says what to do where an authority's folder cannot be read.
func noAuthority(dir string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s 里没有证书颁发机构：请先 arkctl ca init，或用 --dir 指明 / no authority in %s: arkctl ca init makes one, --dir says where it is: %w", dir, dir, err)
	}
	return err
}
