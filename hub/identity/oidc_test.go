package identity

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/issuer"
)

// outside is a hub whose organisation has a sign-in.
type outside struct {
	*room
	*Organisation
	p *issuer.Issuer
}

func newOutside(t *testing.T) *outside {
	r, p := newRoom(t), issuer.New(t, "https://hub.test/oidc")
	r.at = time.Now()
	return &outside{r, NewOrganisation(r.Accounts, OrganisationConfig{Issuer: p.URL, ClientID: issuer.Client, Secret: issuer.Secret, Redirect: p.Redirect, Claim: "groups", Audit: r.store,
		Grants: []Grant{{"north", []hub.Role{hub.RoleReader}, hub.Sight{Places: []ark.Place{{Street: "北街"}}}}, {"chiefs", []hub.Role{hub.RoleReviewer, hub.RoleAnnouncer}, hub.Everything}}}), p}
}

// comes is somebody who signs in there.
func (o *outside) comes(claims map[string]any) (hub.Account, error) {
	o.t.Helper()
	o.p.Claims = claims
	address, word, err := o.Begin(o.t.Context(), false)
	must(o.t, err)
	state, code := o.p.Visit(address)
	a, _, err := o.Finish(o.t.Context(), word, state, code)
	return a, err
}

func TestTheOrganisationsSignIn(t *testing.T) {
	o := newOutside(t)
	lin := hub.Account{Name: "lin", Roles: []hub.Role{hub.RoleReader}, Sight: hub.Everything, Mail: "lin@example.org"}
	must(t, o.store.AddAccount(t.Context(), lin))
	_, err := o.comes(map[string]any{"sub": "17", "email": "Lin@example.org"})
	o.wants("an address that nobody verified", err, hub.ErrNotAllowed)
	a, err := o.comes(map[string]any{"sub": "17", "email": "Lin@example.org", "email_verified": true})
	if err != nil || a.Name != "lin" {
		t.Fatalf("by the address: %q, %v", a.Name, err)
	}
	if a, err = o.comes(map[string]any{"sub": "17", "email": "moved@example.org"}); err != nil || a.Name != "lin" {
		t.Errorf("joined: %q, %v", a.Name, err)
	}
	_, err = o.comes(map[string]any{"sub": "18", "email": "lin@example.org", "email_verified": "true"})
	o.wants("another with the same address", err, hub.ErrNotAllowed)
	off := o.see("lin")
	off.Disabled = true
	must(t, o.store.SetAccount(t.Context(), off))
	_, err = o.comes(map[string]any{"sub": "17"})
	o.wants("disabled", err, hub.ErrNotAllowed)
}

func TestGrantsMakeAccounts(t *testing.T) {
	o := newOutside(t)
	a, err := o.comes(map[string]any{"sub": "1", "preferred_username": "wang", "name": "王老师", "groups": []string{"staff", "north"}})
	must(t, err)
	if a.Name != "wang" || a.Display != "王老师" || len(a.Roles) != 1 || a.Sight.Whole || a.By != hub.ByOrganisation || a.HasPassword {
		t.Errorf("got %+v", a)
	}
	if a, err = o.comes(map[string]any{"sub": "1", "groups": "chiefs"}); err != nil || a.Name != "wang" || len(a.Roles) != 2 || !a.Sight.Whole {
		t.Errorf("promoted: %+v, %v", a, err)
	}
	_, err = o.comes(map[string]any{"sub": "1", "groups": []any{7}})
	o.wants("no longer", err, hub.ErrNotAllowed)
	_, err = o.comes(map[string]any{"sub": "2", "preferred_username": "admin", "groups": "north"})
	o.wants("a name that another has", err, hub.ErrNotAllowed)
	if admin := o.see("admin"); admin.Subject != "" || len(admin.Roles) != 1 || admin.Roles[0] != hub.RoleAdministrator {
		t.Errorf("admin is %+v", admin)
	}
	_, err = o.comes(map[string]any{"sub": "3", "groups": "north"})
	o.wants("nobody in particular", err, hub.ErrNotAllowed)
}

