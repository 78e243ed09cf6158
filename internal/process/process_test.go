package process

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestATakenPortIsSaid(t *testing.T) {
	if _, err := Listen(listen(t).Addr().String()); !errors.Is(err, ErrPortTaken) {
		t.Errorf("got %v, want ErrPortTaken", err)
	}
	if _, err := Listen("nonsense"); err == nil || errors.Is(err, ErrPortTaken) {
		t.Errorf("an address that is none: %v", err)
	}
}

// A stream that a browser keeps open, and a request that never ends, do not
// keep the program from ending.
func TestServeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	defer close(release)
	m := http.NewServeMux()
	m.HandleFunc("/stream", func(_ http.ResponseWriter, r *http.Request) { arrived <- struct{}{}; <-r.Context().Done() })
	m.HandleFunc("/stuck", func(http.ResponseWriter, *http.Request) { arrived <- struct{}{}; <-release })
	l := listen(t)
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, Server(m, quiet), l, "", "") }()
	for _, path := range []string{"/stream", "/stuck"} {
		go func() {
			if resp, err := http.Get("http://" + l.Addr().String() + path); err == nil {
				resp.Body.Close()
			}
		}()
		<-arrived
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("a stuck request keeps the program from ending")
	}
}

func TestServeSaysWhatIsWrongWithACertificate(t *testing.T) {
	if err := Serve(t.Context(), Server(http.NotFoundHandler(), quiet), listen(t), "missing.pem", "missing-key.pem"); err == nil {
		t.Error("served without a certificate")
	}
}

// The watchdog is fed while the program is healthy, and only then.
func TestAliveFeedsTheWatchdog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", strconv.Itoa(int((90 * time.Millisecond).Microseconds())))
	t.Setenv("WATCHDOG_PID", "")
	var ill atomic.Bool
	asked := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Alive(ctx, quiet, func() error {
			select {
			case asked <- struct{}{}:
			default:
			}
			if ill.Load() {
				return errors.New("ill")
			}
			return nil
		})
	}()
	told := func() string {
		buf := make([]byte, 100)
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	if got := told(); got != "READY=1" {
		t.Errorf("first told %q", got)
	}
	if got := told(); got != "WATCHDOG=1" {
		t.Errorf("then told %q", got)
	}
	ill.Store(true)
	for len(asked) > 0 {
		<-asked
	}
	for range 3 { // asked three times, and not well
		<-asked
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	fed := 0
	for got := told(); got != "STOPPING=1"; got = told() {
		fed++
	}
	if fed > 2 { // one may have been under way when it fell ill
		t.Errorf("fed %d times while ill", fed)
	}
}
