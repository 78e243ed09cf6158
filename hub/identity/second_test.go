package identity

import (
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"ark"
	"ark/hub"
)

func (r *room) see(name string) hub.Account {
	r.t.Helper()
	a, err := r.store.Account(r.t.Context(), name)
	must(r.t, err)
	return a
}

// code is what an app shows at a time.
func (r *room) code(secret string, at time.Time) string {
	r.t.Helper()
	code, err := totp.GenerateCodeCustom(secret, at, codeOptions)
	must(r.t, err)
	return code
}

func (r *room) second(code, from string) error { return r.Second(r.t.Context(), "admin", code, from) }

// app turns codes of an app on for admin.
func (r *room) app() (secret string) {
	r.t.Helper()
	secret, address := r.NewApp("admin")
	at, err := url.Parse(address)
	must(r.t, err)
	if at.Scheme != "otpauth" || at.Host != "totp" || at.Query().Get("secret") != secret || !strings.HasSuffix(at.Path, ":admin") {
		r.t.Fatalf("got %s", address)
	}
	r.wants("a wrong code", r.SetApp(r.t.Context(), "admin", secret, "000000"), hub.ErrWrongCode)
	r.wants("a secret of one's own", r.SetApp(r.t.Context(), "admin", "AAAA", "000000"), hub.ErrInvalid)
	must(r.t, r.SetApp(r.t.Context(), "admin", secret, r.code(secret, r.at)))
	return secret
}

// RFC 6238, Appendix B, cut to six digits.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if step, ok, err := stepOf(secret, code, time.Unix(at, 0)); err != nil || !ok || step != at/30 {
			t.Errorf("at %d: step %d, %v, %v", at, step, ok, err)
		}
	}
	if _, ok, _ := stepOf(nil, "755224", time.Unix(0, 0)); ok { // of the empty secret there is none
		t.Error("a code of no secret was taken")
	}
}

func TestCodesOfAnApp(t *testing.T) {
	r := newRoom(t)
	secret := r.app()
	if !r.see("admin").TOTP {
		t.Fatal("it is not on")
	}
	r.wants("the code that turned it on", r.second(r.code(secret, r.at), "1.1.1.1"), hub.ErrWrongCode)
	r.at = r.at.Add(90 * time.Second)
	must(t, r.second(" "+r.code(secret, r.at.Add(-30*time.Second))[:3]+" "+r.code(secret, r.at.Add(-30*time.Second))[3:], "1.1.1.1"))
	r.wants("the same again", r.second(r.code(secret, r.at.Add(-30*time.Second)), "1.1.1.1"), hub.ErrWrongCode)
	must(t, r.second(r.code(secret, r.at.Add(30*time.Second)), "1.1.1.1"))
	r.wants("an older one than was used", r.second(r.code(secret, r.at), "1.1.1.1"), hub.ErrWrongCode)
	r.at = r.at.Add(10 * time.Minute)
	for _, off := range []time.Duration{-time.Minute, time.Minute} {
		r.wants("too far from now", r.second(r.code(secret, r.at.Add(off)), "1.1.1.1"), hub.ErrWrongCode)
	}
	must(t, r.UnsetApp(t.Context(), r.see("admin")))
	r.at = r.at.Add(mostWait)
	r.wants("when it is off", r.second(r.code(secret, r.at), "1.1.1.1"), hub.ErrWrongCode)
}

func TestWrongCodesAreCounted(t *testing.T) {
	r := newRoom(t)
	secret := r.app()
	r.at = r.at.Add(time.Hour)
	for i := range freeTries {
		r.wants("wrong", r.second("000000", fmt.Sprint("6.6.6.", i)), hub.ErrWrongCode)
	}
	r.wants("the right one after five", r.second(r.code(secret, r.at), "6.6.6.77"), hub.ErrTooManyTries)
	must(t, r.verify("admin", good, "1.1.1.1")) // passwords are counted apart
	r.wants("where the password was right", r.second(r.code(secret, r.at), "1.1.1.1"), hub.ErrTooManyTries)
	r.Entered("admin", "2.2.2.2")
	r.wants("at the owner's own desk: whoever guesses knows the password", r.second(r.code(secret, r.at), "2.2.2.2"), hub.ErrTooManyTries)
	r.at = r.at.Add(mostWait)
	must(t, r.second(r.code(secret, r.at), "2.2.2.2"))
}

func TestRecoveryCodes(t *testing.T) {
	r := newRoom(t)
	codes, err := r.NewCodes(t.Context(), "admin")
	must(t, err)
	if len(codes) != manyCodes || codes[0] == codes[1] || 5*len(plainCode(codes[0])) < 112 {
		t.Fatalf("got %q", codes)
	}
	must(t, r.second(codes[3], "1.1.1.1"))
	r.wants("twice", r.second(codes[3], "1.1.1.1"), hub.ErrWrongCode)
	must(t, r.second(strings.ToUpper(strings.ReplaceAll(codes[4], "-", " ")), "1.1.1.1"))
	if n := r.see("admin").Codes; n != manyCodes-2 {
		t.Errorf("%d are left", n)
	}
	_, err = r.NewCodes(t.Context(), "admin")
	must(t, err)
	r.wants("of before", r.second(codes[5], "1.1.1.1"), hub.ErrWrongCode)
	r.wants("none", r.second("", "1.1.1.1"), hub.ErrWrongCode)
}

