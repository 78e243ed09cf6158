package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	firmwareconfig "ark/firmware-config"
)

// shown is what a card shows phones, checked as a phone does that has
// installed the house's certificate.
func shown(t *testing.T, ca, card string) (*x509.Certificate, firmwareconfig.Agent) {
	t.Helper()
	a, err := firmwareconfig.LoadAgent(filepath.Join(card, "agent.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return shownBy(t, ca, a.PagesCert, a.PagesKey, a.Name), a
}

func shownBy(t *testing.T, ca, cert, key, name string) *x509.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if text, err := os.ReadFile(filepath.Join(ca, "pages-ca.pem")); err != nil || !pool.AppendCertsFromPEM(text) {
		t.Fatalf("the authority for pages: %v", err)
	}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: name}); err != nil {
		t.Error(err)
	}
	return pair.Leaf
}

// A new card, and a renewed certificate, are found under the name that the
// van has had from the beginning; phones need to install nothing new.
func TestANewCardTakesTheVansName(t *testing.T) {
	ca, card := house(t)
	first, was := shown(t, ca, card)
	if was.Name != "van-7.ark.internal" || was.HTTPS != ":443" || was.HTTP != ":80" {
		t.Errorf("%+v", was)
	}
	ok(t, ca, "van", "revoke", "van-7")
	ok(t, ca, "van", "add", "van-7", "--hub", "hub.example:8883", "--out", card+"-2")
	second, is := shown(t, ca, card+"-2")
	if is.Name != was.Name || second.SerialNumber.Cmp(first.SerialNumber) == 0 {
		t.Errorf("%s was %s", is.Name, was.Name)
	}
	wifi := func(card string) string {
		text, err := os.ReadFile(filepath.Join(card, "ark.nmconnection"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if wifi(card) != wifi(card+"-2") {
		t.Error("phones do not find the new card's Wi-Fi")
	}
	renewal := card + "-3"
	if out := ok(t, ca, "van", "renew", "van-7", "--out", renewal); !strings.Contains(out, "install.sh") {
		t.Error(out)
	}
	shownBy(t, ca, filepath.Join(renewal, "pages.pem"), filepath.Join(renewal, "pages-key.pem"), was.Name)
	for _, secret := range []string{"van-key.pem", "pages-key.pem"} {
		one, _ := os.ReadFile(filepath.Join(card, secret))
		if two, _ := os.ReadFile(filepath.Join(card+"-2", secret)); len(one) == 0 || string(one) == string(two) {
			t.Errorf("two cards share %s", secret)
		}
	}
}

// A folder of an earlier release gets what it lacks by one command, and says
// so; a desk needs none of it.
func TestAFolderOfAnEarlierRelease(t *testing.T) {
	ca, card := house(t)
	for _, name := range []string{"pages-ca.pem", "pages-ca-key.pem"} {
		if err := os.Remove(filepath.Join(ca, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := arkctl(t, ca, "van", "add", "van-8", "--hub", "h:1", "--out", card+"-8"); err == nil || !strings.Contains(err.Error(), "arkctl ca pages") {
		t.Errorf("got %v", err)
	}
	if said := ok(t, ca, "van", "add", "desk-1", "--hub", "h:1", "--out", card+"-desk", "--profile", "desk"); !strings.Contains(said, "nothing is encrypted") {
		t.Errorf("a desk: %s", said)
	}
	ok(t, ca, "ca", "pages", "--domain", "ark.example.cn")
	ok(t, ca, "van", "add", "van-8", "--hub", "h:1", "--out", card+"-8")
	if _, a := shown(t, ca, card+"-8"); a.Name != "van-8.ark.example.cn" {
		t.Errorf("the van is %s", a.Name)
	}
}