// Whom the organisation lets in no longer comes in by no other way, nor by
// tokens; who just has not come by it for long neither.
func TestWhomTheOrganisationLetsInNoLonger(t *testing.T) {
	o := newOutside(t)
	in := map[string]any{"sub": "1", "preferred_username": "wang", "groups": "north"}
	a, err := o.comes(in)
	must(t, err)
	must(t, o.Set(t.Context(), "wang", good, ""))
	word, err := o.NewToken(t.Context(), hub.Token{Account: "wang", Name: "x", Roles: a.Roles, Sight: a.Sight, Ends: o.at.Add(300 * 24 * time.Hour)})
	must(t, err)
	step, err := o.Pend(o.see("wang"))
	must(t, err)
	ways := func(what string, open bool) {
		t.Helper()
		_, err := o.Bearer(t.Context(), word, "")
		if (err == nil) != open {
			t.Errorf("%s: a token: %v", what, err)
		}
		if err = o.verify("wang", good, "1.1.1.1"); (err == nil) != open {
			t.Errorf("%s: a password: %v", what, err)
		}
		if open == o.see("wang").Out(o.at) { // what passkeys and sessions are asked for
			t.Errorf("%s: out: %v", what, !open)
		}
	}
	ways("let in", true)
	o.at = o.at.Add(hub.VouchLife)
	ways("not come for long", false)
	_, err = o.comes(in)
	must(t, err)
	ways("come again", true)
	_, err = o.comes(map[string]any{"sub": "1", "groups": "none"})
	o.wants("out of the group", err, hub.ErrNotAllowed)
	ways("out of the group", false)
	if _, err := o.Pending(t.Context(), step); err == nil {
		t.Error("the second step goes on")
	}
	_, err = o.comes(in)
	must(t, err)
	ways("in it again", true)
	if err := o.verify("admin", good, "1.1.1.1"); err != nil {
		t.Errorf("an account of an administrator's making: %v", err)
	}
}

func TestRepliesThatAreNotToWhatWasAsked(t *testing.T) {
	o := newOutside(t)
	o.p.Claims = map[string]any{"sub": "1", "preferred_username": "wang", "groups": "north"}
	begin := func() (word, state, code string) {
		address, word, err := o.Begin(t.Context(), false)
		must(t, err)
		state, code = o.p.Visit(address)
		return word, state, code
	}
	word, state, code := begin()
	word2, state2, code2 := begin()
	for what, b := range map[string][3]string{"another's state": {word, state2, code}, "another browser": {word2, state, code}, "no code": {word, state, ""}, "an invented code": {word, state, "x"}} {
		_, _, err := o.Finish(t.Context(), b[0], b[1], b[2])
		o.wants(what, err, hub.ErrWrongCode)
	}
	_, _, err := o.Finish(t.Context(), "", state, code)
	o.wants("no browser", err, hub.ErrNotThere)
	_, _, err = o.Finish(t.Context(), word, state, code2)
	o.wants("a code that another browser asked for", err, hub.ErrWrongCode)
	_, _, err = o.Finish(t.Context(), word, state, code)
	must(t, err)
	_, _, err = o.Finish(t.Context(), word, state, code)
	o.wants("replayed", err, hub.ErrNotThere)
	for what, spoil := range map[string]func(map[string]any){
		"another nonce":    func(p map[string]any) { p["nonce"] = "x" },
		"another audience": func(p map[string]any) { p["aud"] = "other" },
		"another issuer":   func(p map[string]any) { p["iss"] = "https://evil.example" },
		"over":             func(p map[string]any) { p["exp"] = time.Now().Add(-time.Minute).Unix() },
	} {
		o.p.Spoil = spoil
		word, state, code := begin()
		_, _, err := o.Finish(t.Context(), word, state, code)
		o.wants(what, err, hub.ErrWrongCode)
	}
	o.p.Spoil = func(map[string]any) {}
	word, state, code = begin()
	_, _, err = o.Finish(t.Context(), word, state, code)
	must(t, err) // the keys are known now
	o.p.Key, err = rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	word, state, code = begin()
	_, _, err = o.Finish(t.Context(), word, state, code)
	o.wants("signed by another", err, hub.ErrWrongCode)
}

