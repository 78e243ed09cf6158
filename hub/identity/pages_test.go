package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ark"
)

var born = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)

func pagesIn(t *testing.T, dir string) *Pages {
	t.Helper()
	p, err := InitPages(dir, "ark.internal", born)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func leafOf(t *testing.T, page Page) *x509.Certificate {
	t.Helper()
	pair, err := tls.X509KeyPair(page.CertPEM, page.KeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf
}

// What a phone is asked to install can pass for a van and for nothing else.
func TestTheAuthorityForPagesIsBoundToItsDomain(t *testing.T) {
	p := pagesIn(t, t.TempDir())
	pool := x509.NewCertPool()
	pool.AddCert(p.Cert)
	signers := map[*x509.Certificate]crypto.Signer{p.Cert: p.key}
	leaf := func(names []string, ips []net.IP, parent *x509.Certificate, isCA bool) *x509.Certificate {
		t.Helper()
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := sign(&x509.Certificate{DNSNames: names, IPAddresses: ips, NotBefore: born, NotAfter: born.Add(time.Hour), IsCA: isCA, BasicConstraintsValid: isCA,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, parent, key.Public(), signers[parent])
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		signers[c] = key
		return c
	}
	for name, row := range map[string]struct {
		cert *x509.Certificate
		good bool
	}{
		"a van":                       {leaf([]string{"van-1.ark.internal"}, nil, p.Cert, false), true},
		"another site":                {leaf([]string{"bank.example"}, nil, p.Cert, false), false},
		"a name that only looks like": {leaf([]string{"van-1.dark.internal"}, nil, p.Cert, false), false},
		"an address":                  {leaf(nil, []net.IP{net.IPv4(10, 77, 77, 1)}, p.Cert, false), false},
		"both":                        {leaf([]string{"van-1.ark.internal", "bank.example"}, nil, p.Cert, false), false},
		"an address of IPv6":          {leaf([]string{"van-1.ark.internal"}, []net.IP{net.ParseIP("fe80::1")}, p.Cert, false), false},
	} {
		_, err := row.cert.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: born.Add(time.Minute)})
		if (err == nil) != row.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	under := leaf(nil, nil, p.Cert, true) // pathlen 0: it may not have authorities below it
	below := leaf([]string{"van-1.ark.internal"}, nil, under, false)
	between := x509.NewCertPool()
	between.AddCert(under)
	if _, err := below.Verify(x509.VerifyOptions{Roots: pool, Intermediates: between, CurrentTime: born.Add(time.Minute)}); err == nil {
		t.Error("an authority below it is believed")
	}
	if !p.Cert.PermittedDNSDomainsCritical {
		t.Error("a phone that does not know name constraints may overlook them")
	}
}

// A van's certificate is one that iOS takes too, and good for a phone whose
// clock is somewhat behind.
func TestAPageCertificate(t *testing.T) {
	p := pagesIn(t, t.TempDir())
	pool := x509.NewCertPool()
	pool.AddCert(p.Cert)
	for name, now := range map[string]time.Time{"on the first day": born, "ten years later": born.AddDate(10, 0, 0), "at the authority's end": p.Cert.NotAfter.AddDate(0, 0, -10)} {
		page, err := p.NewPage("van-07", now)
		if err != nil {
			t.Fatal(err)
		}
		c := leafOf(t, page)
		if page.Name != "van-07.ark.internal" || c.VerifyHostname(page.Name) != nil || len(c.DNSNames) != 1 {
			t.Errorf("%s: for %q %v", name, page.Name, c.DNSNames)
		}
		if life := c.NotAfter.Sub(c.NotBefore); life > 825*24*time.Hour || !c.NotAfter.Equal(page.NotAfter) {
			t.Errorf("%s: it lasts %v", name, life)
		}
		if left := c.NotAfter.Sub(now); left < 2*365*24*time.Hour && now.Before(p.Cert.NotAfter.AddDate(-3, 0, 0)) {
			t.Errorf("%s: %v are left", name, left)
		}
		if lead := now.Sub(c.NotBefore); lead < time.Hour || lead > 31*24*time.Hour || c.NotBefore.Before(p.Cert.NotBefore) {
			t.Errorf("%s: valid %v before it was made", name, lead)
		}
		if _, err := c.Verify(x509.VerifyOptions{Roots: pool, DNSName: page.Name, CurrentTime: now}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if key := c.PublicKey.(*ecdsa.PublicKey); key.Curve != elliptic.P256() {
			t.Errorf("%s: %v", name, key.Curve)
		}
	}
	if _, err := p.NewPage("van-07", p.Cert.NotAfter.Add(time.Second)); err == nil {
		t.Error("an authority that expired issued")
	}
	for _, van := range []ark.VanID{"-van", "van-"} {
		if _, err := p.NewPage(van, born); err == nil {
			t.Errorf("%q can be in no address", van)
		}
	}
}

// A new card takes the van's name and its Wi-Fi; the key is another one.
func TestTheNameBelongsToTheVan(t *testing.T) {
	dir := t.TempDir()
	pagesIn(t, dir)
	var pages [2]Page
	var words [2]string
	for i := range pages {
		p, err := OpenPages(dir)
		if err != nil {
			t.Fatal(err)
		}
		if pages[i], err = p.NewPage("van-07", born.AddDate(i, 0, 0)); err != nil {
			t.Fatal(err)
		}
		if words[i], err = WiFiPassword(dir, "van-07"); err != nil {
			t.Fatal(err)
		}
	}
	if pages[0].Name != pages[1].Name || words[0] != words[1] {
		t.Errorf("%q, %q; passwords the same: %v", pages[0].Name, pages[1].Name, words[0] == words[1])
	}
	if string(pages[0].KeyPEM) == string(pages[1].KeyPEM) {
		t.Error("two cards share a key")
	}
	if other, err := WiFiPassword(dir, "van-08"); err != nil || other == words[0] || len(other) < 16 {
		t.Errorf("another van's password: %v, %v", other == words[0], err)
	}
	if st, err := os.Stat(filepath.Join(dir, "wifi", "van-07")); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st, err)
	}
}

func TestPagesAreMadeOnce(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenPages(dir); !errors.Is(err, ErrNoPages) {
		t.Errorf("got %v, want ErrNoPages", err)
	}
	for _, domain := range []string{"", "internal", "Ark.Internal", "ark..internal", ".ark.internal", "ark.internal.", "ark internal", "-ark.internal"} {
		if _, err := InitPages(dir, domain, born); err == nil {
			t.Errorf("%q was taken for a domain", domain)
		}
	}
	p := pagesIn(t, dir)
	if _, err := InitPages(dir, "other.internal", born); !errors.Is(err, ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	again, err := OpenPages(dir)
	if err != nil || !again.Cert.Equal(p.Cert) || again.Domain != "ark.internal" {
		t.Errorf("%+v, %v", again, err)
	}
	for name, mode := range map[string]os.FileMode{pagesKeyFile: 0o600, pagesCertFile: 0o644} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, st, err)
		}
	}
}
