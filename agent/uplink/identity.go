package uplink

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// Identity is the van's certificate on its card.
type Identity struct {
	CAFile, CertFile, KeyFile string
	ServerName                string

	last  []byte
	cache tls.ClientSessionCache
}

// TLS reads the files anew, so that a renewed certificate is used from the
// next connection on. Sessions are resumed only with the certificate that
// they were begun with. It is not safe for concurrent use.
func (i *Identity) TLS() (*tls.Config, error) {
	ca, err := os.ReadFile(i.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read certificate authority: %w: %w", errFiles, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("read certificate authority: %w: no certificate in %s", errFiles, i.CAFile)
	}
	cert, err := os.ReadFile(i.CertFile)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w: %w", errFiles, err)
	}
	key, err := os.ReadFile(i.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("read key: %w: %w", errFiles, err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("read certificate and key: %w: %w", errFiles, err)
	}
	if state := append(bytes.Clone(cert), ca...); i.cache == nil || !bytes.Equal(state, i.last) {
		i.cache, i.last = tls.NewLRUClientSessionCache(2), state
	}
	return &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, ServerName: i.ServerName,
		MinVersion: tls.VersionTLS13, ClientSessionCache: i.cache}, nil
}
