package crew

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"sync"
	"time"

	"ark"
	"ark/agent"
)

// session is a person who signed in on a phone. It lasts until it is ended,
// the phone or the person is struck off, the PIN is another, or the agent
// restarts.
type session struct {
	phone, member ark.ID
	verifier      string // of the PIN then
}

// people are who is signed in, and how long each must wait with the next PIN.
type people struct {
	mu       sync.Mutex
	sessions map[ark.Hash]session    // by the SHA-256 of the word that names it
	wait     map[guess]time.Duration // until when, monotonic; only of those of whom the card was asked
}

// guess is a member whose PIN is tried on a phone; phone zero: on any. With
// another PIN it begins anew.
type guess struct {
	member, phone ark.ID
	verifier      string
}

// anywhere is the same on all phones together.
func (g guess) anywhere() guess { return guess{g.member, ark.ID{}, g.verifier} }

func newPeople() people {
	return people{sessions: map[ark.Hash]session{}, wait: map[guess]time.Duration{}}
}

// Bounds of what is remembered; the oldest does not matter, whoever is
// forgotten signs in again.
const mostSessions = 1000

// sessionHeader carries the word that names a session.
const sessionHeader = "X-Ark-Session"

func sessionOf(r *http.Request) (ark.Hash, bool) {
	word := r.Header.Get(sessionHeader)
	return ark.HashOf([]byte(word)), word != ""
}

// signedIn is the crew member who signed in on the phone, by the session that
// the request names; the zero member where there is none.
func (c *Crew) signedIn(r *http.Request, phone ark.ID) (m ark.CrewMember, err error) {
	h, ok := sessionOf(r)
	if !ok {
		return m, nil
	}
	c.people.mu.Lock()
	s, ok := c.people.sessions[h]
	c.people.mu.Unlock()
	if !ok || s.phone != phone {
		return m, nil
	}
	if m, err = c.member(r.Context(), s.member); err != nil || m.ID.IsZero() || m.Verifier != s.verifier {
		return ark.CrewMember{}, err
	}
	return m, nil
}

// member is a crew member who is not struck off; the zero one where there is
// none.
func (c *Crew) member(ctx context.Context, id ark.ID) (ark.CrewMember, error) {
	if id.IsZero() {
		return ark.CrewMember{}, nil
	}
	crew, err := c.c.People.Crew(ctx)
	if err != nil {
		return ark.CrewMember{}, err
	}
	i := slices.IndexFunc(crew.Members, func(m ark.CrewMember) bool { return m.ID == id && !m.Struck })
	if i < 0 {
		return ark.CrewMember{}, nil
	}
	return crew.Members[i], nil
}

// waitAfter is how long a member waits after so many wrong PINs in a row.
func waitAfter(wrong int) time.Duration {
	waits := [...]time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}
	if wrong < freeTries {
		return 0
	}
	return waits[min(wrong-freeTries, len(waits)-1)]
}

// freeTries is how many wrong PINs on one phone cost no waiting but the last,
// and freeInAll on all phones together. So one phone that somebody plays with
// does not keep a member from signing in on another, and many together guess
// no more than is told here.
const (
	freeTries = 5
	freeInAll = 30
)

type pinSaid struct {
	Member ark.ID `json:"member"`
	PIN    string `json:"pin"`
}

// signIn takes a PIN.
func (c *Crew) signIn(r *http.Request, by caller) (int, any, error) {
	var said pinSaid
	if err := read(r, &said); err != nil {
		return 0, nil, err
	}
	m, err := c.member(r.Context(), said.Member)
	if err != nil {
		return 0, nil, err
	}
	if m.Verifier == "" {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "member", "member")
	}
	if len(said.PIN) > 64 {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "long", "pin")
	}
	if err := c.try(r.Context(), by.ID, m, said.PIN); err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, map[string]any{"session": c.begin(by.ID, m), "member": m.ID, "name": m.Name}, nil
}

