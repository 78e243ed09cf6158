// Package provision renders what goes onto a van's card: its certificate and
// key, its configuration, what the operating system needs, and a script that
// puts each file where it belongs.
package provision

import (
	"bytes"
	"crypto/ed25519"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"

	"ark"
	firmwareconfig "ark/firmware-config"
	"ark/internal/qr"
)

//go:embed templates
var templates embed.FS

// Van is what the card of a van needs to hold.
type Van struct {
	ID         ark.VanID
	Hub        string // host:port
	Blobs      string // host:port of its recordings; empty: the host of Hub, port 8884
	ServerName string
	CAPEM      []byte
	CertPEM    []byte
	KeyPEM     []byte
	TimeKey    ed25519.PublicKey
	Profile    string // name of a profile that comes along
	Data       string // directory on the device; empty: /var/lib/ark
	Listen     string // empty: :8080, or this machine alone where there is a name
	Card       string // id of the ALSA card; empty: Headphones
	Silent     bool
	BufferMS   int // of the sound device; 0: 20
	Born       time.Time

	// The pages for phones; without a name there are none but Listen's.
	Name         string // DNS name
	HTTPS        string // address of the app; empty: none
	HTTP         string // address of the page that says what to do; empty: none
	PagesCAPEM   []byte
	PagesCertPEM []byte
	PagesKeyPEM  []byte
	PagesUntil   time.Time

	// The van's own Wi-Fi, by the Pi's radio.
	WiFi         string // its name; empty: none
	WiFiPassword string
	Country      string // by whose rules the radio sends; empty: CN
}

// Port is the port of the crew's page as an address in a browser has it.
func (v Van) Port() string { return portOf(v.Listen, "80") }

// Wanted is the card that the agent insists on; a desk plays through whatever
// it has.
func (v Van) Wanted() string {
	if v.Profile == "desk" {
		return ""
	}
	return v.Card
}

// ErrExists says that the folder holds something already. It was not touched.
var ErrExists = errors.New("已存在，请换一个文件夹或先移走它 / exists already; choose another folder or move it away")

// ErrRefused says that a value cannot go into the files: the error names it.
var ErrRefused = errors.New("cannot be used")

// Write renders a van's folder. The folder must not exist; it appears whole
// or not at all.
func Write(dir string, v Van) (err error) {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write %s: %w", dir, ErrExists)
	}
	v = v.withDefaults()
	if err := v.check(); err != nil {
		return err
	}
	files, err := v.files()
	if err != nil {
		return err
	}
	return appear(dir, files, func(tmp string) error { return readable(tmp, v) })
}

// appear makes a folder of files that is there whole, and judged, or not at
// all.
func appear(dir string, files map[string][]byte, judge func(dir string) error) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("write card folder: %w", err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".card-*") // MkdirTemp's folders are their owner's alone
	if err != nil {
		return fmt.Errorf("write card folder: %w", err)
	}
	defer os.RemoveAll(tmp)
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(tmp, name), data, 0o600); err != nil {
			return fmt.Errorf("write card folder: %w", err)
		}
	}
	if err := judge(tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		return fmt.Errorf("write card folder: %w", err)
	}
	return nil
}

func (v Van) withDefaults() Van {
	listen := ":8080"
	if v.Name != "" {
		listen = "127.0.0.1" + listen
	}
	for value, usual := range map[*string]string{&v.Data: "/var/lib/ark", &v.Listen: listen, &v.Card: "Headphones", &v.Country: "CN"} {
		if *value == "" {
			*value = usual
		}
	}
	if v.BufferMS == 0 {
		v.BufferMS = 20
	}
	return v
}

// Paths go into a shell script and a unit file too, where $, %, quotes and the
// like have meanings of their own.
var dataPath = regexp.MustCompile(`^(/[\p{L}\p{N} ._+@~,()-]+)+$`)

func (v Van) check() error {
	switch {
	case !firmwareconfig.CardID.MatchString(v.Card):
		return fmt.Errorf("声卡名 / sound card %q: %w：用 aplay -l 里的短名字，例如 Headphones / use the short name that aplay -l shows, such as Headphones", v.Card, ErrRefused)
	case !dataPath.MatchString(v.Data) || filepath.Clean(v.Data) != v.Data:
		return fmt.Errorf("数据目录 / data directory %q: %w：要写绝对路径，不带引号、$、%% 之类的符号 / want an absolute path without quotes, $, %% and the like", v.Data, ErrRefused)
	case v.WiFi != "" && (!wifiName.MatchString(v.WiFi) || !wifiPassword.MatchString(v.WiFiPassword) || !country.MatchString(v.Country)):
		return fmt.Errorf("Wi-Fi %q: %w：名字用 1 到 32 个字母、数字、点、横线，密码 8 到 63 个，国家两个大写字母 / want a name of 1 to 32 letters, digits, dots and hyphens, a password of 8 to 63, a country of two capital letters", v.WiFi, ErrRefused)
	case v.Name == "" && v.WiFi+v.HTTPS+v.HTTP != "":
		return fmt.Errorf("Wi-Fi, https, http: %w：要有车的域名 / the van needs a name", ErrRefused)
	}
	return nil
}

// files renders all of them, by name.
func (v Van) files() (map[string][]byte, error) {
	profile, err := firmwareconfig.ProfileText(v.Profile)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"ca.pem": v.CAPEM, "van.pem": v.CertPEM, "van-key.pem": v.KeyPEM, "profile.toml": profile}
	patterns := []string{"templates/*.tmpl"}
	if v.Name != "" {
		maps.Copy(files, v.pages())
	}
	if v.WiFi != "" {
		patterns = append(patterns, "templates/wifi/*")
	}
	for _, pattern := range patterns {
		if err := v.renderAll(files, pattern); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// renderAll renders the templates of a pattern into files.
func (v Van) renderAll(files map[string][]byte, pattern string) error {
	all, err := fs.Glob(templates, pattern)
	if err != nil {
		return fmt.Errorf("list templates: %w", err)
	}
	for _, path := range all {
		name := strings.TrimSuffix(filepath.Base(path), ".tmpl")
		if files[name], err = render(path, v); err != nil {
			return err
		}
	}
	return nil
}

// readable makes sure that the agent will read what was meant.
func readable(dir string, v Van) error {
	a, err := firmwareconfig.LoadAgent(filepath.Join(dir, "agent.toml"))
	var bad *firmwareconfig.Error
	if errors.As(err, &bad) {
		return fmt.Errorf("%s: %w：%s / %s", bad.Key, ErrRefused, bad.Zh, bad.En)
	}
	if err != nil {
		return fmt.Errorf("write card folder: %w", err)
	}
	if a.Van != v.ID || a.Hub != v.Hub || a.Data != v.Data || a.Listen != v.Listen || a.Name != v.Name || v.ServerName != "" && a.ServerName != v.ServerName {
		return fmt.Errorf("write card folder: %w: the agent would read %+v", ErrRefused, a)
	}
	_, err = firmwareconfig.LoadProfile(a.Profile)
	return err
}

func render(path string, v Van) ([]byte, error) {
	t, err := template.New(filepath.Base(path)).Funcs(template.FuncMap{
		"base64": base64.StdEncoding.EncodeToString,
		"rfc":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"qr":     qr.SVG,
		"quote":  func(s any) string { return fmt.Sprintf("%q", fmt.Sprint(s)) },
	}).ParseFS(templates, path)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", path, err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("render %s: %w", path, err)
	}
	return out.Bytes(), nil
}
