package identity

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ark/hub"
)

// openCheap opens accounts whose hashes cost next to nothing.
func openCheap(t *testing.T, dir string, now func() time.Time) *Accounts {
	t.Helper()
	a, err := OpenAccounts(dir, now)
	must(t, err)
	a.cost = verifier{Time: 1, Memory: 8, Threads: 1}
	a.dummy = newVerifier("", a.cost)
	return a
}

// Who tries a name from elsewhere keeps its owner out of no desk at which the
// owner has sat before.
func TestAStrangerCannotLockTheOwnerOut(t *testing.T) {
	now := time.Now()
	a := openCheap(t, t.TempDir(), func() time.Time { return now })
	must(t, a.Set("admin", "a good password"))
	must(t, a.Verify("admin", "a good password", "10.0.0.1"))
	for n := range freeTries + 1 {
		a.Verify("admin", "wrong", fmt.Sprint("6.6.6.", n))
	}
	if err := a.Verify("admin", "a good password", "6.6.6.77"); !errors.Is(err, hub.ErrTooManyTries) {
		t.Errorf("a name tried from many addresses: %v", err)
	}
	must(t, a.Verify("admin", "a good password", "10.0.0.1"))
	for range freeTries {
		a.Verify("admin", "wrong", "10.0.0.1")
	}
	if err := a.Verify("admin", "a good password", "10.0.0.1"); !errors.Is(err, hub.ErrTooManyTries) {
		t.Errorf("wrong tries at the owner's desk: %v", err)
	}
}

// A name that looks like an address counts as a name.
func TestNamesAndAddressesAreCountedApart(t *testing.T) {
	a := openCheap(t, t.TempDir(), time.Now)
	must(t, a.Set("admin", "a good password"))
	for n := range freeTries {
		a.Verify("10.0.0.1", "wrong", fmt.Sprint("6.6.6.", n))
	}
	must(t, a.Verify("admin", "a good password", "10.0.0.1"))
}

func TestOversizedTriesAreOnlyWrong(t *testing.T) {
	a := openCheap(t, t.TempDir(), time.Now)
	must(t, a.Set("admin", "a good password"))
	long := strings.Repeat("x", 1<<20)
	for _, try := range [][2]string{{"admin", long}, {long, "wrong"}, {"", ""}} {
		if err := a.Verify(try[0], try[1], "1.1.1.1"); !errors.Is(err, hub.ErrWrongPassword) {
			t.Errorf("got %v", err)
		}
	}
	for key := range a.tries {
		if len(key) > 2*maxName {
			t.Errorf("a key of %d bytes is kept", len(key))
		}
	}
}

// A crowd at the door is turned away, not queued without end.
func TestACrowdIsTurnedAway(t *testing.T) {
	a := openCheap(t, t.TempDir(), time.Now)
	for range cap(a.slots) {
		a.slots <- struct{}{} // all busy
	}
	var waiting sync.WaitGroup
	turned := make(chan error, 100)
	for n := range 100 {
		waiting.Go(func() {
			if err := a.Verify("x", "wrong", fmt.Sprint(n)); errors.Is(err, hub.ErrTooManyTries) {
				turned <- err
			}
		})
	}
	for range 100 - cap(a.queue) {
		<-turned
	}
	for range cap(a.slots) {
		<-a.slots
	}
	waiting.Wait()
}

func TestHomesAreBounded(t *testing.T) {
	h := homes{}
	for n := range mostHomes + 10 {
		h.add("admin", fmt.Sprint(n))
	}
	if len(h) > mostHomes || !h.has("admin", fmt.Sprint(mostHomes+9)) {
		t.Errorf("%d homes", len(h))
	}
}
