package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"ark/agent/front"
	"ark/internal/process"
)

// names are the DNS names under which phones open the crew's pages.
func (v *van) names() []string {
	if v.config.Name == "" {
		return v.config.Names
	}
	return append([]string{v.config.Name}, v.config.Names...)
}

// address is where phones open the crew's app; empty: wherever a browser came.
func (v *van) address() string {
	if v.front == nil || v.config.HTTPS == "" {
		return ""
	}
	return v.front.Address()
}

// pagesUntil is when the last certificate for phones ends; zero: there is none.
func (v *van) pagesUntil() time.Time {
	if v.front == nil {
		return time.Time{}
	}
	return v.front.Until()
}

// joinFront puts the door for phones before the crew's pages.
func (v *van) joinFront(zone *time.Location) (err error) {
	c := v.config
	if c.Name == "" || c.HTTPS == "" {
		v.log.Warn("nothing is encrypted between phones and this van: whoever is on its Wi-Fi can listen in; name and https of agent.toml are not set", "listen", c.Listen)
	}
	if c.Name == "" {
		return nil
	}
	v.front, err = front.New(front.Config{Van: c.Van, Name: c.Name, HTTPS: c.HTTPS, HTTP: c.HTTP, Public: front.Pair{Cert: c.PublicCert, Key: c.PublicKey},
		House: front.Pair{Cert: c.PagesCert, Key: c.PagesKey}, HouseCA: c.PagesCA, Now: v.clock.Time, Zone: zone, App: v.pages, Log: v.log})
	if err != nil {
		return fmt.Errorf("make the door for phones: %w", err)
	}
	return nil
}

// Connections to the crew's pages, in all and of one phone, each with one
// request at a time: at most some 70 MB if each sends the largest form that is
// read. Port 80 answers whoever passes by, so it has fewer, and they are
// shorter.
const (
	mostGuests  = 256
	guestsEach  = 48
	mostPassers = 64
	passersEach = 8
	passing     = 10 * time.Second
)

// serveAll serves the crew's pages wherever the configuration says.
func (v *van) serveAll(ctx context.Context, g *errgroup.Group) {
	g.Go(func() error {
		return v.serve(ctx, v.config.Listen, process.Server(v.pages, v.log), mostGuests, guestsEach)
	})
	if v.front == nil {
		return
	}
	if at := v.config.HTTPS; at != "" {
		g.Go(func() error { return v.serve(ctx, at, v.secure(), mostGuests, guestsEach) })
	}
	if at := v.config.HTTP; at != "" {
		s := process.Server(v.front.Plain(), v.log)
		s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout = passing, passing, passing, passing
		g.Go(func() error { return v.serve(ctx, at, s, mostPassers, passersEach) })
	}
}

// secure serves over TLS. It speaks no HTTP/2, in which a connection is
// hundreds of requests at a time: to bound connections would bound nothing, and
// a stranger on the Wi-Fi could take all of a Pi's memory.
func (v *van) secure() *http.Server {
	s := process.Server(v.front.Secure(), v.log)
	s.TLSConfig, s.Protocols = v.front.TLS(), new(http.Protocols)
	s.Protocols.SetHTTP1(true)
	return s
}

// serve serves on an address. A port that is taken is no reason for silence:
// the van goes on and tries again.
func (v *van) serve(ctx context.Context, at string, s *http.Server, most, each int) error {
	for {
		l, err := process.Listen(at)
		if err == nil {
			v.log.Info("the crew's page is served", "at", l.Addr().String(), "tls", s.TLSConfig != nil)
			l = process.Crowd(l, most, each)
			if err = process.Serve(ctx, s, l, "", ""); err == nil {
				return nil
			}
		}
		v.log.Error("the crew's page cannot be served; trying again", "listen", at, "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(5 * time.Second):
		}
	}
}
