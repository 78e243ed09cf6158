package uplink

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"

	"ark/agent"
)

// line is the way to the hub over HTTPS, with the van's certificate.
type line struct {
	tls     func() (*tls.Config, error)
	clock   *agent.Clock // nil: the system's
	opening sync.Mutex   // held while the certificate is read
}

// client is good for a short while, such as one file: the certificate is read
// anew for each connection, and judged by the van's clock.
func (l *line) client() (c *http.Client, hangUp func()) {
	t := &http.Transport{
		DialTLSContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			l.opening.Lock()
			cfg, err := l.tls()
			l.opening.Unlock()
			if err != nil {
				return nil, err
			}
			if l.clock != nil {
				cfg.Time = l.clock.Time
			}
			return dialTLS(ctx, network, addr, cfg)
		},
		ResponseHeaderTimeout: time.Minute, MaxResponseHeaderBytes: 16 << 10, DisableCompression: true,
	}
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: t, CheckRedirect: refuse}, t.CloseIdleConnections
}

const dialTimeout = 20 * time.Second

func dialTLS(ctx context.Context, network, addr string, cfg *tls.Config) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	return (&tls.Dialer{Config: cfg}).DialContext(ctx, network, addr)
}
