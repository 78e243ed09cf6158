package identity

import (
	"context"
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shake does one TLS handshake and a byte each way.
func shake(t *testing.T, server, client *tls.Config) error {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	must(t, err)
	defer l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		b := make([]byte, 1)
		if _, err := c.Read(b); err == nil {
			c.Write(b)
		}
	}()
	defer func() { l.Close(); <-done }()
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", l.Addr().String(), client)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Write([]byte{1}); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, 1))
	return err
}

func TestAVanAndTheHubShakeHands(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	_, err := InitCA(dir, []string{"hub.test", "127.0.0.1"}, now)
	must(t, err)
	if _, err := InitCA(dir, nil, now); !errors.Is(err, ErrExists) {
		t.Fatalf("a second init: %v, want ErrExists", err)
	}
	ca, err := OpenCA(dir)
	must(t, err)
	device, err := ca.Issue("van-1", now)
	must(t, err)
	server, err := HubTLS(dir)
	must(t, err)
	pair, err := tls.X509KeyPair(device.CertPEM, device.KeyPEM)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.CertPEM())
	client := &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, ServerName: "hub.test", MinVersion: tls.VersionTLS13}
	must(t, shake(t, server, client))

	waking := client.Clone() // a van that wakes in 1970 takes the time it was made as the floor
	waking.Time = func() time.Time { return time.Unix(0, 0) }
	if err := shake(t, server, waking); err == nil {
		t.Fatal("a clock of 1970 alone must not do")
	}
	waking.Time = func() time.Time { return now }
	must(t, shake(t, server, waking))

	late := server.Clone()
	late.Time = func() time.Time { return device.NotAfter.Add(time.Hour) }
	if err := shake(t, late, client); err == nil {
		t.Fatal("an expired device certificate was let in")
	}
	other, err := InitCA(t.TempDir(), []string{"hub.test"}, now)
	must(t, err)
	foreign, err := other.Issue("van-1", now)
	must(t, err)
	pair, err = tls.X509KeyPair(foreign.CertPEM, foreign.KeyPEM)
	must(t, err)
	client.Certificates = []tls.Certificate{pair}
	if err := shake(t, server, client); err == nil {
		t.Fatal("a foreign device certificate was let in")
	}
	if _, err := TimeKey(dir); err != nil {
		t.Fatal(err)
	}
}

// What is left of an authority is never overwritten.
func TestAnAuthorityIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	_, err := InitCA(dir, []string{"hub.test"}, time.Now())
	must(t, err)
	d, err := OpenDevices(dir)
	must(t, err)
	must(t, d.Add("van-1", "ab01", time.Now()))
	must(t, os.Remove(filepath.Join(dir, caCertFile))) // a slip of the hand
	if _, err := InitCA(dir, []string{"hub.test"}, time.Now()); !errors.Is(err, ErrExists) {
		t.Errorf("init over a list of devices: %v, want ErrExists", err)
	}
	for name, want := range map[string]os.FileMode{caKeyFile: 0o600, hubKeyFile: 0o600, timeKeyFile: 0o600, ticketFile: 0o600, deviceFile: 0o600} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, st.Mode(), err)
		}
	}
}

// A van resumes its TLS session with a hub that was started anew.
func TestTicketsOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	ca, err := InitCA(dir, []string{"hub.test"}, time.Now())
	must(t, err)
	device, err := ca.Issue("van-1", time.Now())
	must(t, err)
	pair, err := tls.X509KeyPair(device.CertPEM, device.KeyPEM)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.CertPEM())
	var resumed []bool
	client := &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, ServerName: "hub.test", MinVersion: tls.VersionTLS13,
		ClientSessionCache: tls.NewLRUClientSessionCache(1),
		VerifyConnection:   func(s tls.ConnectionState) error { resumed = append(resumed, s.DidResume); return nil }}
	for range 2 {
		server, err := HubTLS(dir) // as each start does
		must(t, err)
		must(t, shake(t, server, client))
	}
	if len(resumed) != 2 || resumed[0] || !resumed[1] {
		t.Errorf("resumed: %v", resumed)
	}
}

func TestRevocationReachesARunningHub(t *testing.T) {
	dir := t.TempDir()
	_, err := InitCA(dir, []string{"hub.test"}, time.Now())
	must(t, err)
	running, err := OpenDevices(dir)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	revoked := make(chan ark.VanID, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		running.Watch(ctx, func(v ark.VanID) { revoked <- v }, func(err error) { t.Error(err) })
	}()
	defer func() { cancel(); <-done }()

	tool, err := OpenDevices(dir) // another process
	must(t, err)
	must(t, tool.Add("van-1", "ab01", time.Now()))
	if tool.Admit("van-2", "ab01") || tool.Admit("van-1", "ff") || !tool.Admit("van-1", "ab01") {
		t.Fatal("the list admits the wrong ones")
	}
	deadline := time.After(5 * time.Second)
	for !running.Admit("van-1", "ab01") {
		select {
		case <-deadline:
			t.Fatal("the hub does not see the new van")
		case <-time.After(10 * time.Millisecond):
		}
	}
	began := time.Now()
	must(t, tool.Revoke("van-1", time.Now()))
	if v := <-revoked; v != "van-1" || running.Admit("van-1", "ab01") {
		t.Fatalf("revoked %s, still admitted: %v", v, running.Admit("van-1", "ab01"))
	}
	if took := time.Since(began); took > time.Second {
		t.Fatalf("it took %v", took)
	}
	if err := tool.Revoke("van-1", time.Now()); !errors.Is(err, ErrUnknownVan) {
		t.Fatalf("revoking again: %v", err)
	}
}

func TestWaitsDoubleAndEnd(t *testing.T) {
	tries, now := tries{}, time.Unix(0, 0)
	for n, want := range []time.Duration{0, 0, 0, 0, 1 * time.Second, 2 * time.Second, 4 * time.Second} {
		tries.failed("k", now)
		if got := tries["k"].wait(); got != want {
			t.Errorf("after %d wrong tries wait %v, want %v", n+1, got, want)
		}
	}
	for range 100 {
		tries.failed("k", now)
	}
	if got := tries["k"].wait(); got != mostWait {
		t.Errorf("at most %v, got %v", mostWait, got)
	}
}
