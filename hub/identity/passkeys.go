package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"ark/hub"
)

// A passkey is WebAuthn's, Level 3: it belongs to a name of the hub, and proves
// nothing under another.

// ceremony is what a browser holds while a person touches a key.
type ceremony struct {
	Name string // of the account; empty: whoever has the key
	Data webauthn.SessionData
}

const (
	purposeNewKey = "new passkey"
	purposeKey    = "passkey"
)

// maxKeyAnswer is the most bytes of a browser's answer.
const maxKeyAnswer = 64 << 10

// holder is an account as WebAuthn sees it: with its keys for one name of the
// hub.
type holder struct {
	account hub.Account
	handle  []byte
	keys    []webauthn.Credential
}

// WebAuthnID and its like are webauthn.User's.
func (h holder) WebAuthnID() []byte { return h.handle }

// WebAuthnName is what a key shows.
func (h holder) WebAuthnName() string { return h.account.Name }

// WebAuthnDisplayName is as WebAuthnName.
func (h holder) WebAuthnDisplayName() string {
	if h.account.Display != "" {
		return h.account.Display
	}
	return h.account.Name
}

// WebAuthnCredentials are the account's keys.
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (a *Accounts) holder(ctx context.Context, name, host string) (h holder, err error) {
	if h.account, err = a.book.Account(ctx, name); err != nil {
		return h, err
	}
	p, err := a.book.Proofs(ctx, name)
	if err != nil {
		return h, err
	}
	h.handle = p.Handle
	for _, k := range p.Passkeys {
		if k.Host != host {
			continue
		}
		var c webauthn.Credential
		if err := json.Unmarshal(k.Credential, &c); err != nil {
			return h, fmt.Errorf("read a passkey: %w", err)
		}
		h.keys = append(h.keys, c)
	}
	return h, nil
}

// party is the hub under the name and address at which a browser found it.
func party(at hub.Site) (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{RPID: at.Host, RPDisplayName: "服务方舟 Service Ark", RPOrigins: []string{at.Origin}})
}

// OfferKey begins the making of a passkey: options are for the browser, JSON
// of WebAuthn; word is what it brings back with the answer.
func (a *Accounts) OfferKey(ctx context.Context, name string, at hub.Site) (options []byte, word string, err error) {
	h, err := a.holder(ctx, name, at.Host)
	if err != nil {
		return nil, "", err
	}
	p, err := party(at)
	if err != nil {
		return nil, "", err
	}
	made, data, err := p.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired}))
	if err != nil {
		return nil, "", fmt.Errorf("offer a passkey: %w", err)
	}
	return a.begun(purposeNewKey, made.Response, ceremony{name, *data})
}

func (a *Accounts) begun(purpose string, options any, c ceremony) (body []byte, word string, err error) {
	if body, err = json.Marshal(options); err == nil {
		word, err = a.sealer.seal(purpose, c)
	}
	return body, word, err
}

// AddKey keeps the passkey that the browser made. hub.ErrWrongCode: it is not
// one that was asked for.
func (a *Accounts) AddKey(ctx context.Context, name, called, word string, answer []byte, at hub.Site) error {
	var c ceremony
	if err := a.sealer.open(purposeNewKey, word, &c); err != nil || c.Name != name {
		return hub.ErrWrongCode
	}
	h, err := a.holder(ctx, name, at.Host)
	if err != nil {
		return err
	}
	p, err := party(at)
	if err != nil {
		return err
	}
	if len(answer) > maxKeyAnswer {
		return hub.ErrWrongCode
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return wrongKey(err)
	}
	made, err := p.CreateCredential(h, c.Data, parsed)
	if err != nil || !a.sealer.use(word) {
		return wrongKey(err)
	}
	data, err := json.Marshal(made)
	if err != nil {
		return err
	}
	return a.book.AddPasskey(ctx, name, hub.Passkey{ID: made.ID, Name: called, Host: at.Host, Credential: data})
}

// wrongKey is hub.ErrWrongCode with what its library says, if it says
// something.
func wrongKey(err error) error {
	if err == nil {
		return hub.ErrWrongCode
	}
	return fmt.Errorf("%w: %w", hub.ErrWrongCode, err)
}

