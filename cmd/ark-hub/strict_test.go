package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ark/firmware-config"
	"ark/hub"
)

// certified is a console's certificate by an issuer of a name, with its key.
func certified(t *testing.T, issuer string) firmwareconfig.Hub {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hub"}, NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"hub"}}
	by := own
	by.Subject.CommonName = issuer
	der, err := x509.CreateCertificate(rand.Reader, &own, &by, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := firmwareconfig.Hub{ConsoleCert: filepath.Join(dir, "cert.pem"), ConsoleKey: filepath.Join(dir, "key.pem")}
	for path, block := range map[string]*pem.Block{c.ConsoleCert: {Type: "CERTIFICATE", Bytes: der}, c.ConsoleKey: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestWhenBrowsersAreHeldToTLS(t *testing.T) {
	proxied, own, public := firmwareconfig.Hub{}, certified(t, "hub"), certified(t, "an authority")
	on, off := own, public
	on.ConsoleHSTS, off.ConsoleHSTS = "on", "off"
	for name, c := range map[string]struct {
		config firmwareconfig.Hub
		want   bool
	}{"behind a proxy": {proxied, false}, "by a certificate of its own": {own, false}, "by an authority's": {public, true}, "as was said": {on, true}, "unless it was said": {off, false}} {
		if got, err := strictTransport(c.config); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := strictTransport(firmwareconfig.Hub{ConsoleCert: "nowhere.pem", ConsoleKey: "nowhere.pem"}); err == nil {
		t.Error("a certificate that is not there")
	}
}

func TestWhoNeedsASecondFactor(t *testing.T) {
	chief, reader := hub.Account{Roles: []hub.Role{hub.RoleAdministrator}}, hub.Account{Roles: []hub.Role{hub.RoleReader}}
	for rule, want := range map[string][2]bool{"": {false, false}, firmwareconfig.SecondAdministrators: {true, false}, firmwareconfig.SecondAll: {true, true}} {
		if needs := needsSecond(rule); needs(chief) != want[0] || needs(reader) != want[1] {
			t.Errorf("%q: an administrator %v, a reader %v", rule, needs(chief), needs(reader))
		}
	}
}
