package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"ark/hub"
)

// Codes of an app are those of RFC 6238 as all apps know them: SHA-1, six
// digits, a new one every 30 s; one step to either side is allowed for clocks.
const (
	codePeriod = 30 // s
	codeSkew   = 1
	codeSecret = 20 // bytes, RFC 4226, 4
)

var codeOptions = totp.ValidateOpts{Period: codePeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// pending is a sign-in of which the password was right.
type pending struct {
	Name    string
	Version int64 // of the account: what has changed meanwhile ends it
}

const purposePending = "second step"

// Pend is a word for a browser whose password was right, with which it goes on
// to the second step.
func (a *Accounts) Pend(account hub.Account) (string, error) {
	return a.sealer.seal(purposePending, pending{account.Name, account.Version})
}

// Pending is whose second step a browser is at. hub.ErrNotThere: it has to
// begin again.
func (a *Accounts) Pending(ctx context.Context, word string) (hub.Account, error) {
	var p pending
	if err := a.sealer.open(purposePending, word, &p); err != nil {
		return hub.Account{}, err
	}
	account, err := a.book.Account(ctx, p.Name)
	if err != nil {
		return account, err
	}
	if account.Out(a.now()) || account.Version != p.Version {
		return account, hub.ErrNotThere
	}
	return account, nil
}

// Second answers whether a code is the account's: one of its app, or one of
// its recovery codes. Either is good once. hub.ErrWrongCode or
// hub.ErrTooManyTries; wrong ones count apart from those of passwords, and
// wherever they come from.
func (a *Accounts) Second(ctx context.Context, name, code, from string) error {
	a.slots <- struct{}{} // first, so that many tries at once do not all pass the count
	defer func() { <-a.slots }()
	t, ok := a.turn(kindCode, name, from)
	if !ok {
		return hub.ErrTooManyTries
	}
	right, err := a.uses(ctx, name, plainCode(code))
	if err != nil {
		return err
	}
	return a.count(t, right, hub.ErrWrongCode)
}

func (a *Accounts) uses(ctx context.Context, name, code string) (bool, error) {
	p, err := a.book.Proofs(ctx, name)
	if err != nil {
		return false, err
	}
	if len(code) != int(otp.DigitsSix) {
		return a.book.UseCode(ctx, name, hashCode(name, code))
	}
	step, ok, err := stepOf(p.TOTP, code, a.now())
	if err != nil || !ok {
		return false, err
	}
	return a.book.UseStep(ctx, name, step)
}

// stepOf is the time step of a code, if it is one of now.
func stepOf(secret []byte, code string, now time.Time) (step int64, ok bool, err error) {
	if secret == nil {
		return 0, false, nil
	}
	word := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	for i := -codeSkew; i <= codeSkew; i++ {
		at := now.Add(time.Duration(i) * codePeriod * time.Second)
		want, err := totp.GenerateCodeCustom(word, at, codeOptions)
		if err != nil {
			return 0, false, fmt.Errorf("make a code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = at.Unix()/codePeriod, true
		}
	}
	return step, ok, nil
}

// plainCode is a code without what people put between its parts.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u3000' {
			return -1
		}
		return r
	}, strings.ToLower(code))
}

// NewApp is the secret for an app that makes codes, as it is typed, and the
// address that a QR code of it holds.
func (a *Accounts) NewApp(name string) (secret, address string) {
	raw := make([]byte, codeSecret)
	rand.Read(raw)
	secret = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	const issuer = "服务方舟 Service Ark"
	q := url.Values{"secret": {secret}, "issuer": {issuer}}
	return secret, "otpauth://totp/" + url.PathEscape(issuer+":"+name) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// SetApp turns codes of an app on, once the person has shown that the app has
// the secret: hub.ErrWrongCode.
func (a *Accounts) SetApp(ctx context.Context, name, secret, code string) error {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil || len(raw) != codeSecret {
		return fmt.Errorf("turn on codes: %w: the secret", hub.ErrInvalid)
	}
	step, ok, err := stepOf(raw, plainCode(code), a.now())
	if err != nil {
		return err
	}
	if !ok {
		return hub.ErrWrongCode
	}
	if err := a.book.SetTOTP(ctx, name, raw); err != nil {
		return err
	}
	_, err = a.book.UseStep(ctx, name, step)
	return err
}

// UnsetApp turns codes of an app off. hub.ErrPassword: the password would be
// all that is asked, and is too short for that.
func (a *Accounts) UnsetApp(ctx context.Context, account hub.Account) error {
	if account.Passkeys == 0 && account.HasPassword && !account.Long {
		return hub.ErrPassword
	}
	return a.book.SetTOTP(ctx, account.Name, nil)
}

const (
	manyCodes  = 10
	codeLength = 24 // letters: 120 bits
)

// NewCodes makes recovery codes, each good once where the app or the key is
// lost; those before it are void. They are shown this once.
func (a *Accounts) NewCodes(ctx context.Context, name string) (codes []string, err error) {
	hashes := make([][]byte, manyCodes)
	for i := range hashes {
		word := newWord(codeLength)
		codes = append(codes, word)
		hashes[i] = hashCode(name, plainCode(word))
	}
	return codes, a.book.SetCodes(ctx, name, hashes)
}

// hashCode needs no slow hash: of 112 bits or more nobody tries all (OWASP
// ASVS 5.0, 6.5.2).
func hashCode(name, code string) []byte {
	sum := sha256.Sum256([]byte("ark recovery\x00" + name + "\x00" + code))
	return sum[:]
}
