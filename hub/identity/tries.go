package identity

import "time"

// Kinds of tries: each counts apart.
const (
	kindName = "name" // a password
	kindCode = "code"
	kindKey  = "key"
)

// tries counts wrong ones by account and by address. After five in a row
// each further one costs a wait that doubles, up to a quarter of an hour.
type tries map[string]try

type try struct {
	failed int
	last   time.Time
}

const (
	freeTries = 5
	mostWait  = 15 * time.Minute
	mostKeys  = 10_000
)

func (t try) wait() time.Duration {
	if t.failed < freeTries {
		return 0
	}
	return min(time.Second<<min(t.failed-freeTries, 20), mostWait)
}

// allowed tells whether a try may be made now.
func (t tries) allowed(key string, now time.Time) bool {
	k := t[key]
	return !now.Before(k.last.Add(k.wait()))
}

// failed counts a wrong try.
func (t tries) failed(key string, now time.Time) {
	k := t[key]
	if now.Sub(k.last) > time.Hour {
		k.failed = 0
	}
	if len(t) >= mostKeys {
		t.prune(now)
	}
	t[key] = try{k.failed + 1, now}
}

// succeeded forgets the wrong tries.
func (t tries) succeeded(key string) { delete(t, key) }

// prune drops what is over; if everything is fresh, it drops anything.
func (t tries) prune(now time.Time) {
	for key, k := range t {
		if now.Sub(k.last) > mostWait || len(t) > mostKeys*9/10 {
			delete(t, key)
		}
	}
}
