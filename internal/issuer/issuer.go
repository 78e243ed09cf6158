// Package issuer is a small OpenID provider for tests: it signs in whoever
// comes, as its Claims say.
package issuer

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// What a hub is registered with.
const (
	Client = "hub"
	Secret = "shh"
)

// Issuer is the provider. A test sets its fields between two visits.
type Issuer struct {
	URL      string
	Redirect string                       // to where it sends people back; another is a fault
	Claims   map[string]any               // of whoever comes next
	Spoil    func(payload map[string]any) // spoils what is signed
	Key      *rsa.PrivateKey              // with which it signs
	Asked    int                          // how often a code was brought

	t     testing.TB
	codes map[string]url.Values // what was asked with, by the code it was given; once
	stop  func()
}

// Shown is the key that it shows: it takes long to make.
var Shown = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// New is a provider that serves until the test ends.
func New(t testing.TB, redirect string) *Issuer {
	p := &Issuer{t: t, Redirect: redirect, codes: map[string]url.Values{}, Spoil: func(map[string]any) {}, Key: Shown()}
	m := http.NewServeMux()
	m.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}})
	})
	m.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
			"n": b64(Shown().N.Bytes()), "e": b64(big.NewInt(int64(Shown().E)).Bytes())}}})
	})
	m.HandleFunc("POST /token", p.token)
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	p.URL, p.stop = server.URL, server.Close
	return p
}

// Close takes it away.
func (p *Issuer) Close() { p.stop() }

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Visit is what a browser does there: it comes back with a code and the state.
func (p *Issuer) Visit(address string) (state, code string) {
	p.t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	q := at.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != Client || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("redirect_uri") != p.Redirect {
		p.t.Errorf("asked with %v", q)
	}
	code = rand.Text()
	p.codes[code] = q
	return q.Get("state"), code
}

// token gives an ID token for a code, once, to who has the verifier.
func (p *Issuer) token(w http.ResponseWriter, r *http.Request) {
	p.Asked++
	q, known := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	w.Header().Set("Content-Type", "application/json")
	if !known || b64(sum[:]) != q.Get("code_challenge") || id != Client || secret != Secret {
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant"})
		return
	}
	payload := map[string]any{"iss": p.URL, "aud": Client, "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(), "nonce": q.Get("nonce")}
	maps.Copy(payload, p.Claims)
	p.Spoil(payload)
	body, _ := json.Marshal(payload)
	signed := b64([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + b64(body)
	digest := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(nil, p.Key, crypto.SHA256, digest[:])
	if err != nil {
		p.t.Error(err)
	}
	json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": signed + "." + b64(sig)})
}
