package crew

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"ark"
	"ark/agent"
	"ark/internal/web"
)

// caller is the phone, and the person on it, that a request comes from.
type caller struct {
	ark.Phone
	member ark.CrewMember // who signed in with a PIN; ID zero: nobody
}

// tokenBytes is the length of a phone's token.
const tokenBytes = 32

// call is one call of the API: it answers with a status and a body, or with an
// error. A nil body is none.
type call func(r *http.Request, by caller) (status int, body any, err error)

// phoned lets only enrolled phones make a call, each at the rate of f.
func (c *Crew) phoned(f *flood[ark.ID], do call) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		by, err := c.callerOf(r)
		if err == nil && !f.takes(by.ID, c.c.Now().Mono) {
			err = wrong(http.StatusTooManyRequests, "many", "")
		}
		if err != nil {
			c.refuse(w, r, err)
			return
		}
		c.answer(w, r, func(r *http.Request) (int, any, error) {
			status, body, err := do(r, by)
			if err != nil && ourFault(err) {
				f.back(by.ID) // whoever tries again while the card is ill is to read that
			}
			return status, body, err
		})
	}
}

// mostLarge is how many large answers are made at a time: a list of visits as
// long as visits may be has some 25 MB, and is in memory twice. mostFinds is
// how many searches: half of a Pi's cores.
const (
	mostLarge = 4
	mostFinds = 2
)

// lets makes few calls at a time.
func (q *queue) lets(do call) call {
	return func(r *http.Request, by caller) (int, any, error) {
		leave, err := q.enter(r.Context(), by.ID)
		if err != nil {
			return 0, nil, err
		}
		defer leave()
		return do(r, by)
	}
}

// inTurn is phoned for calls with large answers: few are made at a time, until
// the phone has read them.
func (c *Crew) inTurn(f *flood[ark.ID], do call) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		leave := func() {}
		defer func() { leave() }()
		c.phoned(f, func(r *http.Request, by caller) (status int, body any, err error) {
			end, err := c.large.enter(r.Context(), by.ID)
			if err != nil {
				return 0, nil, err
			}
			leave = end
			return do(r, by)
		})(w, r)
	}
}

// anybody lets whoever is on the van's network make a call.
func (c *Crew) anybody(do func(r *http.Request) (int, any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { c.answer(w, r, do) }
}

func (c *Crew) answer(w http.ResponseWriter, r *http.Request, do func(r *http.Request) (int, any, error)) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	status, body, err := do(r)
	switch {
	case err != nil:
		c.refuse(w, r, err)
	case body == nil:
		w.WriteHeader(status)
	default:
		web.JSON(w, status, body)
	}
}

// callerOf finds the phone of a request by its token. The token is looked up
// by its SHA-256: how long that takes tells at most of hashes, and whoever
// could use that would have to find tokens to hashes, so nothing here needs
// constant time. Nor are tries counted: a token has 256 random bits.
func (c *Crew) callerOf(r *http.Request) (by caller, err error) {
	h, ok := bearer(r)
	if ok {
		by.Phone, err = c.c.People.PhoneOf(r.Context(), h)
	}
	switch {
	case !ok || errors.Is(err, agent.ErrNotThere):
		return by, wrong(http.StatusUnauthorized, "unknown-phone", "")
	case err == nil && by.Struck:
		return by, agent.ErrStruck
	case err != nil:
		return by, err
	}
	by.member, err = c.signedIn(r, by.ID)
	return by, err
}

// bearer is the hash of a request's token.
func bearer(r *http.Request) (h ark.Hash, ok bool) {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if !strings.EqualFold(kind, "Bearer") || err != nil || len(raw) != tokenBytes {
		return h, false
	}
	return ark.HashOf(raw), true
}
