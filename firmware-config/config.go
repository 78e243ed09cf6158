// Package firmwareconfig is what a technician puts on a device: the
// configuration of a van's agent and of a hub, and the profiles that say
// which wire is which button. Files are TOML; a key that is not known is an
// error that names it and its line.
package firmwareconfig

import (
	"embed"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"ark"
)

// Agent is a van's configuration, agent.toml. Relative paths are relative to
// the file.
type Agent struct {
	Van        ark.VanID `toml:"van"`
	Hub        string    `toml:"hub"`         // host:port of the hub's end point
	ServerName string    `toml:"server_name"` // in the hub's certificate; empty: the host of hub
	CA         string    `toml:"ca"`
	Cert       string    `toml:"cert"`
	Key        string    `toml:"key"`
	TimeKey    string    `toml:"time_key"`   // public key of the hub's word of time, base64
	Born       time.Time `toml:"born"`       // when this was made: the van's clock never shows less
	Data       string    `toml:"data"`       // directory of the database and the announcement library
	Listen     string    `toml:"listen"`     // address of the crew's page
	Names      []string  `toml:"names"`      // DNS names under which phones open the crew's page; addresses and local names such as van.local need none
	Profile    string    `toml:"profile"`    // file of the wiring
	Zone       string    `toml:"zone"`       // in which the crew's page shows times; empty: Asia/Shanghai
	Blobs      string    `toml:"blobs"`      // host:port from which recordings are fetched; empty: hub's host, port 8884
	BlobsRate  int       `toml:"blobs_rate"` // most kB a second that fetching takes, and as much that attachments take; 0: no bound

	// AttachmentsMBPerDay is the most that photos, recordings and signatures
	// take of the mobile link on one day, in MB; 0: no bound.
	AttachmentsMBPerDay int `toml:"attachments_mb_per_day"`
	// AttachmentsKeepDays is how long they stay on the van once the hub has
	// them; 0: 7.
	AttachmentsKeepDays int `toml:"attachments_keep_days"`

	// The van's pages for phones. Without a name they are served on Listen alone.
	Name       string `toml:"name"`        // DNS name under which phones find this van; it stays when the card is replaced
	HTTPS      string `toml:"https"`       // address of the crew's app, such as :443; empty: none
	HTTP       string `toml:"http"`        // address of the page that says what to do, such as :80; empty: none
	PagesCA    string `toml:"pages_ca"`    // of the house, which phones install
	PagesCert  string `toml:"pages_cert"`  // of the house, for Name
	PagesKey   string `toml:"pages_key"`   // of PagesCert
	PublicCert string `toml:"public_cert"` // of an authority that phones know by themselves, served first while it is valid; empty, or no such file: there is none yet
	PublicKey  string `toml:"public_key"`  // of PublicCert

	Sound Sound `toml:"sound"`
}

// Sound is how the loudspeaker is driven.
type Sound struct {
	BufferMS int    `toml:"buffer_ms"` // of the device, 10 to 500; 0: 20
	Silent   bool   `toml:"silent"`    // never open a device
	Card     string `toml:"card"`      // id of the card that must be there, as aplay -l shows it; empty: whatever plays
	Input    string `toml:"input"`     // ALSA device of the microphone to talk into; empty: none
	Listen   string `toml:"listen"`    // ALSA device of a microphone or loopback that hears the loudspeaker; empty: none
}

// Hub is a hub's configuration, hub.toml.
type Hub struct {
	MQTT        string `toml:"mqtt"`         // address for vans
	Blobs       string `toml:"blobs"`        // address from which vans fetch recordings; empty: mqtt's, port 8884
	Console     string `toml:"console"`      // address for staff
	ConsoleCert string `toml:"console_cert"` // certificate and key of the console; both empty: plain HTTP, for a proxy on the same machine
	ConsoleKey  string `toml:"console_key"`
	Data        string `toml:"data"`     // directory of the database, and of what lies beside it
	Database    string `toml:"database"` // postgres:// address of the database; empty: the file hub.db in data
	CA          string `toml:"ca"`       // the authority's folder
	Zone        string `toml:"zone"`     // of the office, such as Asia/Shanghai

	// ConsoleAddress is the console's as staff type it, such as
	// https://hub.example.org: passkeys belong to its name, and the
	// organisation's sign-in sends people back to it. Empty: as each browser
	// asks for it.
	ConsoleAddress string `toml:"console_address"`
	// ConsoleHSTS has browsers come back by TLS alone for a year: "on" or "off".
	// Empty: where the console's own certificate is an authority's, and not one
	// that was made for it here.
	ConsoleHSTS string `toml:"console_hsts"`
	// SecondFactor is whose accounts must have a second factor or a passkey where
	// they have a password: SecondAdministrators, SecondAll. Empty: nobody's.
	SecondFactor string `toml:"second_factor"`
	OIDC         OIDC   `toml:"oidc"` // the organisation's sign-in; without an issuer there is none
	Map          Map    `toml:"map"`

	// MetricsToken is what a scraper of /metrics must show; empty: only
	// programs on the hub's machine may read them.
	MetricsToken string `toml:"metrics_token"`
}

// Values of Hub.SecondFactor.
const (
	SecondAdministrators = "administrators"
	SecondAll            = "all"
)

// OIDC is an organisation's sign-in by OpenID Connect.
type OIDC struct {
	Name         string      `toml:"name"` // as people call it
	Issuer       string      `toml:"issuer"`
	ClientID     string      `toml:"client_id"`
	ClientSecret string      `toml:"client_secret"`
	Claim        string      `toml:"claim"` // by which grants are given, such as groups
	Grants       []OIDCGrant `toml:"grant"`
}

// OIDCGrant is what a value of the claim gives.
type OIDCGrant struct {
	Value  string   `toml:"value"`
	Roles  []string `toml:"roles"`
	Places []string `toml:"places"` // such as 北街, or 北街/公园社区; * is everywhere
}

//go:embed profiles/*.toml
var profiles embed.FS

// Profiles lists the names of the profiles that come along.
func Profiles() (names []string) {
	files, _ := fs.Glob(profiles, "profiles/*.toml") // the pattern is fixed
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".toml"))
	}
	return names
}

// ProfileText is the text of a profile that comes along.
func ProfileText(name string) ([]byte, error) {
	data, err := profiles.ReadFile("profiles/" + name + ".toml")
	if err != nil {
		return nil, fmt.Errorf("profile %q: there are %s", name, strings.Join(Profiles(), ", "))
	}
	return data, nil
}

// Error is trouble with a configuration file, said so that a technician can
// mend it.
type Error struct {
	File string
	Line int    // 0: not one line's trouble
	Key  string // empty: not one key's trouble
	Zh   string
	En   string
}

func (e *Error) Error() string {
	place := e.File
	if e.Line > 0 {
		place = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	if e.Key != "" {
		return fmt.Sprintf("%s: %s: %s / %s", place, e.Key, e.Zh, e.En)
	}
	return fmt.Sprintf("%s: %s / %s", place, e.Zh, e.En)
}
