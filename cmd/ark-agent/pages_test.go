package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"ark/agent/front"
	"ark/internal/process"
	"ark/internal/testca"
)

// Connections are bounded, and each is one request at a time: over HTTP/2 one
// phone would have thousands, each with a form in the van's memory.
func TestAConnectionIsOneRequestAtATime(t *testing.T) {
	const name = "van-1.ark.internal"
	ca, dir, now := testca.New(t), t.TempDir(), time.Now()
	house := front.Pair{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	testca.Write(t, house.Cert, house.Key, ca.Page(t, name, now.Add(-time.Hour), now.Add(time.Hour)))
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) })
	quiet := slog.New(slog.DiscardHandler)
	f, err := front.New(front.Config{Van: "van-1", Name: name, House: house, Now: time.Now, Zone: time.UTC, App: app, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	l, err := process.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := (&van{front: f, log: quiet}).secure()
	ended := make(chan error, 1)
	go func() { ended <- process.Serve(t.Context(), s, l, "", "") }()
	t.Cleanup(func() { s.Close(); <-ended })
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.PEM())
	client := http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: name}}}
	defer client.CloseIdleConnections()
	res, err := client.Get("https://" + l.Addr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, _ := io.ReadAll(res.Body); string(got) != "HTTP/1.1" {
		t.Errorf("it speaks %s", got)
	}
}
