package provision

import (
	"crypto/ed25519"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	firmwareconfig "ark/firmware-config"

	"ark/internal/skip"
)

func van() Van {
	return Van{ID: "van-7", Hub: "hub.example:8883", CAPEM: []byte("ca"), CertPEM: []byte("cert"), KeyPEM: []byte("key"),
		TimeKey: make(ed25519.PublicKey, ed25519.PublicKeySize), Profile: "pi4", Born: time.Unix(1_790_000_000, 0)}
}

// phoned is a van that phones reach by a name, on a Wi-Fi of its own.
func phoned() Van {
	v := van()
	v.Name, v.HTTPS, v.HTTP, v.WiFi, v.WiFiPassword = "van-7.ark.internal", ":443", ":80", "ark-van-7", "k7pq-2m9x-abcd-efgh"
	v.PagesCAPEM, v.PagesCertPEM, v.PagesKeyPEM = []byte("pages ca"), []byte("pages"), []byte("pages key")
	return v
}

func write(t *testing.T, v Van) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "new", "card")
	if err := Write(dir, v); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFolder(t *testing.T) {
	v := van()
	v.Data, v.Card, v.BufferMS, v.ServerName = "/data/ark", "Device", 100, "hub"
	dir := write(t, v)
	a, err := firmwareconfig.LoadAgent(filepath.Join(dir, "agent.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if a.Van != v.ID || a.Hub != v.Hub || a.ServerName != "hub" || a.Data != v.Data || a.Listen != ":8080" || a.Sound.BufferMS != 100 || a.Sound.Card != "Device" ||
		a.Key != filepath.Join(dir, "van-key.pem") || !a.Born.Equal(v.Born) {
		t.Errorf("the agent reads %+v", a)
	}
	if p, err := firmwareconfig.LoadProfile(a.Profile); err != nil || len(p.Buttons) == 0 {
		t.Errorf("the profile: %+v, %v", p, err)
	}
	if got := read(t, dir, "asound.conf"); strings.Count(got, "card Device\n") != 2 {
		t.Errorf("asound.conf:\n%s", got)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if info, _ := d.Info(); err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A desk plays through whatever it has.
func TestADeskInsistsOnNoCard(t *testing.T) {
	v := van()
	v.Profile = "desk"
	a, err := firmwareconfig.LoadAgent(filepath.Join(write(t, v), "agent.toml"))
	if err != nil || a.Sound.Card != "" {
		t.Errorf("%+v, %v", a.Sound, err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// What cannot be used is refused with words, and nothing is left behind.
func TestRefused(t *testing.T) {
	rows := map[string]func(*Van){
		"no port":                   func(v *Van) { v.Hub = "hub.example" },
		"a bad id":                  func(v *Van) { v.ID = "Van 7" },
		"unknown wiring":            func(v *Van) { v.Profile = "pi99" },
		"a card that is no word":    func(v *Van) { v.Card = "a\n}" },
		"a path for a shell":        func(v *Van) { v.Data = "/var/$(reboot)" },
		"a quote in a path":         func(v *Van) { v.Data = "/var/\"x" },
		"a path upwards":            func(v *Van) { v.Data = "/var/../etc" },
		"a relative path":           func(v *Van) { v.Data = "ark" },
		"a buffer that is too long": func(v *Van) { v.BufferMS = 5000 },
		"a name that is none":       func(v *Van) { v.Name = "van 7" },
		"an address for no name":    func(v *Van) { v.HTTPS = ":443" },
		"a Wi-Fi for no name":       func(v *Van) { v.WiFi, v.WiFiPassword = "ark", "long-enough" },
		"a Wi-Fi of another line":   func(v *Van) { *v = phoned(); v.WiFi = "ark\nhidden=true" },
		"a short password":          func(v *Van) { *v = phoned(); v.WiFiPassword = "short" },
		"a country that is none":    func(v *Van) { *v = phoned(); v.Country = "CN; reboot" },
	}
	for name, spoil := range rows {
		v, parent := van(), t.TempDir()
		spoil(&v)
		err := Write(filepath.Join(parent, "card"), v)
		if err == nil || strings.Contains(err.Error(), ".card-") {
			t.Errorf("%s: got %v, want a refusal that names no passing folder", name, err)
		}
		if left, _ := os.ReadDir(parent); len(left) > 0 {
			t.Errorf("%s: %v was left behind", name, left)
		}
	}
}

func TestAFolderIsNotOverwritten(t *testing.T) {
	dir := write(t, van())
	before := read(t, dir, "van-key.pem")
	v := van()
	v.KeyPEM = []byte("another key")
	if err := Write(dir, v); !errors.Is(err, ErrExists) || read(t, dir, "van-key.pem") != before {
		t.Errorf("got %v, want ErrExists and the old key", err)
	}
}

// systemd itself judges the unit.
func TestServiceFile(t *testing.T) {
	v := van()
	v.Data = "/data/方舟 1"
	dir := write(t, v)
	text := read(t, dir, "ark-agent.service")
	for _, want := range []string{"LoadCredential=van-key.pem:/etc/ark/van-key.pem\n", "--config %d/agent.toml\n", "ReadWritePaths=\"/data/方舟 1\"\n", "User=ark\n", "Environment=ALSA_CONFIG_PATH=/etc/asound.conf\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	skip.WithoutTools(t, "systemd-analyze")
	unit := filepath.Join(t.TempDir(), "ark-agent.service")
	text = strings.Replace(text, "/usr/bin/ark-agent", "/bin/true", 1) // verify wants the program to be there
	if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", "--man=no", unit).CombinedOutput(); err != nil || strings.Contains(string(out), "ark-agent.service") {
		t.Errorf("systemd-analyze: %v\n%s", err, out)
	}
}

// system is the root of a card, as much of it as the script looks at.
func system(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, text := range map[string]string{"passwd": "root:x:0:0::/:/bin/sh\n", "group": "root:x:0:\naudio:x:29:\n", "shadow": "", "gshadow": ""} {
		if err := os.MkdirAll(filepath.Join(root, "etc"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "etc", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// The script puts each file in its place on a card in the reader: the key for
// root alone, a user for the service, and twice does no harm.
func TestInstall(t *testing.T) {
	skip.WithoutRoot(t)
	v := van()
	v.Data = "/data/ark"
	dir, root := write(t, v), system(t)
	script := filepath.Join(dir, "install.sh")
	for range 2 {
		if out, err := exec.Command("sh", script, "/bin/true", root).CombinedOutput(); err != nil || !strings.Contains(string(out), "van-7 is installed") {
			t.Fatalf("install: %v\n%s", err, out)
		}
	}
	for name, mode := range map[string]fs.FileMode{"etc/ark/van-key.pem": 0o600, "etc/ark/agent.toml": 0o644, "usr/bin/ark-agent": 0o755,
		"etc/asound.conf": 0o644, "data/ark": 0o700, "etc/udev/rules.d/60-ark-gpio.rules": 0o644, "etc/systemd/system/ark-agent.service": 0o644} {
		if st, err := os.Stat(filepath.Join(root, name)); err != nil || st.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v; want mode %v", name, st, err, mode)
		}
	}
	if _, err := os.Lstat(filepath.Join(root, "etc/systemd/system/multi-user.target.wants/ark-agent.service")); err != nil {
		t.Errorf("the service is not enabled: %v", err)
	}
	lines := strings.Split(read(t, root, "etc/passwd"), "\n")
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "ark:") }) || !strings.Contains(read(t, root, "etc/group"), "\ngpio:") {
		t.Errorf("users: %v", lines)
	}
	if out, err := exec.Command("sh", script, "/nowhere/ark-agent", root).CombinedOutput(); err == nil {
		t.Errorf("a program that is not there was installed: %s", out)
	}
}
