// Package testca is a certificate authority for tests: it makes what a hub
// and its vans need to speak mutual TLS on the loopback interface.
package testca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"
)

// CA signs certificates.
type CA struct {
	cert *x509.Certificate
	key  crypto.Signer
	Pool *x509.CertPool
}

// New makes an authority.
func New(t testing.TB) *CA {
	t.Helper()
	ca := &CA{Pool: x509.NewCertPool()}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "test CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}
	cert := ca.sign(t, template, nil, nil)
	ca.cert, ca.key = cert.Leaf, cert.PrivateKey.(crypto.Signer)
	ca.Pool.AddCert(ca.cert)
	return ca
}

// Hub is the server's configuration: TLS 1.3, client certificates of this CA.
func (ca *CA) Hub(t testing.TB) *tls.Config {
	t.Helper()
	cert := ca.sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: "hub"}, DNSNames: []string{"localhost", "hub.test"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, ca.cert, ca.key)
	return &tls.Config{Certificates: []tls.Certificate{cert}, ClientCAs: ca.Pool, MinVersion: tls.VersionTLS13,
		ClientAuth: tls.RequireAndVerifyClientCert}
}

// Van is a van's configuration towards a hub on 127.0.0.1.
func (ca *CA) Van(t testing.TB, name string) *tls.Config {
	t.Helper()
	cert := ca.sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, ca.cert, ca.key)
	return &tls.Config{Certificates: []tls.Certificate{cert}, RootCAs: ca.Pool, ServerName: "localhost", MinVersion: tls.VersionTLS13}
}

// Expired is a van's configuration whose certificate ended an hour ago.
func (ca *CA) Expired(t testing.TB, name string) *tls.Config {
	t.Helper()
	cfg := ca.Van(t, name)
	cfg.Certificates[0] = ca.sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-48 * time.Hour),
		NotAfter: time.Now().Add(-time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, ca.cert, ca.key)
	return cfg
}

// Serial is the serial number of a configuration's certificate, as gates see
// it.
func Serial(c *tls.Config) string { return c.Certificates[0].Leaf.SerialNumber.Text(16) }

func (ca *CA) sign(t testing.TB, template, parent *x509.Certificate, signer crypto.Signer) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		t.Fatal(err)
	}
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	}
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
