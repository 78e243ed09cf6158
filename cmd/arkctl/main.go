// Command arkctl is the technician's tool: it makes the house's certificate
// authority, adds vans and strikes them off.
package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"regexp"
	"time"

	"github.com/alecthomas/kong"

	"ark"
	firmwareconfig "ark/firmware-config"
	"ark/firmware-config/provision"
	"ark/hub/identity"
)

type cli struct {
	Dir string `help:"Folder of the authority." default:"ca" env:"ARK_CA"`
	CA  caCmd  `cmd:"" name:"ca" help:"The house's certificate authority."`
	Van vanCmd `cmd:"" help:"Vans."`
}

type caCmd struct {
	Init caInit `cmd:"" help:"Make the authority and the hub's certificate."`
}

type caInit struct {
	Name []string `help:"Names or addresses under which vans reach the hub." required:""`
}

// hubName is a DNS name as certificates have it, without a port.
var hubName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

func (c *caInit) Run(g *cli, out io.Writer) error {
	for _, n := range c.Name {
		if net.ParseIP(n) == nil && !hubName.MatchString(n) {
			return fmt.Errorf("--name %q：要写域名或 IP 地址，不带端口 / want a DNS name or an IP address, without a port", n)
		}
	}
	_, err := identity.InitCA(g.Dir, c.Name, time.Now())
	if errors.Is(err, identity.ErrExists) {
		return fmt.Errorf("%s 里已有证书颁发机构，没有改动它 / there is an authority in %s already; it was not touched: %w", g.Dir, g.Dir, err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "证书颁发机构已建立：%s（请备份，勿外传） / the authority is in %s: back it up, keep it secret\n", g.Dir, g.Dir)
	return nil
}

type vanCmd struct {
	Add    vanAdd    `cmd:"" help:"Make the folder for a new van's card."`
	Revoke vanRevoke `cmd:"" help:"Strike a van's certificates off; a running hub drops it within a second."`
	List   vanList   `cmd:"" help:"List certificates."`
}

type vanAdd struct {
	Van        string `arg:"" help:"Id of the van: a-z, 0-9 and hyphen."`
	Hub        string `help:"host:port of the hub." required:""`
	Blobs      string `help:"host:port from which recordings are fetched; empty: the hub's host, port 8884."`
	ServerName string `help:"Name in the hub's certificate, if not the host."`
	Out        string `help:"Folder to make." required:"" type:"path"`
	Profile    string `help:"Wiring profile." default:"pi4"`
	Data       string `help:"Data directory on the device." default:"/var/lib/ark"`
	Listen     string `help:"Address of the crew's page." default:":8080"`
	Card       string `help:"Id of the sound card (aplay -l)." default:"Headphones"`
	Silent     bool   `help:"Never open a sound device."`
	Buffer     int    `help:"Buffer of the sound device in ms; more for a slow or cheap one." default:"20"`
	Again      bool   `help:"The van has a certificate already; make another one."`
}

func (c *vanAdd) Run(g *cli, out io.Writer) error {
	id, err := vanID(c.Van)
	if err != nil {
		return err
	}
	ca, err := identity.OpenCA(g.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s 里没有证书颁发机构：请先 arkctl ca init，或用 --dir 指明 / no authority in %s: arkctl ca init makes one, --dir says where it is: %w", g.Dir, g.Dir, err)
	}
	if err != nil {
		return err
	}
	devices, err := identity.OpenDevices(g.Dir)
	if err != nil {
		return err
	}
	if devices.Has(id) && !c.Again {
		return fmt.Errorf("%s 已有证书。卡丢了或被盗：先 arkctl van revoke %s；旧卡还要用：加 --again / van %s has a certificate. If its card is lost: arkctl van revoke %s first; if the old card stays in use: --again", id, id, id, id)
	}
	timeKey, err := identity.TimeKey(g.Dir)
	if err != nil {
		return err
	}
	now := time.Now()
	device, err := ca.Issue(id, now)
	if err != nil {
		return err
	}
	err = provision.Write(c.Out, provision.Van{ID: id, Hub: c.Hub, Blobs: c.Blobs, ServerName: c.ServerName, CAPEM: ca.CertPEM(), CertPEM: device.CertPEM,
		KeyPEM: device.KeyPEM, TimeKey: timeKey.Public().(ed25519.PublicKey), Profile: c.Profile, Data: c.Data, Listen: c.Listen,
		Card: c.Card, Silent: c.Silent, BufferMS: c.Buffer, Born: now})
	if err != nil {
		return err
	}
	if err := devices.Add(id, device.Serial, now); err != nil {
		os.RemoveAll(c.Out) // a card that no hub admits helps nobody
		return err
	}
	fmt.Fprintf(out, "%s 的配置已写入 %s；里面的 README.txt 说明怎么装 / the files of %s are in %s: README.txt there says how to install them\n", id, c.Out, id, c.Out)
	return nil
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
		kong.UsageOnError(), kong.BindTo(out, (*io.Writer)(nil)))...)
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
