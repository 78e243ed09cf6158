package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestMetricsAreNotForStrangers(t *testing.T) {
	const token = "a-token-of-the-scraper"
	for name, c := range map[string]struct {
		token, from, head, value string
		want                     int
	}{
		"this machine":          {from: "127.0.0.1:4000", want: http.StatusOK},
		"this machine, IPv6":    {from: "[::1]:4000", want: http.StatusOK},
		"mapped":                {from: "[::ffff:127.0.0.1]:4000", want: http.StatusOK},
		"a stranger":            {from: "192.0.2.7:4000", want: http.StatusUnauthorized},
		"through a proxy":       {from: "127.0.0.1:4000", head: "X-Forwarded-For", value: "192.0.2.7", want: http.StatusUnauthorized},
		"with the token":        {token: token, from: "192.0.2.7:4000", head: "Authorization", value: "Bearer " + token, want: http.StatusOK},
		"with another token":    {token: token, from: "192.0.2.7:4000", head: "Authorization", value: "Bearer x", want: http.StatusUnauthorized},
		"here without it":       {token: token, from: "127.0.0.1:4000", want: http.StatusUnauthorized},
		"empty where none is":   {from: "192.0.2.7:4000", head: "Authorization", value: "Bearer ", want: http.StatusUnauthorized},
		"an address of no kind": {from: "@", want: http.StatusUnauthorized},
	} {
		h := guardMetrics(c.token, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr = c.from
		if c.head != "" {
			r.Header.Set(c.head, c.value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: got %d, want %d", name, w.Code, c.want)
		}
	}
}