// A short password is never all that is asked.
func TestAShortPasswordNeedsASecondFactor(t *testing.T) {
	r := newRoom(t)
	r.app()
	must(t, r.Set(t.Context(), "admin", "eight888", ""))
	r.wants("off", r.UnsetApp(t.Context(), r.see("admin")), hub.ErrPassword)
	must(t, r.Set(t.Context(), "admin", good, ""))
	must(t, r.UnsetApp(t.Context(), r.see("admin")))
	r.wants("short again", r.Set(t.Context(), "admin", "eight888", ""), hub.ErrPassword)
}

func TestTheSecondStep(t *testing.T) {
	r := newRoom(t)
	word, err := r.Pend(r.see("admin"))
	must(t, err)
	if a, err := r.Pending(t.Context(), word); err != nil || a.Name != "admin" {
		t.Fatalf("%q, %v", a.Name, err)
	}
	for what, bad := range map[string]string{"empty": "", "rubbish": "rubbish", "longer": word + "A", "changed": "A" + word[1:], "of another hub": func() string { w, _ := newRoom(t).Pend(r.see("admin")); return w }()} {
		_, err := r.Pending(t.Context(), bad)
		if bad != word {
			r.wants(what, err, hub.ErrNotThere)
		}
	}
	_, _, err = NewOrganisation(r.Accounts, OrganisationConfig{}).Finish(t.Context(), word, "", "x")
	r.wants("for another purpose", err, hub.ErrNotThere)
	must(t, r.Set(t.Context(), "admin", "another good password", ""))
	_, err = r.Pending(t.Context(), word)
	r.wants("after the password was changed", err, hub.ErrNotThere)
	word, err = r.Pend(r.see("admin"))
	must(t, err)
	r.at = r.at.Add(sealLife)
	_, err = r.Pending(t.Context(), word)
	r.wants("too late", err, hub.ErrNotThere)
}

func TestTokensDoNoMoreThanTheirOwner(t *testing.T) {
	r := newRoom(t)
	north, park := ark.Place{Street: "北街"}, ark.Place{Street: "北街", Community: "公园"}
	_, err := r.Make(t.Context(), hub.Account{Name: "lin", Roles: []hub.Role{hub.RoleReviewer}, Sight: hub.Sight{Places: []ark.Place{north}}})
	must(t, err)
	must(t, r.Set(t.Context(), "lin", "my own good password", ""))
	token := hub.Token{Account: "lin", Name: "报表", Roles: hub.Roles, Sight: hub.Everything, Ends: r.at.Add(time.Hour)}
	word, err := r.NewToken(t.Context(), token)
	must(t, err)
	s, err := r.Bearer(t.Context(), word, "1.1.1.1")
	must(t, err)
	if s.Name != "lin" || s.Token != "报表" || s.From != "1.1.1.1" || s.Is(hub.RoleTechnician) || !s.Is(hub.RoleReviewer) || s.Sight.Whole || !s.Sight.Sees(park) || s.Sight.Sees(ark.Place{Street: "南街"}) {
		t.Errorf("got %+v", s)
	}
	lin := r.see("lin")
	lin.Roles, lin.Sight = []hub.Role{hub.RoleReader}, hub.Sight{Places: []ark.Place{park}}
	must(t, r.store.SetAccount(t.Context(), lin))
	if s, err = r.Bearer(t.Context(), word, ""); err != nil || s.Is(hub.RoleReviewer) || s.Sight.Sees(north) || !s.Sight.Sees(park) {
		t.Errorf("the owner may do less now: %+v, %v", s, err)
	}
	kept, err := r.store.Proofs(t.Context(), "lin")
	must(t, err)
	_, err = r.Hand(t.Context(), "lin")
	must(t, err)
	_, err = r.Bearer(t.Context(), word, "")
	r.wants("of an account whose password somebody handed over", err, hub.ErrNotThere)
	kept.Password.Fresh = false
	must(t, r.store.SetPassword(t.Context(), "lin", kept.Password, ""))
	_, err = r.Bearer(t.Context(), word, "")
	r.wants("it comes back with no password", err, hub.ErrNotThere)
	for what, bad := range map[string]string{"empty": "", "another": tokenMark + strings.Repeat("A", 52), "without its mark": word[4:], "long": tokenMark + strings.Repeat("A", 1<<20)} {
		_, err := r.Bearer(t.Context(), bad, "")
		r.wants(what, err, hub.ErrNotThere)
	}
	r.at = token.Ends
	_, err = r.Bearer(t.Context(), word, "")
	r.wants("over", err, hub.ErrNotThere)
	for _, bad := range []hub.Token{{Name: "x", Ends: r.at}, {Name: "x", Ends: r.at.Add(hub.MaxTokenLife + time.Hour)}, {Ends: r.at.Add(time.Hour)}} {
		bad.Account, bad.Roles, bad.Sight = "lin", lin.Roles, lin.Sight
		_, err := r.NewToken(t.Context(), bad)
		r.wants("a token that may not be", err, hub.ErrInvalid)
	}
}

// A secret is base32 that people type.
func TestSecretsAreTyped(t *testing.T) {
	secret, _ := newRoom(t).NewApp("x")
	if raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret); err != nil || len(raw) != codeSecret {
		t.Errorf("%q: %v", secret, err)
	}
}
