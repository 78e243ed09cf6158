package console

import (
	"crypto/rand"
	"sync"
)

// maxOnce bounds how many posted forms are remembered.
const maxOnce = 10_000

// once remembers forms that were posted, so that a second tap on a button
// does not ask for the same thing twice.
type once struct {
	mu   sync.Mutex
	seen map[string]bool
}

// key is for a new form.
func (o *once) key() string { return rand.Text() }

// first tells whether this form comes for the first time. A form without a
// key always does.
func (o *once) first(key string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if key == "" || len(key) > 64 {
		return true
	}
	if o.seen[key] {
		return false
	}
	if len(o.seen) >= maxOnce {
		clear(o.seen)
	}
	o.seen[key] = true
	return true
}

// forget lets a form come again: what it asked for was not done.
func (o *once) forget(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.seen, key)
}
