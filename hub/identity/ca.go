// Package identity says who is who: the house's certificate authority, the
// certificates of devices and which of them are admitted, and the accounts of
// staff.
package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"ark"
)

// Files of an authority's folder.
const (
	caCertFile  = "ca.pem"
	caKeyFile   = "ca-key.pem"
	hubCertFile = "hub.pem"
	hubKeyFile  = "hub-key.pem"
	timeKeyFile = "time-key.pem"
	ticketFile  = "tickets.key"
	deviceFile  = "devices.jsonl"
)

// Lifetimes. A van's clock may be years off, so revocation is by list and
// not by waiting.
const (
	caLife     = 30 * 365 * 24 * time.Hour
	hubLife    = 10 * 365 * 24 * time.Hour
	deviceLife = 5 * 365 * 24 * time.Hour
)

// ErrExists says that there is something already where a new authority or
// device was to be made. Nothing was touched.
var ErrExists = errors.New("exists already")

// CA is an authority in a folder.
type CA struct {
	dir  string
	Cert *x509.Certificate
	key  crypto.Signer
}

// InitCA makes an authority in a new or empty folder: its own certificate, the
// hub's certificate for the names (DNS names or IP addresses), the key that
// signs words of time, and the keys of TLS session tickets.
func InitCA(dir string, names []string, now time.Time) (*CA, error) {
	for _, name := range []string{caCertFile, deviceFile} {
		if st, err := os.Stat(filepath.Join(dir, name)); err == nil && st.Size() > 0 {
			return nil, fmt.Errorf("make authority in %s: %s: %w", dir, name, ErrExists)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	born := now.Add(-time.Hour).UTC().Truncate(time.Second)
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "Service Ark CA"}, NotBefore: born, NotAfter: born.Add(caLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	der, err := sign(template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	ca := &CA{dir: dir, Cert: cert, key: key}
	if err := ca.initFiles(names); err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	return ca, nil
}

func (ca *CA) initFiles(names []string) error {
	hub := &x509.Certificate{Subject: pkix.Name{CommonName: "hub"}, NotBefore: ca.Cert.NotBefore, NotAfter: ca.Cert.NotBefore.Add(hubLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			hub.IPAddresses = append(hub.IPAddresses, ip)
		} else {
			hub.DNSNames = append(hub.DNSNames, n)
		}
	}
	certPEM, keyPEM, err := ca.issue(hub)
	if err != nil {
		return err
	}
	_, timeKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	timePEM, err := keyToPEM(timeKey)
	if err != nil {
		return err
	}
	caKeyPEM, err := keyToPEM(ca.key)
	if err != nil {
		return err
	}
	ticket := make([]byte, 32)
	rand.Read(ticket)
	for name, data := range map[string][]byte{hubCertFile: certPEM, hubKeyFile: keyPEM, timeKeyFile: timePEM, ticketFile: ticket,
		caKeyFile: caKeyPEM, deviceFile: nil} {
		if err := replaceFile(filepath.Join(ca.dir, name), data, 0o600); err != nil {
			return err
		}
	}
	// the authority's certificate last: with it the folder counts as made
	return replaceFile(filepath.Join(ca.dir, caCertFile), certToPEM(ca.Cert.Raw), 0o644)
}

// OpenCA reads the authority in a folder.
func OpenCA(dir string) (*CA, error) {
	cert, err := readCert(filepath.Join(dir, caCertFile))
	if err != nil {
		return nil, fmt.Errorf("open authority: %w", err)
	}
	key, err := readKey(filepath.Join(dir, caKeyFile))
	if err != nil {
		return nil, fmt.Errorf("open authority: %w", err)
	}
	if !key.Public().(*ecdsa.PublicKey).Equal(cert.PublicKey) {
		return nil, fmt.Errorf("open authority: %s does not belong to %s", caKeyFile, caCertFile)
	}
	return &CA{dir: dir, Cert: cert, key: key}, nil
}

// Device is a device certificate as it goes onto a card.
type Device struct {
	Van      ark.VanID
	Serial   string // lower-case hexadecimal
	CertPEM  []byte
	KeyPEM   []byte
	NotAfter time.Time
}

// Issue makes a certificate for a van. It is admitted only once the registry
// has it.
func (ca *CA) Issue(van ark.VanID, now time.Time) (Device, error) {
	if now.After(ca.Cert.NotAfter) {
		return Device{}, fmt.Errorf("issue certificate: the authority expired on %s", ca.Cert.NotAfter.Format(time.DateOnly))
	}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: string(van)}, NotBefore: ca.Cert.NotBefore,
		NotAfter: minTime(now.Add(deviceLife), ca.Cert.NotAfter).UTC().Truncate(time.Second),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	certPEM, keyPEM, err := ca.issue(template)
	if err != nil {
		return Device{}, fmt.Errorf("issue certificate: %w", err)
	}
	return Device{Van: van, Serial: template.SerialNumber.Text(16), CertPEM: certPEM, KeyPEM: keyPEM, NotAfter: template.NotAfter}, nil
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// CertPEM is the authority's certificate.
func (ca *CA) CertPEM() []byte { return certToPEM(ca.Cert.Raw) }

// issue makes a key and a certificate for it.
func (ca *CA) issue(template *x509.Certificate) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := sign(template, ca.Cert, key.Public(), ca.key)
	if err != nil {
		return nil, nil, err
	}
	keyPEM, err = keyToPEM(key)
	return certToPEM(der), keyPEM, err
}

func sign(template, parent *x509.Certificate, pub any, key crypto.Signer) (der []byte, err error) {
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return nil, err
	}
	return x509.CreateCertificate(rand.Reader, template, parent, pub, key)
}

// HubTLS is the hub's side of TLS towards vans, and TimeKey what signs words
// of time, from an authority's folder. The authority's own key is not needed.
func HubTLS(dir string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, hubCertFile), filepath.Join(dir, hubKeyFile))
	if err != nil {
		return nil, fmt.Errorf("read the hub's certificate: %w", err)
	}
	ca, err := readCert(filepath.Join(dir, caCertFile))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	cfg := &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert}
	ticket, err := os.ReadFile(filepath.Join(dir, ticketFile))
	if err != nil || len(ticket) != 32 {
		return nil, fmt.Errorf("read session ticket key: want 32 bytes, have %d: %w", len(ticket), err)
	}
	cfg.SetSessionTicketKeys([][32]byte{[32]byte(ticket)}) // kept, so that vans resume after a restart
	return cfg, nil
}

// TimeKey reads the key that signs words of time.
func TimeKey(dir string) (ed25519.PrivateKey, error) {
	key, err := readKey(filepath.Join(dir, timeKeyFile))
	if err != nil {
		return nil, err
	}
	timeKey, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s: not an Ed25519 key", timeKeyFile)
	}
	return timeKey, nil
}

func certToPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func keyToPEM(key any) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func readPEM(path, kind string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("%s: no %s in it", path, kind)
	}
	return block.Bytes, nil
}

func readCert(path string) (*x509.Certificate, error) {
	der, err := readPEM(path, "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func readKey(path string) (crypto.Signer, error) {
	der, err := readPEM(path, "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s: not a signing key", path)
	}
	return signer, nil
}
