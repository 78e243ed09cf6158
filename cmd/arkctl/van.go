package main

import (
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"ark"
	"ark/firmware-config/provision"
	"ark/hub/identity"
)

type vanAdd struct {
	Van        string `arg:"" help:"Id of the van: a-z, 0-9 and hyphen."`
	Hub        string `help:"host:port of the hub." required:""`
	Blobs      string `help:"host:port from which recordings are fetched; empty: the hub's host, port 8884."`
	ServerName string `help:"Name in the hub's certificate, if not the host."`
	Out        string `help:"Folder to make." required:"" type:"path"`
	Profile    string `help:"Wiring profile." default:"pi4"`
	Data       string `help:"Data directory on the device." default:"/var/lib/ark"`
	HTTPS      string `help:"Address of the crew's app; empty: :443, none for a desk." name:"https"`
	HTTP       string `help:"Address of the page that tells a phone what to do; empty: :80, none for a desk." name:"http"`
	Listen     string `help:"Address of the crew's pages without encryption." default:"127.0.0.1:8080"`
	WiFi       string `help:"Name of the van's own Wi-Fi; empty: ark-VAN." name:"wifi"`
	NoWiFi     bool   `help:"The van has a router of its own: leave the Pi's radio alone. A desk always does." name:"no-wifi"`
	Country    string `help:"By whose rules the Wi-Fi sends." default:"CN"`
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
	if err != nil {
		return noAuthority(g.Dir, err)
	}
	devices, err := identity.OpenDevices(g.Dir)
	if err != nil {
		return err
	}
	if devices.Has(id) && !c.Again {
		return fmt.Errorf("%s 已有证书。卡丢了或被盗：先 arkctl van revoke %s；旧卡还要用：加 --again / van %s has a certificate. If its card is lost: arkctl van revoke %s first; if the old card stays in use: --again", id, id, id, id)
	}
	card, err := c.card(g.Dir, id, time.Now())
	if err != nil {
		return err
	}
	device, err := ca.Issue(id, card.Born)
	if err != nil {
		return err
	}
	card.CAPEM, card.CertPEM, card.KeyPEM = ca.CertPEM(), device.CertPEM, device.KeyPEM
	if err := provision.Write(c.Out, card); err != nil {
		return err
	}
	if err := devices.Add(id, device.Serial, card.Born); err != nil {
		os.RemoveAll(c.Out) // a card that no hub admits helps nobody
		return err
	}
	fmt.Fprintf(out, "%s 的配置已写入 %s；里面的 README.txt 说明怎么装 / the files of %s are in %s: README.txt there says how to install them\n", id, c.Out, id, c.Out)
	if card.HTTPS != "" {
		fmt.Fprintf(out, "手机打开 https://%s / phones open https://%s\n", card.Name+card.HTTPSPort(), card.Name+card.HTTPSPort())
	} else {
		fmt.Fprintln(out, "手机和这辆车之间不加密，只能用来试；要真用请加 --https / nothing is encrypted between phones and this van: for trying out only; --https for more")
	}
	return nil
}

// card is all that a card holds but the van's certificate for the hub.
func (c *vanAdd) card(dir string, id ark.VanID, now time.Time) (provision.Van, error) {
	timeKey, err := identity.TimeKey(dir)
	if err != nil {
		return provision.Van{}, err
	}
	v := provision.Van{ID: id}
	desk := c.Profile == "desk" // its ports and its radio are somebody else's
	if !desk || c.HTTPS != "" {
		if v, err = pages(dir, id, now); err != nil {
			return v, err
		}
	}
	v.Hub, v.Blobs, v.ServerName, v.TimeKey = c.Hub, c.Blobs, c.ServerName, timeKey.Public().(ed25519.PublicKey)
	v.Profile, v.Data, v.Listen, v.HTTPS, v.HTTP = c.Profile, c.Data, c.Listen, c.HTTPS, c.HTTP
	v.Card, v.Silent, v.BufferMS, v.Born, v.Country = c.Card, c.Silent, c.Buffer, now, c.Country
	if desk {
		return v, nil
	}
	v.HTTPS, v.HTTP = cmp.Or(v.HTTPS, ":443"), cmp.Or(v.HTTP, ":80")
	if c.NoWiFi {
		return v, nil
	}
	v.WiFi = cmp.Or(c.WiFi, "ark-"+string(id))
	v.WiFiPassword, err = identity.WiFiPassword(dir, id)
	return v, err
}

// pages makes what a van's pages need.
func pages(dir string, id ark.VanID, now time.Time) (v provision.Van, err error) {
	authority, err := identity.OpenPages(dir)
	if errors.Is(err, identity.ErrNoPages) {
		return v, fmt.Errorf("%s 里还没有网页证书机构：先 arkctl ca pages / no authority for pages in %s yet: arkctl ca pages makes it: %w", dir, dir, err)
	}
	if err != nil {
		return v, err
	}
	page, err := authority.NewPage(id, now)
	return provision.Van{ID: id, Name: page.Name, PagesCAPEM: authority.CertPEM(), PagesCertPEM: page.CertPEM, PagesKeyPEM: page.KeyPEM, PagesUntil: page.NotAfter}, err
}

type vanRenew struct {
	Van string `arg:"" help:"Id of the van."`
	Out string `help:"Folder to make." required:"" type:"path"`
}

func (c *vanRenew) Run(g *cli, out io.Writer) error {
	id, err := vanID(c.Van)
	if err != nil {
		return err
	}
	v, err := pages(g.Dir, id, time.Now())
	if err != nil {
		return err
	}
	if err := provision.WriteRenewal(c.Out, v); err != nil {
		return err
	}
	fmt.Fprintf(out, "新证书在 %s，到 %s 为止；在车上运行里面的 install.sh / the new certificate is in %s, until %s: run install.sh there on the van\n",
		c.Out, v.PagesUntil.Format(time.DateOnly), c.Out, v.PagesUntil.Format(time.DateOnly))
	return nil
}
