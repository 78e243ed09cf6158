// Package process is what the long-running programs have in common: how they
// start, tell systemd that they live, serve pages, and end. It is the one
// door to go-systemd.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Signals is a context that ends with SIGINT or SIGTERM; a second one ends
// the program at once.
func Signals() (ctx context.Context, stop func()) {
	ctx, stop = signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// Logger writes structured lines to w; format is "text" or "json".
func Logger(w io.Writer, format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// Build is the program's release, and when its source was committed: the
// version of a tagged build, else the commit. The time is zero if unknown.
func Build() (release string, at time.Time) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", time.Time{}
	}
	release = info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			if release == "" || release == "(devel)" {
				release = s.Value[:min(12, len(s.Value))]
			}
		case "vcs.time":
			at, _ = time.Parse(time.RFC3339, s.Value) // zero: unknown
		}
	}
	if release == "" {
		release = "(devel)"
	}
	return release, at
}

// Alive tells systemd that the program is ready, and from then on feeds its
// watchdog as long as healthy says so, until ctx ends. Without systemd it
// does nothing.
func Alive(ctx context.Context, log *slog.Logger, healthy func() error) error {
	if _, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
		log.Warn("systemd was not told", "err", err)
	}
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(every / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			daemon.SdNotify(false, daemon.SdNotifyStopping)
			return nil
		case <-tick.C:
			if err := healthy(); err != nil {
				log.Error("the watchdog is not fed", "err", err)
				continue
			}
			daemon.SdNotify(false, daemon.SdNotifyWatchdog)
		}
	}
}

// ErrPortTaken says that another program listens there already.
var ErrPortTaken = errors.New("the port is taken")

// Listen listens on a TCP address; a taken port is ErrPortTaken.
func Listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen on %s: %w", addr, ErrPortTaken)
	}
	return l, err
}

// mostStreams is the most requests at a time of one connection of HTTP/2: more
// than a page has pictures, and each may hold a form in memory.
const mostStreams = 32

// Server limits what a client of pages can cost: 10 s for a request's head,
// 30 s for all of it, 16 kB of headers, mostStreams. A page that streams lifts
// its own write limit.
func Server(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: mostStreams}, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
}

// Serve serves until ctx ends, then gives requests three seconds to end. It
// speaks TLS where there is a certificate file, or the server has a
// configuration for it.
func Serve(ctx context.Context, s *http.Server, l net.Listener, certFile, keyFile string) error {
	s.BaseContext = func(net.Listener) context.Context { return ctx } // streams end when we do
	ended := make(chan error, 1)
	go func() {
		if certFile != "" || s.TLSConfig != nil {
			ended <- s.ServeTLS(l, certFile, keyFile)
			return
		}
		ended <- s.Serve(l)
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("serve pages: %w", err)
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if s.Shutdown(late) != nil {
		s.Close()
	}
	<-ended
	return nil
}
