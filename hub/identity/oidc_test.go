package identity

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// provider is a small OpenID provider: it signs in whoever comes, as claims
// say.
type provider struct {
	t      *testing.T
	server *httptest.Server
	key    *rsa.PrivateKey
	claims map[string]any
	codes  map[string]url.Values // what was asked with, by the code it was given; once
	sign   func(payload map[string]any)
}

// signer is the provider's key: it takes long to make.
var signer = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newProvider(t *testing.T) *provider {
	p := &provider{t: t, codes: map[string]url.Values{}, sign: func(map[string]any) {}}
	p.key = signer()
	m := http.NewServeMux()
	m.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		u := p.server.URL
		json.NewEncoder(w).Encode(map[string]any{"issuer": u, "authorization_endpoint": u + "/auth", "token_endpoint": u + "/token", "jwks_uri": u + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}})
	})
	m.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
			"n": b64u(p.key.N.Bytes()), "e": b64u(big.NewInt(int64(p.key.E)).Bytes())}}})
	})
	m.HandleFunc("POST /token", p.token)
	p.server = httptest.NewServer(m)
	t.Cleanup(p.server.Close)
	return p
}

func b64u(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// visit is what a browser does at the provider's: it comes back with a code
// and the state.
func (p *provider) visit(address string) (state, code string) {
	p.t.Helper()
	at, err := url.Parse(address)
	must(p.t, err)
	q := at.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != "hub" || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("redirect_uri") != "https://hub.test/oidc" {
		p.t.Errorf("asked with %v", q)
	}
	code = rand.Text()
	p.codes[code] = q
	return q.Get("state"), code
}

// token gives an ID token for a code, once, to who has the verifier.
func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	q, known := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	if !known || b64u(sum[:]) != q.Get("code_challenge") || id != "hub" || secret != "shh" {
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant"})
		return
	}
	payload := map[string]any{"iss": p.server.URL, "aud": "hub", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(), "nonce": q.Get("nonce")}
	for k, v := range p.claims {
		payload[k] = v
	}
	p.sign(payload)
	body, _ := json.Marshal(payload)
	signed := b64u([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + b64u(body)
	digest := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(nil, p.key, crypto.SHA256, digest[:])
	if err != nil {
		p.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": signed + "." + b64u(sig)})
}

// outside is a hub whose organisation has a sign-in.
type outside struct {
	*room
	*Organisation
	p *provider
}

func newOutside(t *testing.T) *outside {
	r, p := newRoom(t), newProvider(t)
	r.at = time.Now()
	return &outside{r, NewOrganisation(r.Accounts, OrganisationConfig{Issuer: p.server.URL, ClientID: "hub", Secret: "shh", Redirect: "https://hub.test/oidc", Claim: "groups",
		Grants: []Grant{{"north", []hub.Role{hub.RoleReader}, hub.Sight{Places: []ark.Place{{Street: "北街"}}}}, {"chiefs", []hub.Role{hub.RoleReviewer, hub.RoleAnnouncer}, hub.Everything}}}), p}
}

// comes is somebody who signs in there.
func (o *outside) comes(claims map[string]any) (hub.Account, error) {
	o.t.Helper()
	o.p.claims = claims
	address, word, err := o.Begin(o.t.Context(), false)
	must(o.t, err)
	state, code := o.p.visit(address)
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
	if a.Name != "wang" || a.Display != "王老师" || len(a.Roles) != 1 || a.Sight.Whole || a.By != madeByClaim || a.HasPassword {
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

func TestRepliesThatAreNotToWhatWasAsked(t *testing.T) {
	o := newOutside(t)
	o.p.claims = map[string]any{"sub": "1", "preferred_username": "wang", "groups": "north"}
	begin := func() (word, state, code string) {
		address, word, err := o.Begin(t.Context(), false)
		must(t, err)
		state, code = o.p.visit(address)
		return word, state, code
	}
	word, state, code := begin()
	word2, state2, code2 := begin()
	for what, b := range map[string][3]string{"another's state": {word, state2, code}, "another browser": {word2, state, code}, "no browser": {"", state, code}, "no code": {word, state, ""}, "an invented code": {word, state, "x"}} {
		_, _, err := o.Finish(t.Context(), b[0], b[1], b[2])
		o.wants(what, err, hub.ErrWrongCode)
	}
	_, _, err := o.Finish(t.Context(), word, state, code2)
	o.wants("a code that another browser asked for", err, hub.ErrWrongCode)
	_, _, err = o.Finish(t.Context(), word, state, code)
	must(t, err)
	_, _, err = o.Finish(t.Context(), word, state, code)
	o.wants("replayed", err, hub.ErrWrongCode)
	again := rand.Text()
	o.p.codes[again] = url.Values{}
	for what, spoil := range map[string]func(map[string]any){
		"another nonce":    func(p map[string]any) { p["nonce"] = "x" },
		"another audience": func(p map[string]any) { p["aud"] = "other" },
		"another issuer":   func(p map[string]any) { p["iss"] = "https://evil.example" },
		"over":             func(p map[string]any) { p["exp"] = time.Now().Add(-time.Minute).Unix() },
	} {
		o.p.sign = spoil
		word, state, code := begin()
		_, _, err := o.Finish(t.Context(), word, state, code)
		o.wants(what, err, hub.ErrWrongCode)
	}
	o.p.sign = func(map[string]any) {}
	good := o.p.key
	word, state, code = begin()
	o.p.key, err = rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	forger := o.p.key
	o.p.key = good
	_, _, err = o.Finish(t.Context(), word, state, code)
	must(t, err) // the keys are known now
	word, state, code = begin()
	o.p.server.Config.Handler = forged(o.p, forger)
	_, _, err = o.Finish(t.Context(), word, state, code)
	o.wants("signed by another", err, hub.ErrWrongCode)
}

// forged signs with another key than the provider shows.
func forged(p *provider, key *rsa.PrivateKey) http.Handler {
	honest := p.server.Config.Handler
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		good := p.key
		if r.URL.Path == "/token" {
			p.key = key
		}
		honest.ServeHTTP(w, r)
		p.key = good
	})
}

// Who proves anew who they are has to do it now.
func TestProvingAnewAtTheOrganisation(t *testing.T) {
	o := newOutside(t)
	for authTime, want := range map[int64]error{time.Now().Unix(): nil, time.Now().Add(-time.Hour).Unix(): hub.ErrWrongCode, 0: hub.ErrWrongCode} {
		o.p.claims = map[string]any{"sub": "1", "preferred_username": "wang", "groups": "north", "auth_time": authTime}
		address, word, err := o.Begin(t.Context(), true)
		must(t, err)
		at, err := url.Parse(address)
		must(t, err)
		if at.Query().Get("prompt") != "login" || at.Query().Get("max_age") != "0" {
			t.Errorf("asked with %v", at.Query())
		}
		state, code := o.p.visit(address)
		_, again, err := o.Finish(t.Context(), word, state, code)
		o.wants("signed in there at another time", err, want)
		if !again {
			t.Error("it is taken for a sign-in")
		}
	}
}

func TestAnOrganisationThatIsAway(t *testing.T) {
	o := newOutside(t)
	o.p.server.Close()
	if _, _, err := o.Begin(t.Context(), false); err == nil {
		t.Error("it was reached")
	}
}
