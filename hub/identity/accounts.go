package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"ark/hub"
)

// Book is where accounts are kept.
type Book interface {
	hub.AccountBook
	hub.ProofBook
	hub.TokenBook
}

// Accounts are the people who may use the console: what proves that it is
// they.
type Accounts struct {
	book  Book
	queue chan struct{} // bounds who waits for a slot
	slots chan struct{} // bounds the memory that verifying takes
	cost  verifier      // parameters for new hashes
	dummy verifier      // what an unknown name is compared with, so that it takes as long

	sealer *sealer

	mu    sync.Mutex
	tries tries
	homes homes
	now   func() time.Time
}

// NewAccounts are the accounts in a book.
func NewAccounts(book Book, now func() time.Time) *Accounts {
	a := &Accounts{book: book, queue: make(chan struct{}, 32), slots: make(chan struct{}, 2), sealer: newSealer(now), homes: homes{}, tries: tries{}, now: now}
	a.cost = verifier{Time: argonTime, Memory: argonMemory, Threads: argonThreads}
	a.dummy = a.cost
	a.dummy.Salt, a.dummy.Hash = make([]byte, 16), make([]byte, 32) // of no password
	rand.Read(a.dummy.Salt)
	rand.Read(a.dummy.Hash)
	return a
}

// Empty tells whether there is no account yet.
func (a *Accounts) Empty(ctx context.Context) (bool, error) {
	all, err := a.book.Accounts(ctx)
	return len(all) == 0, err
}

// Make makes an account, and a password that somebody else hands over, which
// has to be changed when it is first used.
func (a *Accounts) Make(ctx context.Context, n hub.Account) (password string, err error) {
	if err := a.book.AddAccount(ctx, n); err != nil {
		return "", err
	}
	return a.Hand(ctx, n.Name)
}

// Hand gives an account a password that somebody else hands over, as Make.
func (a *Accounts) Hand(ctx context.Context, name string) (password string, err error) {
	password = NewPassword()
	return password, a.keep(ctx, name, password, hub.Password{Long: true, Fresh: true}, "")
}

// Least is how many characters the password of an account needs.
func (a *Accounts) Least(account hub.Account) int { return least(account.Second()) }

// Set sets the password of an account: ErrPassword where it is none that may
// be used. The account is signed out everywhere but in the session keep; its
// tokens stay.
func (a *Accounts) Set(ctx context.Context, name, password, keep string) error {
	account, err := a.book.Account(ctx, name)
	if err != nil {
		return err
	}
	long, err := judge(name, password, account.Second())
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return a.keep(ctx, name, password, hub.Password{Long: long}, keep)
}

func (a *Accounts) keep(ctx context.Context, name, password string, p hub.Password, session string) error {
	a.slots <- struct{}{}
	p.Hash = newVerifier(norm.NFKC.String(password), a.cost).String()
	<-a.slots
	return a.book.SetPassword(ctx, name, p, session)
}

// Verify answers whether the password is the account's. from is the address
// that asks; wrong tries count against it and against the name, save where
// the name has signed in before, see Entered: nobody keeps people out of their
// own desk by trying their names elsewhere.
func (a *Accounts) Verify(ctx context.Context, name, password, from string) error {
	select {
	case a.queue <- struct{}{}:
		defer func() { <-a.queue }()
	default:
		return hub.ErrTooManyTries // each who waits costs us; nobody honest is that many
	}
	a.slots <- struct{}{} // first, so that many tries at once do not all pass the count
	defer func() { <-a.slots }()
	t, ok := a.turn(kindName, name, from)
	if !ok {
		return hub.ErrTooManyTries
	}
	v, known, err := a.look(ctx, name)
	if err != nil {
		return err
	}
	right := len(password) <= 4*mostPassword && v.fits(password) && known
	return a.count(t, right, hub.ErrWrongPassword)
}

// look finds what to compare a password with.
func (a *Accounts) look(ctx context.Context, name string) (v verifier, known bool, err error) {
	if len(name) > hub.MaxAccountName || name == "" {
		return a.dummy, false, nil // it can be nobody's
	}
	account, err := a.book.Account(ctx, name)
	if errors.Is(err, hub.ErrNotThere) || err == nil && (account.Out(a.now()) || !account.HasPassword) {
		return a.dummy, false, nil
	}
	if err != nil {
		return v, false, err
	}
	p, err := a.book.Proofs(ctx, name)
	if err != nil {
		return v, false, err
	}
	v, err = parseVerifier(p.Password.Hash)
	return v, err == nil, err
}

// turn is a try that may be made: under what it counts if it is wrong.
type turn struct {
	owner   string // the account's; empty: it is nobody's
	address string // it stays when somebody was right: whoever has an account tries others' no faster
}

// turn is false where no try of a kind may be made now. Those of the second
// step count against the account wherever they come from: whoever makes them
// knows the password already, and may have many addresses.
func (a *Accounts) turn(kind, name, from string) (t turn, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t = turn{kind + " " + name, "from " + from}
	switch {
	case name == "" || len(name) > hub.MaxAccountName:
		t.owner = ""
	case kind != kindCode && a.homes.has(name, from):
		t.owner = "home " + kind + " " + name + " " + from
	}
	now := a.now()
	return t, a.tries.allowed(t.address, now) && (t.owner == "" || a.tries.allowed(t.owner, now))
}

// count counts a try: wrong where it was not right.
func (a *Accounts) count(t turn, right bool, wrong error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case right:
		a.tries.succeeded(t.owner)
		return nil
	case t.owner != "":
		a.tries.failed(t.owner, a.now())
	}
	a.tries.failed(t.address, a.now())
	return wrong
}

// Entered notes that somebody has signed in, with all that is asked for: from
// there on nobody else's tries keep them from it.
func (a *Accounts) Entered(name, from string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.homes.add(name, from)
}

// Rescue sets a password at the hub's own computer, as Set, and ends the
// account's tokens; an account that is not there is made, an administrator's.
// handed: the password was shown, and has to be changed when it is first used.
func (a *Accounts) Rescue(ctx context.Context, name, password string, handed bool) error {
	account, err := a.book.Account(ctx, name)
	missing := errors.Is(err, hub.ErrNotThere)
	if err != nil && !missing {
		return err
	}
	long, err := judge(name, password, account.Second())
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	if missing {
		if err := a.book.AddAccount(ctx, hub.Account{Name: name, Roles: []hub.Role{hub.RoleAdministrator}, Sight: hub.Everything, By: hub.OwnName}); err != nil {
			return err
		}
	}
	if err := a.keep(ctx, name, password, hub.Password{Long: long, Fresh: handed}, ""); err != nil {
		return err
	}
	_, err = a.book.EndTokens(ctx, name)
	return err
}
