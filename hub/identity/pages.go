package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"ark"
)

// Files of the authority for pages, in the same folder as the other one. Only
// a folder that makes cards needs them; a running hub does not.
const (
	pagesCertFile = "pages-ca.pem"
	pagesKeyFile  = "pages-ca-key.pem"
)

// DefaultDomain is the domain of vans' names where an office has none of its
// own: .internal is set aside for private use, so nobody else can have it.
const DefaultDomain = "ark.internal"

// pagesLife is as long as phones keep the certificate that was installed in
// them. pageLife is the most that iOS takes from an authority that a person
// installed ("825 days or fewer", HT210176), less a day, for both ends count.
const (
	pagesLife = 20 * 365 * 24 * time.Hour
	pageLife  = 824 * 24 * time.Hour
	pageLead  = 30 * 24 * time.Hour // how far a phone's clock may be behind
)

// ErrNoPages says that a folder has no authority for pages yet.
var ErrNoPages = errors.New("no authority for pages")

// Pages is the authority under which vans serve their pages to phones. It is
// another one than the vans' and the hub's: people install it in phones of
// their own, so it is bound by a critical name constraint (RFC 5280, 4.2.1.10)
// to the names of the ark's domain. Whoever steals its key can pass for a van,
// and for nothing else.
type Pages struct {
	Cert   *x509.Certificate
	Domain string
	key    crypto.Signer
}

// domainName is a domain of at least two labels, in lower case.
var domainName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$`)

// CheckDomain tells whether vans' names can be below a domain.
func CheckDomain(domain string) error {
	if !domainName.MatchString(domain) || len(domain) > 200 {
		return fmt.Errorf("domain %q: want two or more words of a-z, 0-9 and -, with dots between them", domain)
	}
	return nil
}

// InitPages makes the authority for pages in the folder of an authority.
func InitPages(dir, domain string, now time.Time) (*Pages, error) {
	if err := CheckDomain(domain); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, pagesCertFile)); err == nil {
		return nil, fmt.Errorf("make authority for pages in %s: %s: %w", dir, pagesCertFile, ErrExists)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make authority for pages: %w", err)
	}
	template := pagesTemplate(domain, now.Add(-time.Hour).UTC().Truncate(time.Second))
	der, err := sign(template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make authority for pages: %w", err)
	}
	keyPEM, err := keyToPEM(key)
	if err != nil {
		return nil, fmt.Errorf("make authority for pages: %w", err)
	}
	if err := replaceFile(filepath.Join(dir, pagesKeyFile), keyPEM, 0o600); err != nil {
		return nil, fmt.Errorf("make authority for pages: %w", err)
	}
	// the certificate last: with it the authority counts as made
	if err := replaceFile(filepath.Join(dir, pagesCertFile), certToPEM(der), 0o644); err != nil {
		return nil, fmt.Errorf("make authority for pages: %w", err)
	}
	return OpenPages(dir)
}

// pagesTemplate permits names of the domain, and shuts addresses out: a
// constraint of one kind of name says nothing of the other.
func pagesTemplate(domain string, born time.Time) *x509.Certificate {
	everything := func(bits int) *net.IPNet {
		return &net.IPNet{IP: make(net.IP, bits/8), Mask: net.CIDRMask(0, bits)}
	}
	return &x509.Certificate{Subject: pkix.Name{CommonName: "服务方舟 Service Ark, " + domain}, NotBefore: born, NotAfter: born.Add(pagesLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{domain},
		ExcludedIPRanges: []*net.IPNet{everything(32), everything(128)}}
}

// OpenPages reads the authority for pages in a folder; ErrNoPages where there
// is none.
func OpenPages(dir string) (*Pages, error) {
	cert, err := readCert(filepath.Join(dir, pagesCertFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", filepath.Join(dir, pagesCertFile), ErrNoPages)
	}
	if err != nil {
		return nil, fmt.Errorf("open authority for pages: %w", err)
	}
	key, err := readKey(filepath.Join(dir, pagesKeyFile))
	if err != nil {
		return nil, fmt.Errorf("open authority for pages: %w", err)
	}
	pub, ok := key.Public().(*ecdsa.PublicKey)
	if !ok || !pub.Equal(cert.PublicKey) {
		return nil, fmt.Errorf("open authority for pages: %s does not belong to %s", pagesKeyFile, pagesCertFile)
	}
	if len(cert.PermittedDNSDomains) != 1 || !cert.PermittedDNSDomainsCritical {
		return nil, fmt.Errorf("open authority for pages: %s is not bound to one domain", pagesCertFile)
	}
	return &Pages{Cert: cert, Domain: cert.PermittedDNSDomains[0], key: key}, nil
}

// CertPEM is the certificate that phones install.
func (p *Pages) CertPEM() []byte { return certToPEM(p.Cert.Raw) }

// Name is where phones find a van: it belongs to the van and not to its card,
// so that a new card takes it and phones keep what they hold for it.
func (p *Pages) Name(van ark.VanID) (string, error) {
	if strings.HasPrefix(string(van), "-") || strings.HasSuffix(string(van), "-") {
		return "", fmt.Errorf("name of van %q: a name in an address can neither begin nor end with a hyphen", van)
	}
	return string(van) + "." + p.Domain, nil
}

// Issue makes a certificate for a van's name and a key that was made wherever
// the van keeps it.
func (p *Pages) Issue(van ark.VanID, key crypto.PublicKey, now time.Time) (certPEM []byte, notAfter time.Time, err error) {
	name, err := p.Name(van)
	if err != nil {
		return nil, time.Time{}, err
	}
	if now.After(p.Cert.NotAfter) {
		return nil, time.Time{}, fmt.Errorf("issue certificate for pages: the authority expired on %s", p.Cert.NotAfter.Format(time.DateOnly))
	}
	from := p.Cert.NotBefore
	if lead := now.Add(-pageLead); lead.After(from) { // with an old authority's birth little would be left of 825 days
		from = lead
	}
	from = from.UTC().Truncate(time.Second)
	template := &x509.Certificate{Subject: pkix.Name{CommonName: string(van)}, DNSNames: []string{name}, NotBefore: from,
		NotAfter: minTime(from.Add(pageLife), p.Cert.NotAfter), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := sign(template, p.Cert, key, p.key)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("issue certificate for pages: %w", err)
	}
	return certToPEM(der), template.NotAfter, nil
}

// Page is what a card needs to serve a van's pages.
type Page struct {
	Name     string // that phones open
	CertPEM  []byte
	KeyPEM   []byte
	NotAfter time.Time
}

// NewPage makes a key and a certificate for it.
func (p *Pages) NewPage(van ark.VanID, now time.Time) (Page, error) {
	name, err := p.Name(van)
	if err != nil {
		return Page{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Page{}, fmt.Errorf("make key for pages: %w", err)
	}
	page := Page{Name: name}
	if page.KeyPEM, err = keyToPEM(key); err != nil {
		return Page{}, fmt.Errorf("make key for pages: %w", err)
	}
	page.CertPEM, page.NotAfter, err = p.Issue(van, key.Public(), now)
	return page, err
}
