package identity

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"

	"ark/hub"
)

// Accounts are the people who may use the console, in a file.
type Accounts struct {
	path  string
	queue chan struct{} // bounds who waits for a slot
	slots chan struct{} // bounds the memory that verifying takes
	cost  verifier      // parameters for new hashes
	dummy verifier      // what an unknown name is compared with, so that it takes as long

	mu    sync.Mutex
	read  os.FileInfo // the file as it was read; nil: there was none
	list  map[string]verifier
	tries tries
	homes homes
	now   func() time.Time
}

// verifier is an argon2id hash (RFC 9106) with its parameters.
type verifier struct {
	Salt    []byte `json:"salt"`
	Hash    []byte `json:"hash"`
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory"` // KiB
	Threads uint8  `json:"threads"`
}

// RFC 9106, 4, second recommended option, with less memory and more passes:
// four people may sign in at once on a small hub.
const (
	argonTime    = 3
	argonMemory  = 64 << 10
	argonThreads = 2
)

const (
	maxName     = 64  // bytes
	maxPassword = 256 // bytes
)

// OpenAccounts reads the accounts in a folder; there may be none yet.
func OpenAccounts(dir string, now func() time.Time) (*Accounts, error) {
	a := &Accounts{path: filepath.Join(dir, "accounts.json"), queue: make(chan struct{}, 32), slots: make(chan struct{}, 2), homes: homes{}, list: map[string]verifier{}, tries: tries{}, now: now}
	a.cost = verifier{Time: argonTime, Memory: argonMemory, Threads: argonThreads}
	a.dummy = a.cost
	a.dummy.Salt, a.dummy.Hash = make([]byte, 16), make([]byte, 32) // of no password
	rand.Read(a.dummy.Salt)
	rand.Read(a.dummy.Hash)
	if err := a.reload(); err != nil {
		return nil, err
	}
	return a, nil
}

// reload reads the file if it is another one than before: a command may have
// set a password while a hub runs. The caller holds mu, or is the only one.
func (a *Accounts) reload() error {
	st, err := os.Stat(a.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil && a.read != nil && os.SameFile(st, a.read) && st.ModTime().Equal(a.read.ModTime()) {
		return nil
	}
	list := map[string]verifier{}
	data, err := os.ReadFile(a.path)
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	a.list, a.read = list, st
	return nil
}

// Mark is a word that changes when an account's password does; empty: there
// is no such account. A session lasts as long as the mark it began with.
func (a *Accounts) Mark(name string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reload() // where the file cannot be read, what was read before holds
	v, known := a.list[name]
	if !known {
		return ""
	}
	return hex.EncodeToString(v.Salt)
}

// Empty tells whether there is no account yet.
func (a *Accounts) Empty() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.list) == 0
}

// Set makes or changes an account, durably.
func (a *Accounts) Set(name, password string) error {
	if name == "" || len(name) > maxName || len(password) < 8 || len(password) > maxPassword {
		return fmt.Errorf("set account: %w", hub.ErrPassword)
	}
	v := newVerifier(password, a.cost)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.reload(); err != nil {
		return err
	}
	list := maps.Clone(a.list)
	list[name] = v
	data, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	if err := replaceFile(a.path, data, 0o600); err != nil {
		return fmt.Errorf("set account: %w", err)
	}
	return a.reload()
}

func newVerifier(password string, v verifier) verifier {
	v.Salt = make([]byte, 16)
	rand.Read(v.Salt)
	v.Hash = v.hash(password)
	return v
}

func (v verifier) hash(password string) []byte {
	return argon2.IDKey([]byte(password), v.Salt, v.Time, v.Memory, v.Threads, 32)
}

// Verify answers whether the password is the account's. from is the address
// that asks; wrong tries count against it and against the name, save where
// the name has signed in before: nobody keeps people out of their own desk by
// trying their names elsewhere.
func (a *Accounts) Verify(name, password, from string) error {
	select {
	case a.queue <- struct{}{}:
		defer func() { <-a.queue }()
	default:
		return hub.ErrTooManyTries // each who waits costs us; nobody honest is that many
	}
	a.slots <- struct{}{} // first, so that many tries at once do not all pass the count
	defer func() { <-a.slots }()
	v, known, keys := a.look(name, from)
	if keys == nil {
		return hub.ErrTooManyTries
	}
	right := len(password) <= maxPassword && subtle.ConstantTimeCompare(v.hash(password), v.Hash) == 1 && known
	a.mu.Lock()
	defer a.mu.Unlock()
	if !right {
		for _, key := range keys {
			a.tries.failed(key, a.now())
		}
		return hub.ErrWrongPassword
	}
	a.tries.succeeded(keys[0])
	a.homes.add(name, from)
	return nil
}

// look finds what to compare with, and the keys under which a wrong try
// counts; none: it may not be made now.
func (a *Accounts) look(name, from string) (v verifier, known bool, keys []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reload() // where the file cannot be read, what was read before holds
	if v, known = a.list[name]; !known {
		v = a.dummy
	}
	keys = []string{"name " + name, "from " + from}
	switch {
	case len(name) > maxName: // it can be nobody's
		keys = keys[1:]
	case a.homes.has(name, from):
		keys[0] = "home " + name + " " + from
	}
	for _, key := range keys {
		if !a.tries.allowed(key, a.now()) {
			return v, known, nil
		}
	}
	return v, known, keys
}

// NewPassword makes a password of 16 letters and digits in groups of four:
// 79 bits, without those that look alike.
func NewPassword() string {
	const letters = "abcdefghijkmnpqrstuvwxyz23456789"
	b := make([]byte, 16)
	rand.Read(b)
	out := make([]byte, 0, 19)
	for i, c := range b {
		if i > 0 && i%4 == 0 {
			out = append(out, '-')
		}
		out = append(out, letters[int(c)%len(letters)])
	}
	return string(out)
}