// try counts a try on the card, then judges it: whoever cuts the power at the
// right moment has used it up all the same.
func (c *Crew) try(ctx context.Context, phone ark.ID, m ark.CrewMember, pin string) error {
	verifier, err := readVerifier(m.Verifier)
	if err != nil {
		c.c.Log.Error("the PIN of a crew member cannot be judged: the office must set it anew", "member", m.ID, "err", err)
		return wrong(http.StatusUnprocessableEntity, "member", "member")
	}
	leave, err := c.pins.enter(ctx, phone)
	if err != nil {
		return err
	}
	defer leave()
	g := guess{m.ID, phone, m.Verifier}
	here, everywhere, err := c.tries(ctx, g)
	if err != nil {
		return err
	}
	now := c.c.Now().Mono
	if until := c.people.until(g); until > now {
		return c.stillWaits(ctx, g, here, everywhere, until-now)
	}
	here.Wrong, everywhere.Wrong = here.Wrong+1, everywhere.Wrong+1
	wait, all := waitAfter(here.Wrong), waitAfter(everywhere.Wrong-freeInAll+freeTries)
	here.Wait, everywhere.Wait = wait.Milliseconds(), all.Milliseconds()
	if err := c.c.People.SetTries(ctx, m.ID, phone, here, everywhere); err != nil {
		return err
	}
	c.people.waits(g, now+wait, now+all)
	if !verifier.fits(pin) {
		return wrongPIN(here.Wrong, max(wait, all))
	}
	c.people.waits(g, 0, 0)
	return c.c.People.SetTries(ctx, m.ID, phone, agent.Tries{}, agent.Tries{})
}

// tries is what the card says. What is left to wait counts from when this
// program first looks: time without power shortens nothing.
func (c *Crew) tries(ctx context.Context, g guess) (here, everywhere agent.Tries, err error) {
	here, everywhere, err = c.c.People.Tries(ctx, g.member, g.phone)
	if err == nil {
		now := c.c.Now().Mono
		c.people.learn(g, now+time.Duration(here.Wait)*time.Millisecond)
		c.people.learn(g.anywhere(), now+time.Duration(everywhere.Wait)*time.Millisecond)
	}
	return here, everywhere, err
}

// stillWaits refuses, and keeps what is left, so that a restart costs no more
// than the minute since it was last kept.
func (c *Crew) stillWaits(ctx context.Context, g guess, here, everywhere agent.Tries, left time.Duration) error {
	now := c.c.Now().Mono
	keep := false
	for tries, of := range map[*agent.Tries]guess{&here: g, &everywhere: g.anywhere()} {
		if ms := max(c.people.of(of)-now, 0).Milliseconds(); tries.Wait-ms >= time.Minute.Milliseconds() {
			tries.Wait, keep = ms, true
		}
	}
	if keep {
		if err := c.c.People.SetTries(ctx, g.member, g.phone, here, everywhere); err != nil {
			return err
		}
	}
	return wrongPIN(here.Wrong, left)
}

func wrongPIN(wrongs int, wait time.Duration) error {
	left := max(freeTries-wrongs, 0)
	return &problem{Status: http.StatusForbidden, Word: "pin", Left: &left, Wait: int64((wait + time.Second - 1) / time.Second)}
}

// begin begins a session and gives the word that names it, 32 random bytes.
func (c *Crew) begin(phone ark.ID, m ark.CrewMember) string {
	raw := make([]byte, 32)
	c.c.Random(raw)
	word := base64.RawURLEncoding.EncodeToString(raw)
	p := &c.people
	p.mu.Lock()
	defer p.mu.Unlock()
	for h, s := range p.sessions {
		if s.phone == phone && s.member == m.ID || len(p.sessions) >= mostSessions {
			delete(p.sessions, h)
		}
	}
	p.sessions[ark.HashOf([]byte(word))] = session{phone, m.ID, m.Verifier}
	return word
}

// signOut ends the session that the request names.
func (c *Crew) signOut(r *http.Request, _ caller) (int, any, error) {
	if h, ok := sessionOf(r); ok {
		c.people.mu.Lock()
		delete(c.people.sessions, h)
		c.people.mu.Unlock()
	}
	return http.StatusNoContent, nil, nil
}

// learn notes until when to wait, of one of whom nothing is known yet.
func (p *people) learn(g guess, until time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.wait[g]; !known {
		p.wait[g] = until
	}
}

// of is until when one waits.
func (p *people) of(g guess) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wait[g]
}

// until is until when a member waits on a phone, for that phone's tries or for
// those of all.
func (p *people) until(g guess) time.Duration {
	return max(p.of(g), p.of(g.anywhere()))
}

func (p *people) waits(g guess, here, everywhere time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wait[g], p.wait[g.anywhere()] = here, everywhere
}
