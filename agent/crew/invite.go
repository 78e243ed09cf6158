package crew

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"ark"
)

// Limits of an enrolment code.
const (
	inviteFor    = 10 * time.Minute
	wrongCodes   = 5               // after so many by one address its digits are void for that address
	wrongInAll   = 100             // and after so many by all of them for everybody: a chance of one in a million
	welcomeFor   = 5 * time.Minute // after somebody held Stop on the real panel
	codeDigits   = 8
	codesInAll   = 100_000_000
	inviteCookie = "invite"
)

// invitation is the enrolment code that is shown, once there is one: digits
// that a person can type, and a word in the QR code that nobody guesses, so
// that whoever tries digits cannot keep out who scans. One phone uses it once;
// asked the same again by that phone, because the answer was lost, it answers
// the same.
type invitation struct {
	mu     sync.Mutex
	digits string
	word   string
	until  time.Duration // monotonic
	wrong  map[netip.Addr]int
	all    int    // of wrong
	shown  string // the word of the browser that it is shown to; empty: an enrolled phone
	used   ark.ID // by which phone, as it calls itself
	phone  ark.ID // as the van calls it
	token  string // that this phone was given
}

// admits tells whether somebody may enrol with a code. The caller holds mu.
func (i *invitation) admits(code string, from netip.Addr, now time.Duration) bool {
	if i.digits == "" || now >= i.until {
		return false
	}
	if subtle.ConstantTimeCompare([]byte(code), []byte(i.word)) == 1 {
		return true
	}
	if i.all >= wrongInAll || i.wrong[from] >= wrongCodes {
		return false
	}
	if subtle.ConstantTimeCompare([]byte(code), []byte(i.digits)) == 1 {
		return true
	}
	i.wrong[from]++
	i.all++
	return false
}

// invite makes a new code, for the browser with a word of its own; the one
// before is void. Word is what its QR code says.
func (c *Crew) invite(shown string) (digits, word string) {
	var raw [8 + 16]byte
	c.c.Random(raw[:])
	var n uint64
	for _, b := range raw[:8] {
		n = n<<8 | uint64(b)
	}
	i := &c.invitation
	i.mu.Lock()
	defer i.mu.Unlock()
	i.digits = fmt.Sprintf("%0*d", codeDigits, n%codesInAll) // the bias of the rest is below 1e-11
	i.word = base64.RawURLEncoding.EncodeToString(raw[8:])
	i.until = c.c.Now().Mono + inviteFor
	i.wrong, i.all, i.shown, i.used, i.token = map[netip.Addr]int{}, 0, shown, ark.ID{}, ""
	return i.digits, i.word
}

// showing is the code that a browser may still see, and for how long it is
// good; empty: none. taken tells that a phone has used it.
func (c *Crew) showing(shown string) (digits, word string, left time.Duration, taken bool) {
	i := &c.invitation
	i.mu.Lock()
	defer i.mu.Unlock()
	left = i.until - c.c.Now().Mono
	if shown == "" || i.shown != shown || left <= 0 {
		return "", "", 0, false
	}
	if i.digits == "" || !i.used.IsZero() {
		return "", "", 0, !i.used.IsZero()
	}
	return i.digits, i.word, left, false
}

// mayInvite tells whether an enrolment code may be shown to whoever asks. The
// panel page opens for everybody on the van's network, so the network alone is
// no proof of anything. It is shown on the van's own screen, and anywhere for
// five minutes after somebody held Stop on the real panel for three seconds:
// who can do that stands in the van. A phone that is enrolled may invite
// another, too (POST /api/2/codes).
func (c *Crew) mayInvite(r *http.Request) bool {
	if _, far := phone(r); !far {
		return true
	}
	status, _ := c.c.Status()
	return status.Welcomed > 0 && c.c.Now().Mono-status.Welcomed < welcomeFor
}

// link is the address in the QR code. The code stands behind the #, which
// browsers send to nobody.
func (c *Crew) link(r *http.Request, word string) string {
	base := c.c.Address()
	if base == "" {
		base = "http://" + r.Host
		if r.TLS != nil {
			base = "https://" + r.Host
		}
	}
	return base + "/#enrol=" + url.QueryEscape(word)
}

type phoneSaid struct {
	ID   ark.ID `json:"id"`
	Code string `json:"code"`
	Name string `json:"name"`
}

type phoneTold struct {
	Token string    `json:"token"`
	Phone ark.ID    `json:"phone"`
	Name  string    `json:"name"`
	Van   ark.VanID `json:"van"`
}

// enrol makes a phone known, for a code. The id by which a phone calls itself
// goes no further: with the code it is what the same answer is given for once
// more, and whoever showed the code must not learn it from a list. The van calls
// the phone by an id of its own.
func (c *Crew) enrol(r *http.Request) (int, any, error) {
	from, far := phone(r)
	if far && !c.guesses.takes(from, c.c.Now().Mono) {
		return 0, nil, wrong(http.StatusTooManyRequests, "many", "")
	}
	var said phoneSaid
	if err := read(r, &said); err != nil {
		return 0, nil, err
	}
	switch {
	case said.ID.IsZero():
		return 0, nil, wrong(http.StatusBadRequest, "json", "id")
	case said.Name == "":
		return 0, nil, wrong(http.StatusUnprocessableEntity, "name", "name")
	}
	i := &c.invitation
	i.mu.Lock()
	defer i.mu.Unlock()
	now := c.c.Now()
	if !i.admits(said.Code, from, now.Mono) || !i.used.IsZero() && i.used != said.ID {
		return 0, nil, wrong(http.StatusForbidden, "code", "code")
	}
	if i.used.IsZero() {
		raw := make([]byte, tokenBytes)
		c.c.Random(raw)
		p := ark.Phone{ID: c.c.NewID(now.Wall), Name: said.Name, Verifier: ark.HashOf(raw), At: now.Wall}
		if err := p.Check(); err != nil {
			return 0, nil, err
		}
		if err := c.c.People.Enrol(r.Context(), p); err != nil {
			return 0, nil, err
		}
		c.c.Log.Info("a phone was enrolled", "phone", p.ID, "name", p.Name)
		i.used, i.phone, i.token = said.ID, p.ID, base64.RawURLEncoding.EncodeToString(raw)
	}
	return http.StatusCreated, phoneTold{Token: i.token, Phone: i.phone, Name: said.Name, Van: c.c.Van}, nil
}
