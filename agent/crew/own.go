package crew

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"ark"
	"ark/agent"
)

// The plain page has no sign-in, and whoever is on the van's Wi-Fi may open
// it. It shows people's names and needs only where they were typed: each
// browser sees the visits that it logged itself, by a cookie with their ids.
// The van's own screen shows all.
const (
	ownCookie = "own"
	mostOwn   = 20  // visits that a browser remembers as its own
	lookBack  = 200 // visits among which they are looked for
)

// ownVisits are the ids of the visits that a browser logged, newest first.
func ownVisits(r *http.Request) (ids []ark.ID) {
	c, err := r.Cookie(ownCookie)
	if err != nil {
		return nil
	}
	for part := range strings.SplitSeq(c.Value, ".") {
		var id ark.ID
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err == nil && len(raw) == len(id) && len(ids) < mostOwn {
			copy(id[:], raw)
			ids = append(ids, id)
		}
	}
	return ids
}

// rememberOwn lets a browser remember one more visit as its own.
func rememberOwn(w http.ResponseWriter, r *http.Request, id ark.ID) {
	ids := append([]ark.ID{id}, slices.DeleteFunc(ownVisits(r), func(other ark.ID) bool { return other == id })...)
	var parts []string
	for _, id := range ids[:min(len(ids), mostOwn)] {
		parts = append(parts, base64.RawURLEncoding.EncodeToString(id[:]))
	}
	http.SetCookie(w, &http.Cookie{Name: ownCookie, Value: strings.Join(parts, "."), Path: "/", MaxAge: 12 * 3600, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// recent are the last visits that a browser may see; all tells that those are
// everybody's.
func (c *Crew) recent(r *http.Request) (list []agent.Visit, all bool, err error) {
	if _, far := phone(r); !far {
		list, err = c.c.Visits.Recent(r.Context(), shown)
		return list, true, err
	}
	own := ownVisits(r)
	list, err = c.c.Visits.Recent(r.Context(), lookBack)
	return slices.DeleteFunc(list, func(v agent.Visit) bool { return !slices.Contains(own, v.ID) }), false, err
}
