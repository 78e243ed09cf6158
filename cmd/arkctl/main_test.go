package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	firmwareconfig "ark/firmware-config"
	"ark/hub/identity"
)

// arkctl runs a command line as main does.
func arkctl(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	var c cli
	var out bytes.Buffer
	p, err := parser(&c, &out)
	if err != nil {
		t.Fatal(err)
	}
	p.Stdout, p.Stderr = &out, &out
	ctx, err := p.Parse(append([]string{"--dir", dir}, args...))
	if err == nil {
		err = ctx.Run(&c)
	}
	return out.String(), err
}

func ok(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := arkctl(t, dir, args...)
	if err != nil {
		t.Fatalf("arkctl %v: %v", args, err)
	}
	return out
}

// house makes an authority with one van.
func house(t *testing.T) (ca, card string) {
	t.Helper()
	ca, card = filepath.Join(t.TempDir(), "ca"), filepath.Join(t.TempDir(), "van-7")
	ok(t, ca, "ca", "init", "--name", "hub.example", "--name", "10.0.0.1")
	ok(t, ca, "van", "add", "van-7", "--hub", "hub.example:8883", "--out", card)
	return ca, card
}

func TestAVanIsAdmittedUntilItIsRevoked(t *testing.T) {
	ca, card := house(t)
	a, err := firmwareconfig.LoadAgent(filepath.Join(card, "agent.toml"))
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(a.Cert, a.Key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if text, err := os.ReadFile(a.CA); err != nil || !pool.AppendCertsFromPEM(text) {
		t.Fatalf("the authority on the card: %v", err)
	}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Fatal(err)
	}
	serial := pair.Leaf.SerialNumber.Text(16)
	admitted := func() bool {
		d, err := identity.OpenDevices(ca)
		if err != nil {
			t.Fatal(err)
		}
		return d.Admit("van-7", serial)
	}
	if list := ok(t, ca, "van", "list"); !admitted() || !strings.Contains(list, serial) || !strings.Contains(list, "admitted") {
		t.Fatalf("not admitted:\n%s", list)
	}
	ok(t, ca, "van", "revoke", "van-7")
	if list := ok(t, ca, "van", "list"); admitted() || !strings.Contains(list, "revoked") {
		t.Fatalf("still admitted:\n%s", list)
	}
	ok(t, ca, "van", "add", "van-7", "--hub", "hub.example:8883", "--out", card+"-2") // a new card for it
	if admitted() {
		t.Fatal("the new card admits the old one")
	}
}

func TestTheHubsCertificateHasTheNames(t *testing.T) {
	ca, _ := house(t)
	text, err := os.ReadFile(filepath.Join(ca, "hub.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"hub.example", "10.0.0.1"} {
		if err := cert.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	files, err := os.ReadDir(ca)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if st, err := f.Info(); err != nil || st.Mode().Perm()&0o077 != 0 && f.Name() != "ca.pem" && f.Name() != "pages-ca.pem" {
			t.Errorf("%s can be read by others: %v, %v", f.Name(), st.Mode(), err)
		}
	}
}

// Each refusal says what to do, and changes nothing.
func TestRefusals(t *testing.T) {
	ca, card := house(t)
	empty := filepath.Join(t.TempDir(), "none")
	elsewhere := filepath.Join(t.TempDir(), "x")
	rows := []struct {
		name, dir, want string
		args            []string
	}{
		{"a second authority", ca, "it was not touched", []string{"ca", "init", "--name", "other.example"}},
		{"a name with a port", empty, "without a port", []string{"ca", "init", "--name", "hub.example:8883"}},
		{"no name", empty, "--name", []string{"ca", "init"}},
		{"the same van again", ca, "--again", []string{"van", "add", "van-7", "--hub", "h:1", "--out", elsewhere}},
		{"a bad id", ca, "a-z, 0-9 and -", []string{"van", "add", "Van 8", "--hub", "h:1", "--out", elsewhere}},
		{"a folder that is there", ca, "exists already", []string{"van", "add", "van-8", "--hub", "h:1", "--out", card}},
		{"a hub without a port", ca, "host:port", []string{"van", "add", "van-8", "--hub", "h", "--out", elsewhere}},
		{"unknown wiring", ca, "desk, pi4", []string{"van", "add", "van-8", "--hub", "h:1", "--out", elsewhere, "--profile", "pi99"}},
		{"no authority", empty, "arkctl ca init", []string{"van", "add", "van-8", "--hub", "h:1", "--out", elsewhere}},
		{"an unknown van", ca, "van list", []string{"van", "revoke", "van-9"}},
		{"a domain of one word", empty, "such as ark.internal", []string{"ca", "init", "--name", "hub.example", "--domain", "internal"}},
		{"a second authority for pages", ca, "each phone would need", []string{"ca", "pages"}},
		{"pages without an authority", empty, "arkctl ca init", []string{"ca", "pages"}},
		{"a renewal into a folder that is there", ca, "exists already", []string{"van", "renew", "van-7", "--out", card}},
		{"a name that no address can have", ca, "hyphen", []string{"van", "add", "van-", "--hub", "h:1", "--out", elsewhere}},
		{"a mistyped flag", ca, "--hub", []string{"van", "add", "van-8", "--hubb", "h:1", "--out", elsewhere}},
	}
	before, err := os.ReadFile(filepath.Join(ca, "devices.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(ca, "ca-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		out, err := arkctl(t, row.dir, row.args...)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %q\n%s", row.name, err, row.want, out)
		}
		if _, err := os.Stat(elsewhere); err == nil {
			t.Errorf("%s: a folder was made", row.name)
		}
	}
	after, _ := os.ReadFile(filepath.Join(ca, "devices.jsonl"))
	if keyAfter, _ := os.ReadFile(filepath.Join(ca, "ca-key.pem")); !bytes.Equal(before, after) || !bytes.Equal(key, keyAfter) {
		t.Error("a refusal changed the authority")
	}
	ok(t, ca, "van", "add", "van-7", "--hub", "h:1", "--out", elsewhere, "--again")
}
