// Command arkctl is the technician's tool: it makes the house's certificate
// authority, adds vans and strikes them off.
package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"ark"
	firmwareconfig "ark/firmware-config"
	"ark/firmware-config/provision"
	"ark/hub/identity"
	"crypto/ed25519"
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

func (c *caInit) Run(g *cli, out io.Writer) error {
	if _, err := identity.InitCA(g.Dir, c.Name, time.Now()); err != nil {
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
	id, err := ark.ParseVanID(c.Van)
	if err != nil {
		return err
	}
	ca, err := identity.OpenCA(g.Dir)
	if err != nil {
		return err
	}
	devices, err := identity.OpenDevices(g.Dir)
	if err != nil {
		return err
	}
	if devices.Has(id) && !c.Again {
		return fmt.Errorf("%s 已有证书；换卡请加 --again，或先 arkctl van revoke / van %s has a certificate; --again makes another one", id, id)
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
	err = provision.Write(c.Out, provision.Van{ID: id, Hub: c.Hub, ServerName: c.ServerName, CAPEM: ca.CertPEM(), CertPEM: device.CertPEM,
		KeyPEM: device.KeyPEM, TimeKey: timeKey.Public().(ed25519.PublicKey), Profile: c.Profile, Data: c.Data, Listen: c.Listen,
		Card: c.Card, Silent: c.Silent, BufferMS: c.Buffer, Born: now})
	if err != nil {
		return err
	}
	if err := devices.Add(id, device.Serial, now); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s 的配置已写入 %s；请拷到卡上 /etc/ark / the folder for %s's card is %s: copy it to /etc/ark on the card\n", id, c.Out, id, c.Out)
	return nil
}

type vanRevoke struct {
	Van string `arg:"" help:"Id of the van."`
}

func (c *vanRevoke) Run(g *cli, out io.Writer) error {
	id, err := ark.ParseVanID(c.Van)
	if err != nil {
		return err
	}
	devices, err := identity.OpenDevices(g.Dir)
	if err != nil {
		return err
	}
	if err := devices.Revoke(id, time.Now()); err != nil {
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

func main() {
	ctx := kong.Parse(&cli{}, kong.Name("arkctl"), kong.Description("The technician's tool of Service Ark. Profiles: "+fmt.Sprint(firmwareconfig.Profiles())),
		kong.UsageOnError(), kong.BindTo(os.Stdout, (*io.Writer)(nil)))
	ctx.FatalIfErrorf(ctx.Run(ctx.Model.Target.Addr().Interface()))
}
