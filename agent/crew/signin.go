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
	sessions map[ark.Hash]session     // by the SHA-256 of the word that names it
	wait     map[ark.ID]time.Duration // until when, monotonic; only of those of whom the card was asked
}

func newPeople() people {
	return people{sessions: map[ark.Hash]session{}, wait: map[ark.ID]time.Duration{}}
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

// freeTries is how many wrong PINs cost no waiting but the last.
const freeTries = 5

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
	if err := c.try(r.Context(), m, said.PIN); err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, map[string]any{"session": c.begin(by.ID, m), "member": m.ID, "name": m.Name}, nil
}

// try counts a try on the card, then judges it: whoever cuts the power at the
// right moment has used it up all the same.
func (c *Crew) try(ctx context.Context, m ark.CrewMember, pin string) error {
	verifier, err := readVerifier(m.Verifier)
	if err != nil {
		c.c.Log.Error("the PIN of a crew member cannot be judged: the office must set it anew", "member", m.ID, "err", err)
		return wrong(http.StatusUnprocessableEntity, "member", "member")
	}
	leave, err := c.counter.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	tries, err := c.tries(ctx, m.ID)
	if err != nil {
		return err
	}
	now := c.c.Now().Mono
	if until := c.people.until(m.ID); until > now {
		return c.stillWaits(ctx, m.ID, tries, until-now)
	}
	tries.Wrong++
	wait := waitAfter(tries.Wrong)
	tries.Wait = wait.Milliseconds()
	if err := c.c.People.SetTries(ctx, m.ID, tries); err != nil {
		return err
	}
	c.people.waits(m.ID, now+wait)
	if !verifier.fits(pin) {
		return wrongPIN(tries.Wrong, wait)
	}
	c.people.waits(m.ID, 0)
	return c.c.People.SetTries(ctx, m.ID, agent.Tries{})
}

// tries is what the card says. What is left to wait counts from when this
// program first looks: time without power shortens nothing.
func (c *Crew) tries(ctx context.Context, member ark.ID) (agent.Tries, error) {
	t, err := c.c.People.Tries(ctx, member)
	if err == nil && !c.people.known(member) {
		c.people.waits(member, c.c.Now().Mono+time.Duration(t.Wait)*time.Millisecond)
	}
	return t, err
}

// stillWaits refuses, and keeps what is left, so that a restart costs no more
// than the minute since it was last kept.
func (c *Crew) stillWaits(ctx context.Context, member ark.ID, t agent.Tries, left time.Duration) error {
	if ms := left.Milliseconds(); t.Wait-ms >= time.Minute.Milliseconds() {
		t.Wait = ms
		if err := c.c.People.SetTries(ctx, member, t); err != nil {
			return err
		}
	}
	return wrongPIN(t.Wrong, left)
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

func (p *people) known(member ark.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.wait[member]
	return ok
}

func (p *people) until(member ark.ID) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wait[member]
}

func (p *people) waits(member ark.ID, until time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wait[member] = until
}
