package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"ark/hub"
)

// Organisation is the sign-in of the organisation: OpenID Connect Core 1.0,
// the code flow with PKCE (RFC 7636).
type Organisation struct {
	accounts *Accounts
	c        OrganisationConfig
	client   *http.Client

	provider discovery
}

// OrganisationConfig says where it is and whom it lets in. Whoever it names is
// let in who was joined to an account before, whose address, verified, an
// administrator gave an account, or who has a claim with one of the grants'
// values: then an account is made, with what all such grants together give,
// and at each sign-in it is given that anew. Such an account is good for other
// ways in, and for tokens, as long as its owner comes by this one: VouchLife.
type OrganisationConfig struct {
	Name                     string // what people call it
	Issuer, ClientID, Secret string
	Redirect                 string // address of the hub's own page to which it sends people back
	Claim                    string // such as groups
	Grants                   []Grant
	Audit                    hub.Audit // what the sign-in itself changes of accounts is put there first
}

// Grant is what a value of the claim gives.
type Grant struct {
	Value string
	Roles []hub.Role
	Sight hub.Sight
}

// errOrganisation says that the organisation's sign-in cannot be reached, or
// that what it says cannot be believed.
var errOrganisation = errors.New("the organisation's sign-in")

// NewOrganisation is the organisation's sign-in for these accounts. It is
// asked where it is when somebody first signs in.
func NewOrganisation(a *Accounts, c OrganisationConfig) *Organisation {
	return &Organisation{accounts: a, c: c, client: &http.Client{Timeout: 10 * time.Second}}
}

// Name is what people call it.
func (o *Organisation) Name() string { return o.c.Name }

// flow is what a browser holds while a person is at the organisation's.
type flow struct {
	State, Nonce, Verifier string
	Begun                  time.Time
	Again                  bool // the person proves anew who they are
}

const purposeFlow = "organisation"

// Begin is the address to which a browser goes to sign in, and the word that
// it brings back. again: also who is signed in there must prove it anew.
func (o *Organisation) Begin(ctx context.Context, again bool) (address, word string, err error) {
	_, c, err := o.find(ctx)
	if err != nil {
		return "", "", err
	}
	f := flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Begun: o.accounts.now(), Again: again}
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	word, err = o.accounts.sealer.seal(purposeFlow, f)
	return c.AuthCodeURL(f.State, options...), word, err
}

// claims are what of an identity matters.
type claims struct {
	Subject  string `json:"sub"`
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // some send a text
	Name     string `json:"name"`
	Username string `json:"preferred_username"`
	AuthTime int64  `json:"auth_time"`
	Nonce    string `json:"nonce"`
	grants   []string
}

// Finish is whose account a browser comes back with, once for each word.
// hub.ErrNotThere: nothing was begun to which this could be the answer;
// hub.ErrWrongCode: it is not the answer; hub.ErrNotAllowed: it is somebody
// who has no account.
func (o *Organisation) Finish(ctx context.Context, word, state, code string) (a hub.Account, again bool, err error) {
	var f flow
	if err := o.accounts.sealer.open(purposeFlow, word, &f); err != nil {
		return a, false, hub.ErrNotThere
	}
	if subtle.ConstantTimeCompare([]byte(f.State), []byte(state)) != 1 || code == "" {
		return a, false, hub.ErrWrongCode
	}
	c, err := o.exchange(ctx, f, code)
	if err != nil {
		return a, f.Again, err
	}
	if !o.accounts.sealer.use(word) {
		return a, f.Again, hub.ErrWrongCode
	}
	a, err = o.account(ctx, c)
	if err == nil && a.Disabled {
		err = hub.ErrNotAllowed
	}
	return a, f.Again, err
}

func (o *Organisation) exchange(ctx context.Context, f flow, code string) (c claims, err error) {
	p, config, err := o.find(ctx)
	if err != nil {
		return c, err
	}
	ctx = oidc.ClientContext(ctx, o.client)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	if refusal := new(oauth2.RetrieveError); errors.As(err, &refusal) {
		return c, fmt.Errorf("%w: %w", hub.ErrWrongCode, err)
	}
	if err != nil {
		return c, fmt.Errorf("%w: %w", errOrganisation, err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.Verifier(&oidc.Config{ClientID: o.c.ClientID}).Verify(ctx, raw)
	if err != nil {
		return c, fmt.Errorf("%w: %w", hub.ErrWrongCode, err)
	}
	all := map[string]any{}
	if err := errors.Join(id.Claims(&c), id.Claims(&all)); err != nil {
		return c, fmt.Errorf("%w: %w", hub.ErrWrongCode, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1 || f.Again && c.AuthTime < f.Begun.Unix()-60 {
		return c, hub.ErrWrongCode
	}
	c.grants = texts(all[o.c.Claim])
	return c, nil
}

// texts are the texts of a claim: one, or a list.
func texts(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			if s, ok := one.(string); ok {
				all = append(all, s)
			}
		}
	}
	return all
}
