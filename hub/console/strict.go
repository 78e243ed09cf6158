package console

import (
	"net/http"
	"strings"

	"ark/hub"
)

// strictly has browsers come back by TLS alone for a year.
const strictly = "max-age=31536000"

// strict says so where it is to be said, to those who came by TLS.
func (c *Console) strict(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.c.Strict && c.sessions.of(r) == c.sessions.tls {
			w.Header().Set("Strict-Transport-Security", strictly)
		}
		h.ServeHTTP(w, r)
	})
}

// unfactored tells whether an account must have a second factor and has none.
// One without a password comes in by what has its own rules: a passkey, or the
// organisation's sign-in.
func (c *Console) unfactored(a hub.Account) bool {
	return c.c.NeedsSecond != nil && a.HasPassword && !a.Second() && c.c.NeedsSecond(a)
}

// whileUnfactored tells the pages on which a second factor is turned on.
func whileUnfactored(pattern string) bool {
	_, path, _ := strings.Cut(pattern, " ")
	return path == "/account" || path == "/account/app" || path == "/account/keys" || path == "/account/keys/options" || whileFresh(pattern)
}

// enrol asks for a second factor before anything else.
func (c *Console) enrol(w http.ResponseWriter, r *http.Request) {
	if forMachines(r) {
		tellError(w, http.StatusForbidden, "second")
		return
	}
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}