// AskKey begins a sign-in with a passkey: of one account, or with an empty
// name of whoever has one.
func (a *Accounts) AskKey(ctx context.Context, name string, at hub.Site) (options []byte, word string, err error) {
	p, err := party(at)
	if err != nil {
		return nil, "", err
	}
	verified := webauthn.WithUserVerification(protocol.VerificationRequired)
	if name == "" {
		asked, data, err := p.BeginDiscoverableLogin(verified)
		if err != nil {
			return nil, "", fmt.Errorf("ask for a passkey: %w", err)
		}
		return a.begun(purposeKey, asked.Response, ceremony{"", *data})
	}
	h, err := a.holder(ctx, name, at.Host)
	if err != nil {
		return nil, "", err
	}
	if len(h.keys) == 0 {
		return nil, "", hub.ErrNotThere
	}
	asked, data, err := p.BeginLogin(h, verified)
	if err != nil {
		return nil, "", fmt.Errorf("ask for a passkey: %w", err)
	}
	return a.begun(purposeKey, asked.Response, ceremony{name, *data})
}

// Key answers whose passkey the browser has shown. name is whose it must be;
// empty: anybody's. hub.ErrWrongCode, hub.ErrTooManyTries; hub.ErrNotThere:
// nothing was asked for that this could answer.
func (a *Accounts) Key(ctx context.Context, name, word string, answer []byte, at hub.Site, from string) (hub.Account, error) {
	var c ceremony
	if err := a.sealer.open(purposeKey, word, &c); err != nil || c.Name != name || len(answer) > maxKeyAnswer {
		return hub.Account{}, hub.ErrNotThere
	}
	t, ok := a.turn(kindKey, name, from)
	if !ok {
		return hub.Account{}, hub.ErrTooManyTries
	}
	account, err := a.key(ctx, c, word, answer, at)
	if err != nil && !errors.Is(err, hub.ErrWrongCode) {
		return account, err
	}
	if wrong := a.count(t, err == nil, err); wrong != nil {
		return hub.Account{}, wrong
	}
	return account, nil
}

func (a *Accounts) key(ctx context.Context, c ceremony, word string, answer []byte, at hub.Site) (hub.Account, error) {
	p, err := party(at)
	if err != nil {
		return hub.Account{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return hub.Account{}, wrongKey(err)
	}
	h, shown, err := a.shown(ctx, p, c, parsed, at)
	if err != nil || h.account.Out(a.now()) || shown.Authenticator.CloneWarning || !a.sealer.use(word) {
		return hub.Account{}, wrongKey(err)
	}
	data, err := json.Marshal(shown)
	if err != nil {
		return hub.Account{}, err
	}
	return h.account, a.book.UsedPasskey(ctx, h.account.Name, hub.Passkey{ID: shown.ID, Credential: data, Used: a.now()})
}

// shown finds the account and the key that were shown.
func (a *Accounts) shown(ctx context.Context, p *webauthn.WebAuthn, c ceremony, parsed *protocol.ParsedCredentialAssertionData, at hub.Site) (h holder, shown *webauthn.Credential, err error) {
	if c.Name != "" {
		if h, err = a.holder(ctx, c.Name, at.Host); err == nil {
			shown, err = p.ValidateLogin(h, c.Data, parsed)
		}
		return h, shown, err
	}
	find := func(_, handle []byte) (webauthn.User, error) {
		name, err := a.book.HandleOwner(ctx, handle)
		if err != nil {
			return nil, err
		}
		h, err = a.holder(ctx, name, at.Host)
		return h, err
	}
	_, shown, err = p.ValidatePasskeyLogin(find, c.Data, parsed)
	return h, shown, err
}

// Keys lists an account's passkeys, without what they are judged by.
func (a *Accounts) Keys(ctx context.Context, name string) ([]hub.Passkey, error) {
	p, err := a.book.Proofs(ctx, name)
	for i := range p.Passkeys {
		p.Passkeys[i].Credential = nil
	}
	return p.Passkeys, err
}

// RemoveKey takes a passkey away. hub.ErrPassword: the password would be all
// that is asked, and is too short for that, or there is none.
func (a *Accounts) RemoveKey(ctx context.Context, account hub.Account, id []byte) error {
	if account.Passkeys == 1 && (account.HasPassword && !account.Long && !account.TOTP || !account.HasPassword && account.Subject == "") {
		return hub.ErrPassword
	}
	return a.book.RemovePasskey(ctx, account.Name, id)
}
