package crew

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// nearby are endings of names that nobody can register: a page of another
// site cannot make a browser take the van for itself under one of them.
var nearby = []string{".localhost", ".local", ".lan", ".internal", ".home.arpa"}

// ours tells whether a browser came under an address that can only be the
// van's: a number, a name of the local network, or one from the configuration.
// A site in the internet that makes its own name point to the van (DNS
// rebinding) would else read the visits, and press the buttons, through a
// crew member's phone.
func ours(host string, names []string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(name, ".") {
		return true
	}
	return slices.ContainsFunc(nearby, func(end string) bool { return strings.HasSuffix(name, end) }) ||
		slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// underOurName refuses requests under names of others.
func (c *Crew) underOurName(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ours(r.Host, c.c.Names) {
			http.Error(w, "请用技术员给的网址打开 / open the address that your technician gave you", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}
