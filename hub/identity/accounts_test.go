package identity

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"ark/hub"
	"ark/hub/store"
)

// room is accounts with the store that keeps them.
type room struct {
	*Accounts
	t     *testing.T
	store *store.Store
	at    time.Time
}

// newRoom is accounts whose hashes cost next to nothing; admin has the
// password "a good password".
func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, at: time.Date(2026, 11, 24, 6, 30, 0, 0, time.UTC)}
	var err error
	r.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "hub.db"), func(b []byte) { rand.Read(b) }, r.clock)
	must(t, err)
	t.Cleanup(func() { r.store.Close() })
	r.Accounts = NewAccounts(r.store, r.clock)
	r.cost = verifier{Time: 1, Memory: 8, Threads: 1}
	r.dummy = newVerifier("", r.cost)
	must(t, r.Rescue(t.Context(), "admin", good, false))
	return r
}

const good = "a good password"

func (r *room) clock() time.Time { return r.at }

func (r *room) verify(name, password, from string) error {
	return r.Verify(r.t.Context(), name, password, from)
}

func (r *room) wants(what string, got, want error) {
	r.t.Helper()
	if !errors.Is(got, want) {
		r.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestAccounts(t *testing.T) {
	r := newRoom(t)
	must(t, r.verify("admin", good, "1.2.3.4"))
	for range freeTries {
		r.wants("wrong", r.verify("admin", "wrong", "4.3.2.1"), hub.ErrWrongPassword)
	}
	r.wants("after five wrong tries", r.verify("admin", good, "5.6.7.8"), hub.ErrTooManyTries)
	r.at = r.at.Add(mostWait)
	must(t, r.verify("admin", good, "5.6.7.8"))
	r.wants("nobody", r.verify("nobody", good, "9.9.9.9"), hub.ErrWrongPassword)
	lin := hub.Account{Name: "lin", Roles: []hub.Role{hub.RoleReader}, Sight: hub.Everything, By: "admin"}
	handed, err := r.Make(t.Context(), lin)
	must(t, err)
	must(t, r.verify("lin", handed, "5.6.7.8"))
	lin, err = r.store.Account(t.Context(), "lin")
	must(t, err)
	if !lin.Fresh || !lin.Long {
		t.Errorf("what was handed over need not be changed: %+v", lin)
	}
	must(t, r.Set(t.Context(), "lin", "my own good password", ""))
	if lin, err = r.store.Account(t.Context(), "lin"); err != nil || lin.Fresh {
		t.Errorf("it is changed: %+v, %v", lin, err)
	}
	lin.Disabled = true
	must(t, r.store.SetAccount(t.Context(), lin))
	r.wants("disabled", r.verify("lin", "my own good password", "5.6.7.8"), hub.ErrWrongPassword)
}

func TestPasswordsThatAreTaken(t *testing.T) {
	for password, want := range map[string][2]bool{ // alone, with a second factor
		"a good password":  {true, true},
		"今天下雨了记得带伞再出门哦":    {false, true}, // 13
		"今天下雨了记得带伞再出门哦！！！": {true, true},
		"short":                {false, false},
		"eight888":             {false, true},
		"password":             {false, false},
		"PassWord":             {false, false},
		"password1":            {false, false},
		"passwordpassword":     {false, false},
		"aaaaaaaaaaaaaaaaaaaa": {false, false},
		"1231231231231231":     {false, false},
		"123456789012345":      {false, false},
		"qwertyuiopasdfgh":     {false, false},
		"林老师林老师林老师林老师林老师": {false, false},
		"Service-Ark 2026":                 {true, true},
		"serviceark2026":                   {false, false},
		"lin-lin-password":                 {false, false},
		"\xff\xfe and the rest of it":      {false, false},
		strings.Repeat("long enough ", 22): {false, false},
	} {
		for i, second := range []bool{false, true} {
			long, err := judge("lin-lin", password, second)
			if (err == nil) != want[i] || err == nil && long != (utf8.RuneCountInString(password) >= passwordAlone) {
				t.Errorf("%q, with a second factor %v: %v, %v", password, second, long, err)
			}
		}
	}
	if n := len(common()); n != 5000 {
		t.Errorf("%d passwords are the commonest", n)
	}
}

// One character can be written in more than one way, and a keyboard for
// Chinese has letters of full width.
func TestPasswordsHoweverTheyAreWritten(t *testing.T) {
	r := newRoom(t)
	must(t, r.Set(t.Context(), "admin", "Café ｐａｓｓｗｏｒｄ ２０２６", ""))
	must(t, r.verify("admin", "Cafe\u0301 password 2026", "1.1.1.1"))
	v := newVerifier("ｆｕｌｌ width of old", r.cost) // as an earlier release kept it
	must(t, r.store.SetPassword(t.Context(), "admin", hub.Password{Hash: v.String()}, ""))
	must(t, r.verify("admin", "ｆｕｌｌ width of old", "1.1.1.1"))
}

func TestHashesThatMakeNoSense(t *testing.T) {
	v := newVerifier("x", verifier{Time: 1, Memory: 8, Threads: 1})
	if got, err := parseVerifier(v.String()); err != nil || !got.fits("x") || got.fits("y") {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"", "$", "$argon2i$v=19$m=8,t=1,p=1$AA$AA", "$argon2id$v=18$m=8,t=1,p=1$AA$AA", strings.Replace(v.String(), "m=8", "m=99999999", 1),
		strings.Replace(v.String(), "t=1", "t=0", 1), strings.Replace(v.String(), "p=1", "p=-1", 1), v.String()[:60], v.String() + "!"} {
		if _, err := parseVerifier(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// Who tries a name from elsewhere keeps its owner out of no desk at which the
// owner has sat before.
func TestAStrangerCannotLockTheOwnerOut(t *testing.T) {
	a := newRoom(t)
	must(t, a.verify("admin", "a good password", "10.0.0.1"))
	must(t, a.verify("admin", "a good password", "10.0.0.2")) // and never a second step
	a.Entered("admin", "10.0.0.1")
	for n := range freeTries + 1 {
		a.verify("admin", "wrong", fmt.Sprint("6.6.6.", n))
	}
	if err := a.verify("admin", "a good password", "10.0.0.2"); !errors.Is(err, hub.ErrTooManyTries) {
		t.Errorf("where only the password was right: %v", err)
	}
	if err := a.verify("admin", "a good password", "6.6.6.77"); !errors.Is(err, hub.ErrTooManyTries) {
		t.Errorf("a name tried from many addresses: %v", err)
	}
	must(t, a.verify("admin", "a good password", "10.0.0.1"))
	for range freeTries {
		a.verify("admin", "wrong", "10.0.0.1")
	}
	if err := a.verify("admin", "a good password", "10.0.0.1"); !errors.Is(err, hub.ErrTooManyTries) {
		t.Errorf("wrong tries at the owner's desk: %v", err)
	}
}

// Whoever has an account tries those of others no faster.
func TestARightTryForgivesOnlyItsOwner(t *testing.T) {
	a := newRoom(t)
	for range freeTries {
		must(t, a.verify("admin", good, "6.6.6.6"))
		a.verify("lin", "wrong", "6.6.6.6")
	}
	a.wants("after five wrong tries from there", a.verify("admin", good, "6.6.6.6"), hub.ErrTooManyTries)
	for _, kind := range []string{kindKey, kindName, kindCode} {
		turn, ok := a.turn(kind, "", "7.7.7.7") // such as of a passkey, before it is known whose
		for range freeTries {
			a.count(turn, false, hub.ErrWrongCode)
		}
		a.count(turn, true, nil)
		if _, now := a.turn(kind, "", "7.7.7.7"); !ok || now {
			t.Errorf("%s: allowed at first %v, after five wrong ones and a right one %v", kind, ok, now)
		}
		a.at = a.at.Add(mostWait)
	}
}

// A name that looks like an address counts as a name.
func TestNamesAndAddressesAreCountedApart(t *testing.T) {
	a := newRoom(t)
	for n := range freeTries {
		a.verify("10.0.0.1", "wrong", fmt.Sprint("6.6.6.", n))
	}
	must(t, a.verify("admin", "a good password", "10.0.0.1"))
}

func TestOversizedTriesAreOnlyWrong(t *testing.T) {
	a := newRoom(t)
	long := strings.Repeat("x", 1<<20)
	for _, try := range [][2]string{{"admin", long}, {long, "wrong"}, {"", ""}} {
		if err := a.verify(try[0], try[1], "1.1.1.1"); !errors.Is(err, hub.ErrWrongPassword) {
			t.Errorf("got %v", err)
		}
	}
	for key := range a.tries {
		if len(key) > 2*hub.MaxAccountName {
			t.Errorf("a key of %d bytes is kept", len(key))
		}
	}
}

// A crowd at the door is turned away, not queued without end.
func TestACrowdIsTurnedAway(t *testing.T) {
	a := newRoom(t)
	for range cap(a.slots) {
		a.slots <- struct{}{} // all busy
	}
	var waiting sync.WaitGroup
	turned := make(chan error, 100)
	for n := range 100 {
		waiting.Go(func() {
			if err := a.verify("x", "wrong", fmt.Sprint(n)); errors.Is(err, hub.ErrTooManyTries) {
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