// Who proves anew who they are has to do it now.
func TestProvingAnewAtTheOrganisation(t *testing.T) {
	o := newOutside(t)
	for authTime, want := range map[int64]error{time.Now().Unix(): nil, time.Now().Add(-time.Hour).Unix(): hub.ErrWrongCode, 0: hub.ErrWrongCode} {
		o.p.Claims = map[string]any{"sub": "1", "preferred_username": "wang", "groups": "north", "auth_time": authTime}
		address, word, err := o.Begin(t.Context(), true)
		must(t, err)
		at, err := url.Parse(address)
		must(t, err)
		if at.Query().Get("prompt") != "login" || at.Query().Get("max_age") != "0" {
			t.Errorf("asked with %v", at.Query())
		}
		state, code := o.p.Visit(address)
		_, again, err := o.Finish(t.Context(), word, state, code)
		o.wants("signed in there at another time", err, want)
		if !again {
			t.Error("it is taken for a sign-in")
		}
	}
}

// Who answers at an address in another's name is not believed.
func TestAnIssuerThatIsAnother(t *testing.T) {
	o := newOutside(t)
	o.c.Issuer = strings.Replace(o.p.URL, "127.0.0.1", "localhost", 1)
	if _, _, err := o.Begin(t.Context(), false); !errors.Is(err, errOrganisation) {
		t.Errorf("got %v", err)
	}
}

func TestAnOrganisationThatIsAway(t *testing.T) {
	o := newOutside(t)
	o.p.Close()
	if _, _, err := o.Begin(t.Context(), false); err == nil {
		t.Error("it was reached")
	}
}

// While the organisation's sign-in does not answer, one asks it and nobody else
// is held up; then those who come hear at once that it is away, for a while.
func TestAnOrganisationThatDoesNotAnswer(t *testing.T) {
	o := newOutside(t)
	asked, answer := make(chan struct{}, 3), make(chan struct{})
	deaf := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-answer
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer deaf.Close()
	o.c.Issuer = deaf.URL
	first := make(chan error)
	go func() {
		_, _, err := o.Begin(t.Context(), false)
		first <- err
	}()
	<-asked
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, _, err := o.Begin(gone, false); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits for another and leaves: %v", err)
	}
	close(answer)
	if err := <-first; !errors.Is(err, errOrganisation) {
		t.Errorf("got %v", err)
	}
	o.at = o.at.Add(awayFor - 1)
	if _, _, err := o.Begin(t.Context(), false); !errors.Is(err, errOrganisation) || len(asked) != 0 {
		t.Errorf("soon after: %v, asked again %d times", err, len(asked))
	}
	o.c.Issuer, o.at = o.p.URL, o.at.Add(1)
	if _, _, err := o.Begin(t.Context(), false); err != nil {
		t.Errorf("when it is there again: %v", err)
	}
}

// What the organisation's sign-in does with accounts by itself is on record
// before it is done, and else it is not done.
func TestWhatTheOrganisationDoesIsOnRecord(t *testing.T) {
	o := newOutside(t)
	must(t, o.store.AddAccount(t.Context(), hub.Account{Name: "lin", Roles: []hub.Role{hub.RoleReader}, Sight: hub.Everything, Mail: "lin@example.org"}))
	in := func(sub, groups string) {
		o.comes(map[string]any{"sub": sub, "preferred_username": "wang", "groups": groups})
	}
	in("1", "north")
	in("1", "north")
	in("1", "chiefs")
	in("1", "")
	in("1", "")
	o.comes(map[string]any{"sub": "2", "email": "lin@example.org", "email_verified": true})
	all, err := o.store.Deeds(t.Context(), hub.AuditFilter{Who: hub.ByOrganisation}, hub.AuditPlace{}, 50)
	must(t, err)
	got := ""
	for _, e := range slices.Backward(all) {
		got += fmt.Sprintln(e.Verb, e.Object.Kind, e.Object.ID, e.Detail)
	}
	want := "change account wang map[places:北街/ roles:reader what:made]\nchange account wang map[places:* roles:reviewer announcer what:rights]\n" +
		"change account wang map[what:let-in-no-longer]\nchange account lin map[what:joined]\n"
	if got != want {
		t.Errorf("on record:\n%swant:\n%s", got, want)
	}
	o.c.Audit = full{}
	if _, err := o.comes(map[string]any{"sub": "4", "preferred_username": "zhao", "groups": "north"}); !errors.Is(err, errFull) {
		t.Errorf("made all the same: %v", err)
	}
	if _, err := o.store.Account(t.Context(), "zhao"); !errors.Is(err, hub.ErrNotThere) {
		t.Errorf("there is an account that is not on record: %v", err)
	}
}

var errFull = errors.New("disk full")

// full is a record to which nothing can be added.
type full struct{}

func (full) Note(context.Context, hub.Deed) error { return errFull }
