// Command arkctl is the technician's tool: it makes the house's certificate
// authority, adds vans and strikes them off.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"ark"
	firmwareconfig "ark/firmware-config"
	"ark/hub/identity"
)

type cli struct {
	Dir string `help:"Folder of the authority." default:"ca" env:"ARK_CA"`
	CA  caCmd  `cmd:"" name:"ca" help:"The house's certificate authority."`
	Van vanCmd `cmd:"" help:"Vans."`
}

type vanCmd struct {
	Add    vanAdd    `cmd:"" help:"Make the folder for a van's card, the first or a new one."`
	Renew  vanRenew  `cmd:"" help:"Make a new certificate for a van's pages; at least every two years."`
	Revoke vanRevoke `cmd:"" help:"Strike a van's certificates off; a running hub drops it within a second."`
	List   vanList   `cmd:"" help:"List certificates."`
}

type vanRevoke struct {
	Van string `arg:"" help:"Id of the van."`
}

func (c *vanRevoke) Run(g *cli, out io.Writer) error {
	id, err := vanID(c.Van)
	if err != nil {
		return err
	}
	devices, err := identity.OpenDevices(g.Dir)
	if err != nil {
		return err
	}
	err = devices.Revoke(id, time.Now())
	if errors.Is(err, identity.ErrUnknownVan) {
		return fmt.Errorf("%s 没有有效的证书；arkctl van list 列出全部 / %s has no certificate to revoke; arkctl van list shows all: %w", id, id, err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s 的证书已吊销 / the certificates of %s are revoked\n", id, id)
	return nil
}

type vanList struct{}

func (c *vanList) Run(g *cli, out io.Writer) error {
	devices, err := identity.OpenDevices(g.Dir)
	if err != nil {
		return err
	}
	for _, r := range devices.List() {
		state := "有效 / admitted"
		if r.Revoked {
			state = "已吊销 / revoked"
		}
		fmt.Fprintf(out, "%-32s  %s  %s  %s\n", r.Van, r.At.Format(time.DateTime), r.Serial, state)
	}
	return nil
}

func vanID(s string) (ark.VanID, error) {
	id, err := ark.ParseVanID(s)
	if err != nil {
		return "", fmt.Errorf("车号 %q：只能用 1 到 32 个小写字母、数字和连字符 / %w", s, err)
	}
	return id, nil
}

// parser reads a command line into c; commands print to out.
func parser(c *cli, out io.Writer, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(c, append(options, kong.Name("arkctl"),
		kong.Description("The technician's tool of Service Ark. Profiles: "+fmt.Sprint(firmwareconfig.Profiles())),
		kong.UsageOnError(), kong.Vars{"domain": identity.DefaultDomain}, kong.BindTo(out, (*io.Writer)(nil)))...)
}

func main() {
	var c cli
	p, err := parser(&c, os.Stdout)
	if err != nil {
		panic(err) // the tags of cli are wrong
	}
	ctx, err := p.Parse(os.Args[1:])
	p.FatalIfErrorf(err)
	p.FatalIfErrorf(ctx.Run(&c))
}
