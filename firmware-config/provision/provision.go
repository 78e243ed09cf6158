// Package provision renders what goes onto a van's card: its certificate and
// key, its configuration, and the files that the operating system needs.
package provision

import (
	"bytes"
	"crypto/ed25519"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"ark"
	firmwareconfig "ark/firmware-config"
)

//go:embed templates/*
var templates embed.FS

// Van is what the card of a van needs to hold.
type Van struct {
	ID         ark.VanID
	Hub        string // host:port
	ServerName string
	CAPEM      []byte
	CertPEM    []byte
	KeyPEM     []byte
	TimeKey    ed25519.PublicKey
	Profile    string // name of a profile that comes along
	Data       string // directory on the device; empty: /var/lib/ark
	Listen     string // empty: :8080
	Card       string // id of the ALSA card; empty: Headphones
	Silent     bool
	BufferMS   int // of the sound device; 0: 20
	Born       time.Time
}

// ErrExists says that the folder holds something already. It was not touched.
var ErrExists = errors.New("exists already; choose another folder or move it away")

// Write renders a van's folder. The folder must not exist; it appears whole
// or not at all.
func Write(dir string, v Van) (err error) {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write %s: %w", dir, ErrExists)
	}
	if v.Data == "" {
		v.Data = "/var/lib/ark"
	}
	if v.Listen == "" {
		v.Listen = ":8080"
	}
	if v.Card == "" {
		v.Card = "Headphones"
	}
	if v.BufferMS == 0 {
		v.BufferMS = 20
	}
	profile, err := firmwareconfig.ProfileText(v.Profile)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("write card folder: %w", err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".card-*")
	if err != nil {
		return fmt.Errorf("write card folder: %w", err)
	}
	defer os.RemoveAll(tmp)
	files := map[string][]byte{"ca.pem": v.CAPEM, "van.pem": v.CertPEM, "van-key.pem": v.KeyPEM, "profile.toml": profile}
	for name, tmpl := range map[string]string{"agent.toml": "agent.toml.tmpl", "asound.conf": "asound.conf.tmpl", "ark-agent.service": "ark-agent.service.tmpl"} {
		if files[name], err = render(tmpl, v); err != nil {
			return err
		}
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(tmp, name), data, 0o600); err != nil {
			return fmt.Errorf("write card folder: %w", err)
		}
	}
	if _, err := firmwareconfig.LoadAgent(filepath.Join(tmp, "agent.toml")); err != nil {
		return fmt.Errorf("write card folder: %w", err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		return fmt.Errorf("write card folder: %w", err)
	}
	return nil
}

func render(name string, v Van) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{
		"base64": base64.StdEncoding.EncodeToString,
		"rfc":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"quote":  func(s any) string { return fmt.Sprintf("%q", fmt.Sprint(s)) },
	}).ParseFS(templates, "templates/"+name)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return out.Bytes(), nil
}
