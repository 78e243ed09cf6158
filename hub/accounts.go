package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ark"
)

// Errors of whoever keeps the accounts of staff.
var (
	ErrWrongPassword     = errors.New("wrong name or password")
	ErrTooManyTries      = errors.New("too many wrong tries; wait a while")
	ErrPassword          = errors.New("the password is too short, too long or too well known")
	ErrWrongCode         = errors.New("the code is wrong, or was used before")
	ErrTaken             = errors.New("another account has it")
	ErrLastAdministrator = errors.New("the last administrator who can sign in stays")
	ErrPIN               = errors.New("a PIN of 4 to 8 digits is needed, and not one that everybody would try")
)

// Account is a person who may use the hub.
type Account struct {
	Name     string // what they sign in with; it never changes
	Display  string // how colleagues know them; empty: by Name
	Roles    []Role
	Sight    Sight
	Disabled bool
	Mail     string // address by which the organisation's sign-in may know them the first time; empty: none
	Subject  string // the identity there that was joined to the account; empty: none
	Made     time.Time
	By       string
	Version  int64     // counts changes: ErrStale
	Seen     time.Time // last sign-in; zero: none yet
	Vouched  time.Time // when the organisation's sign-in let the owner in last; zero: never, or it does no longer

	HasPassword bool // it has a password
	Long        bool // the password is long enough to be the only factor
	Fresh       bool // somebody else knows the password: it must be changed first
	TOTP        bool // codes of an app are asked for
	Codes       int  // recovery codes that are left
	Passkeys    int
}

// Second tells whether a password alone does not let the person in.
func (a Account) Second() bool { return a.TOTP || a.Passkeys > 0 }

// ByOrganisation is By of accounts that the organisation's sign-in made, and to
// whom it says whether they come in.
const ByOrganisation = "oidc"

// VouchLife is how long passkeys and tokens of such an account are good after
// its owner came by the organisation's sign-in: who has left the organisation
// does not go there, and so nothing else tells.
const VouchLife = 14 * 24 * time.Hour

// Out tells whether the account lets nobody in now.
func (a Account) Out(now time.Time) bool {
	return a.Disabled || a.Lapsed(now)
}

// Lapsed tells whether the account is the organisation's, whose sign-in did not
// let its owner in lately.
func (a Account) Lapsed(now time.Time) bool {
	return a.By == ByOrganisation && now.Sub(a.Vouched) >= VouchLife
}

// Bounds of accounts.
const (
	MaxAccounts    = 2000
	MaxAccountName = 64  // bytes
	MaxDisplay     = 50  // characters
	MaxMail        = 254 // bytes, RFC 5321
	MaxPasskeys    = 10  // of one account
	MaxTokens      = 20  // of one account
	MaxSessions    = 50  // of one account: the next ends the one that was used longest ago
)

// Check tells whether an account may be kept so. An administrator sees the
// whole: who gives others their places has them all.
func (a Account) Check() error {
	bad := func(what string) error { return fmt.Errorf("%w: %s", ErrInvalid, what) }
	switch {
	case a.Name == "" || len(a.Name) > MaxAccountName || !plain(a.Name):
		return bad("the name of an account")
	case len([]rune(a.Display)) > MaxDisplay || !plain(a.Display) || len(a.Mail) > MaxMail || !plain(a.Mail):
		return bad("how a person is called")
	case slices.Contains(a.Roles, RoleAdministrator) && !a.Sight.Whole:
		return bad("an administrator without the whole")
	}
	return CheckRights(a.Roles, a.Sight)
}

// CheckRights tells whether roles and sight may be given. A place that names
// nothing would be all of it, and so is refused.
func CheckRights(roles []Role, s Sight) error {
	if len(roles) == 0 || len(roles) > len(Roles) {
		return fmt.Errorf("%w: %d roles", ErrInvalid, len(roles))
	}
	for i, r := range roles {
		if !slices.Contains(Roles, r) || slices.Contains(roles[:i], r) {
			return fmt.Errorf("%w: role %q", ErrInvalid, r)
		}
	}
	if !s.Whole && len(s.Places) == 0 || len(s.Places) > MaxSight {
		return fmt.Errorf("%w: %d places", ErrInvalid, len(s.Places))
	}
	for _, p := range s.Places {
		if p == (ark.Place{}) || p.Check() != nil {
			return fmt.Errorf("%w: a place", ErrInvalid)
		}
	}
	return nil
}

