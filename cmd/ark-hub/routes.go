package main

import (
	"crypto/subtle"
	"net/http"
	"net/netip"
)

// routes is all that the hub serves over HTTP: what machines ask for here,
// and the console for people.
func (o *office) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("ok\n")) // that this answers is the news
	})
	m.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := o.store.Ping(r.Context()); err != nil {
			o.log.Error("not ready", "err", err)
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("ok\n"))
	})
	m.Handle("GET /metrics", guardMetrics(o.config.MetricsToken, metrics(o.link, o.ingest, o.counter, o.config.Data, o.store.Behind, o.store.Unfindable)))
	m.Handle("/", o.console.Handler())
	return m
}

// guardMetrics keeps /metrics from strangers. With metrics_token in hub.toml
// a scraper sends it as "Authorization: Bearer …"; without one, only programs
// on this machine are answered, and not what a proxy on it passes on.
func guardMetrics(token string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token != "" && subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+token)) == 1 ||
			token == "" && local(r) {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "metrics are for this machine, or for who has metrics_token of hub.toml", http.StatusUnauthorized)
	})
}

// local tells a request of a program on this machine from what a proxy passes
// on.
func local(r *http.Request) bool {
	for _, passed := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(passed) != "" {
			return false
		}
	}
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && at.Addr().Unmap().IsLoopback()
}
