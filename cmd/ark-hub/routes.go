package main

import (
	"net/http"
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
	m.Handle("GET /metrics", metrics(o.link, o.ingest))
	return m
}
