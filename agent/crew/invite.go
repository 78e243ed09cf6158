package crew

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"ark"
	"ark/agent"
)

// Limits of an enrolment code.
const (
	inviteFor    = 10 * time.Minute
	wrongCodes   = 5               // after so many it is void
	welcomeFor   = 5 * time.Minute // after somebody held Stop on the real panel
	codeDigits   = 8
	codesInAll   = 100_000_000
	inviteCookie = "invite"
)

// invitation is the enrolment code that is shown, once there is one. One phone
// uses it once; asked the same again by that phone, because the answer was
// lost, it answers the same.
type invitation struct {
	mu    sync.Mutex
	code  string
	until time.Duration // monotonic
	wrong int
	shown string // the word of the browser that it is shown to; empty: an enrolled phone
	used  ark.ID // by which phone, as it calls itself
	phone ark.ID // as the van calls it
	token string // that this phone was given
}

// invite makes a new code, for the browser with a word of its own; the one
// before is void.
func (c *Crew) invite(shown string) (code string, until time.Duration) {
	var raw [8]byte
	c.c.Random(raw[:])
	var n uint64
	for _, b := range raw {
		n = n<<8 | uint64(b)
	}
	i := &c.invitation
	i.mu.Lock()
	defer i.mu.Unlock()
	i.code = fmt.Sprintf("%0*d", codeDigits, n%codesInAll) // the bias of the rest is below 1e-11
	i.until = c.c.Now().Mono + inviteFor
	i.wrong, i.shown, i.used, i.token = 0, shown, ark.ID{}, ""
	return i.code, i.until
}

// showing is the code that a browser may still see, and for how long it is
// good; empty: none. taken tells that a phone has used it.
func (c *Crew) showing(shown string) (code string, left time.Duration, taken bool) {
	i := &c.invitation
	i.mu.Lock()
	defer i.mu.Unlock()
	left = i.until - c.c.Now().Mono
	if shown == "" || i.shown != shown || left <= 0 {
		return "", 0, false
	}
	if i.code == "" || !i.used.IsZero() {
		return "", 0, !i.used.IsZero()
	}
	return i.code, left, false
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
func (c *Crew) link(r *http.Request, code string) string {
	base := c.c.Address()
	if base == "" {
		base = "http://" + r.Host
		if r.TLS != nil {
			base = "https://" + r.Host
		}
	}
	return base + "/#enrol=" + url.QueryEscape(code)
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

// enrol makes a phone known, for a code.
func (c *Crew) enrol(r *http.Request) (int, any, error) {
	if from, far := phone(r); far && !c.guesses.takes(from, c.c.Now().Mono) {
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
	if i.code == "" || now.Mono >= i.until || i.wrong >= wrongCodes {
		return 0, nil, wrong(http.StatusForbidden, "code", "code")
	}
	if subtle.ConstantTimeCompare([]byte(said.Code), []byte(i.code)) != 1 {
		i.wrong++
		return 0, nil, wrong(http.StatusForbidden, "code", "code")
	}
	told := phoneTold{Token: i.token, Phone: i.phone, Name: said.Name, Van: c.c.Van}
	if i.used == said.ID {
		return http.StatusCreated, told, nil
	}
	if !i.used.IsZero() {
		return 0, nil, wrong(http.StatusForbidden, "code", "code")
	}
	raw := make([]byte, tokenBytes)
	c.c.Random(raw)
	p := ark.Phone{ID: said.ID, Name: said.Name, Verifier: ark.HashOf(raw), At: now.Wall}
	if err := p.Check(); err != nil {
		return 0, nil, err
	}
	err := c.c.People.Enrol(r.Context(), p)
	if errors.Is(err, agent.ErrTaken) { // it was enrolled before and never heard the answer: that phone nobody has
		p.ID = c.c.NewID(now.Wall)
		err = c.c.People.Enrol(r.Context(), p)
	}
	if err != nil {
		return 0, nil, err
	}
	c.c.Log.Info("a phone was enrolled", "phone", p.ID, "name", p.Name)
	i.used, i.phone, i.token = said.ID, p.ID, base64.RawURLEncoding.EncodeToString(raw)
	told.Phone, told.Token = i.phone, i.token
	return http.StatusCreated, told, nil
}