// plain tells a text without control characters from another.
func plain(s string) bool {
	return !slices.ContainsFunc([]rune(s), func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' })
}

// AccountBook keeps accounts.
type AccountBook interface {
	// Accounts lists all, by name.
	Accounts(ctx context.Context) ([]Account, error)
	// Account is one. ErrNotThere.
	Account(ctx context.Context, name string) (Account, error)
	// AccountOf is the account to which an identity of the organisation's
	// sign-in was joined. ErrNotThere.
	AccountOf(ctx context.Context, subject string) (Account, error)
	// AddAccount makes one, by a.By. ErrTaken: there is one of the address
	// already, or of a name that looks like it. ErrInvalid: also of a name that
	// hides something, or that is nobody's. ErrFull.
	AddAccount(ctx context.Context, a Account) error
	// SetAccount changes Display, Roles, Sight, Disabled and Mail. Version is
	// the one that was seen: ErrStale. Who is disabled is signed out, and has no
	// tokens. ErrLastAdministrator, ErrTaken, ErrNotThere.
	SetAccount(ctx context.Context, a Account) error
	// JoinAccount joins an identity to the account. ErrTaken.
	JoinAccount(ctx context.Context, name, subject string) error
	// VouchAccount notes when the organisation's sign-in let the owner in; the
	// zero time: it does no longer, and the account is signed out everywhere.
	VouchAccount(ctx context.Context, name string, at time.Time) error
}

// Password is a password as it is kept.
type Password struct {
	Hash  string // PHC string
	Long  bool   // see Account
	Fresh bool
}

// Proofs are what an account is proved by. They are shown to nobody.
type Proofs struct {
	Password Password
	TOTP     []byte // secret; nil: none
	Handle   []byte // of its passkeys: WebAuthn's user handle
	Passkeys []Passkey
}

// Passkey is a key with which a person signs in.
type Passkey struct {
	ID         []byte
	Name       string
	Host       string // for which it was made: WebAuthn's relying party
	Credential []byte // what its library wants to know again
	Made, Used time.Time
}

// ProofBook keeps what accounts are proved by. All of it answers ErrNotThere
// where there is no such account.
type ProofBook interface {
	Proofs(ctx context.Context, name string) (Proofs, error)
	// SetPassword sets it and signs the account out everywhere but in the
	// session keep; empty: everywhere. One that is Fresh also ends its tokens:
	// nobody knows who made them.
	SetPassword(ctx context.Context, name string, p Password, keep string) error
	// SetTOTP sets the secret of codes; nil takes it away.
	SetTOTP(ctx context.Context, name string, secret []byte) error
	// UseStep uses up a time step of the codes, and all before it. False: it was
	// used already.
	UseStep(ctx context.Context, name string, step int64) (bool, error)
	// SetCodes replaces the recovery codes, by their hashes.
	SetCodes(ctx context.Context, name string, hashes [][]byte) error
	// UseCode uses up a recovery code. False: there is none such.
	UseCode(ctx context.Context, name string, hash []byte) (bool, error)
	// AddPasskey keeps one. ErrFull, ErrTaken.
	AddPasskey(ctx context.Context, name string, p Passkey) error
	// UsedPasskey keeps what became of one when it was used.
	UsedPasskey(ctx context.Context, name string, p Passkey) error
	RemovePasskey(ctx context.Context, name string, id []byte) error
	// ResetProofs takes codes, passkeys and tokens away, and signs out
	// everywhere.
	ResetProofs(ctx context.Context, name string) error
	// HandleOwner is whose passkeys have this handle. ErrNotThere.
	HandleOwner(ctx context.Context, handle []byte) (name string, err error)
}

// Session is a browser in which somebody has signed in.
type Session struct {
	ID      string // for people: it lets nobody in
	Account string
	Begun   time.Time
	Used    time.Time // the last time that a person used it, to the minute
	Ends    time.Time // if it is not used
	From    string    // address
	Agent   string    // what the browser calls itself, at most MaxAgent bytes
}

// MaxAgent is the most bytes of Session.Agent that are kept.
const MaxAgent = 200

// SessionBook keeps sessions, by a key that is not what the browser holds but
// a hash of it.
type SessionBook interface {
	// BeginSession keeps a new one with its data.
	BeginSession(ctx context.Context, key string, s Session, data []byte) error
	// SessionData is what a session that has not ended holds, and false if there
	// is none.
	SessionData(ctx context.Context, key string, now time.Time) ([]byte, bool, error)
	// KeepSession changes what it holds and when it ends. One that was ended
	// meanwhile stays so.
	KeepSession(ctx context.Context, key string, data []byte, used, ends time.Time) error
	// EndSession ends one; one that is not there is ended already.
	EndSession(ctx context.Context, key string) error
	// Sessions lists those of an account, the newest use first, and says which
	// one has the key.
	Sessions(ctx context.Context, name, key string, now time.Time) (all []Session, own string, err error)
	// EndSessions ends one of an account's by its ID, or, with an empty one, all
	// but that with the key keep. It tells how many.
	EndSessions(ctx context.Context, name, id, keep string) (int, error)
	// SawAccount notes a sign-in.
	SawAccount(ctx context.Context, name string, at time.Time) error
}

// Token is what a program shows to use the API for an account. It may never do
// more than its owner.
type Token struct {
	ID      string
	Account string
	Name    string // what it is for
	Roles   []Role
	Sight   Sight
	Made    time.Time
	Ends    time.Time
	Used    time.Time // to the minute; zero: never
}

// MaxTokenLife is how long a token may be good.
const MaxTokenLife = 366 * 24 * time.Hour

// TokenBook keeps tokens, by the hash of what programs show.
type TokenBook interface {
	// AddToken keeps one. ErrFull, ErrNotThere.
	AddToken(ctx context.Context, t Token, hash []byte) error
	// Tokens lists those of an account, the newest first; empty: of all.
	Tokens(ctx context.Context, name string) ([]Token, error)
	// UseToken finds a token by its hash and notes that it was used. ErrNotThere:
	// none, or it is over.
	UseToken(ctx context.Context, hash []byte, now time.Time) (Token, error)
	// RemoveToken ends one. ErrNotThere.
	RemoveToken(ctx context.Context, name, id string) error
	// EndTokens ends all of an account, and tells how many.
	EndTokens(ctx context.Context, name string) (int, error)
}

// Site is the hub as a browser finds it.
type Site struct {
	Host   string // name without a port; a passkey belongs to it
	Origin string // scheme, name and port
}

// Doorkeeper makes and changes what people prove themselves by; the secrets
// stay with it.
type Doorkeeper interface {
	// Make makes an account and a password to hand over, which has to be changed
	// when it is first used; Hand gives such a password to one that is there.
	Make(ctx context.Context, a Account) (password string, err error)
	Hand(ctx context.Context, name string) (password string, err error)
	// Set sets a password, and signs the account out everywhere but in the
	// session keep. ErrPassword.
	Set(ctx context.Context, name, password, keep string) error
	// SetApp turns codes of an app on, if code is one of its: ErrWrongCode.
	// UnsetApp turns them off. ErrPassword: the password is then too short.
	SetApp(ctx context.Context, name, secret, code string) error
	UnsetApp(ctx context.Context, a Account) error
	// NewCodes makes recovery codes; those before are void.
	NewCodes(ctx context.Context, name string) ([]string, error)
	// AddKey keeps a passkey that a browser made as it was asked to: ErrWrongCode
	// where it did not. RemoveKey takes one away. ErrPassword, as UnsetApp.
	AddKey(ctx context.Context, name, called, word string, answer []byte, at Site) error
	RemoveKey(ctx context.Context, a Account, id []byte) error
	// Keys lists passkeys, without what they are judged by.
	Keys(ctx context.Context, name string) ([]Passkey, error)
	// NewToken makes a token and is what a program shows. ErrInvalid, ErrFull.
	NewToken(ctx context.Context, t Token) (word string, err error)
}
