package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

var opening = time.UnixMilli(1_790_000_000_000).UTC()

func (b *bench) session(name, key string, at time.Time) {
	b.t.Helper()
	b.must(b.BeginSession(b.t.Context(), key, hub.Session{ID: "id-" + key, Account: name, Begun: at, Ends: at.Add(4 * time.Hour), From: "10.0.0.1", Agent: "Firefox"}, []byte("data")))
}

// living tells whether a session is there.
func (b *bench) living(key string, at time.Time) bool {
	b.t.Helper()
	_, there, err := b.SessionData(b.t.Context(), key, at)
	b.must(err)
	return there
}

func sessions(t *testing.T, b *bench) {
	ctx := t.Context()
	b.account("admin", hub.RoleAdministrator)
	b.session("admin", "one", opening)
	b.session("admin", "two", opening.Add(time.Second))
	b.reopen()
	if data, there, err := b.SessionData(ctx, "one", opening); err != nil || !there || string(data) != "data" {
		t.Fatalf("got %q, %v, %v", data, there, err)
	}
	if b.living("one", opening.Add(4*time.Hour)) || b.living("none", opening) {
		t.Error("a session that is over, or is none, is found")
	}
	later := opening.Add(3 * time.Hour)
	b.must(b.KeepSession(ctx, "one", []byte("more"), later, later.Add(4*time.Hour)))
	b.must(b.KeepSession(ctx, "none", []byte("more"), later, later.Add(4*time.Hour)))
	if data, there, err := b.SessionData(ctx, "one", later.Add(3*time.Hour)); err != nil || !there || string(data) != "more" {
		t.Errorf("kept on: %q, %v, %v", data, there, err)
	}
	all, own, err := b.Sessions(ctx, "admin", "two", opening.Add(time.Hour))
	b.must(err)
	if len(all) != 2 || all[0].ID != "id-one" || !all[0].Used.Equal(later) || !all[0].Begun.Equal(opening) || all[0].From != "10.0.0.1" || all[0].Agent != "Firefox" || own != "id-two" {
		t.Errorf("got %+v, own %q", all, own)
	}
	b.must(b.EndSession(ctx, "one"))
	b.must(b.EndSession(ctx, "one"))
	b.must(b.KeepSession(ctx, "one", []byte("again"), later, later.Add(4*time.Hour)))
	if b.living("one", later) {
		t.Error("a request that was under way brought an ended session back")
	}
	b.must(b.BeginSession(ctx, "odd", hub.Session{ID: "odd", Account: "admin", Begun: opening, Ends: opening.Add(time.Hour), Agent: "\x00\xff" + strings.Repeat("窗", 500)}, []byte("data")))
	all, _, err = b.Sessions(ctx, "admin", "", opening)
	b.must(err)
	if len(all) != 2 || len(all[0].Agent) > hub.MaxAgent && len(all[1].Agent) > hub.MaxAgent {
		t.Errorf("got %+v", all)
	}
	b.session("admin", "new", opening.Add(48*time.Hour))
	if b.living("odd", opening) {
		t.Error("what is over stays")
	}
	b.wants("of nobody", b.BeginSession(ctx, "x", hub.Session{ID: "x", Account: "nobody", Begun: opening}, nil), hub.ErrNotThere)
	b.must(b.SawAccount(ctx, "admin", opening))
	if got := b.find("admin").Seen; !got.Equal(opening) {
		t.Errorf("seen %v", got)
	}
}

func sessionsEnd(t *testing.T, b *bench) {
	ctx := t.Context()
	b.account("admin", hub.RoleAdministrator)
	lin := b.account("lin", hub.RoleReader)
	begin := func() {
		b.t.Helper()
		_, err := b.EndSessions(ctx, "lin", "", "")
		b.must(err)
		for _, key := range []string{"a", "b", "c"} {
			b.session("lin", key, opening)
		}
	}
	want := func(what string, keys string) {
		t.Helper()
		got := ""
		for _, key := range []string{"a", "b", "c"} {
			if b.living(key, opening) {
				got += key
			}
		}
		if got != keys {
			t.Errorf("%s: %q live, want %q", what, got, keys)
		}
	}
	b.session("admin", "z", opening)
	begin()
	if n, err := b.EndSessions(ctx, "lin", "id-b", "b"); err != nil || n != 1 {
		t.Errorf("one: %d, %v", n, err)
	}
	want("one", "ac")
	if n, err := b.EndSessions(ctx, "admin", "id-a", ""); err != nil || n != 0 {
		t.Errorf("another's: %d, %v", n, err)
	}
	_, err := b.EndSessions(ctx, "lin", "", "c")
	b.must(err)
	want("all others", "c")
	begin()
	b.must(b.SetPassword(ctx, "lin", hub.Password{Hash: "$y"}, "b"))
	want("another password", "b")
	begin()
	b.must(b.ResetProofs(ctx, "lin"))
	want("reset", "")
	begin()
	before := b.find("lin").Version
	b.must(b.VouchAccount(ctx, "lin", opening))
	want("let in by the organisation", "abc")
	if a := b.find("lin"); !a.Vouched.Equal(opening) || a.Version != before {
		t.Errorf("vouched for at %v, version %d after %d", a.Vouched, a.Version, before)
	}
	b.must(b.VouchAccount(ctx, "lin", time.Time{}))
	want("no longer", "")
	if a := b.find("lin"); !a.Vouched.IsZero() {
		t.Errorf("vouched for at %v", a.Vouched)
	}
	b.wants("nobody", b.VouchAccount(ctx, "nobody", opening), hub.ErrNotThere)
	begin()
	lin = b.find("lin")
	lin.Disabled = true
	b.must(b.SetAccount(ctx, lin))
	want("disabled", "")
	b.wants("of one who is disabled", b.BeginSession(ctx, "d", hub.Session{ID: "d", Account: "lin", Begun: opening}, nil), hub.ErrNotThere)
	if !b.living("z", opening) {
		t.Error("another account's session has ended")
	}
	for i := range hub.MaxSessions + 2 {
		b.session("admin", fmt.Sprint("s", i), opening.Add(time.Duration(i)*time.Second))
	}
	if b.living("s1", opening) || !b.living(fmt.Sprint("s", hub.MaxSessions+1), opening) {
		t.Error("the session that was used longest ago does not make room")
	}
}

func tokens(t *testing.T, b *bench) {
	ctx := t.Context()
	b.account("admin", hub.RoleAdministrator)
	lin := b.account("lin", hub.RoleReader)
	token := hub.Token{ID: "t1", Account: "lin", Name: "报表", Roles: lin.Roles, Sight: north, Made: opening, Ends: opening.Add(time.Hour)}
	b.must(b.AddToken(ctx, token, []byte{1}))
	b.reopen()
	got, err := b.UseToken(ctx, []byte{1}, opening.Add(time.Minute*2))
	b.must(err)
	if got.Account != "lin" || got.Name != "报表" || len(got.Sight.Places) != 2 || got.Roles[0] != hub.RoleReader || !got.Ends.Equal(token.Ends) {
		t.Errorf("got %+v", got)
	}
	all, err := b.Tokens(ctx, "")
	b.must(err)
	if len(all) != 1 || !all[0].Used.Equal(opening.Add(2*time.Minute)) {
		t.Errorf("got %+v", all)
	}
	_, err = b.UseToken(ctx, []byte{1}, token.Ends)
	b.wants("when it is over", err, hub.ErrNotThere)
	_, err = b.UseToken(ctx, []byte{2}, opening)
	b.wants("another", err, hub.ErrNotThere)
	b.wants("another's", b.RemoveToken(ctx, "admin", "t1"), hub.ErrNotThere)
	b.must(b.RemoveToken(ctx, "lin", "t1"))
	_, err = b.UseToken(ctx, []byte{1}, opening)
	b.wants("taken away", err, hub.ErrNotThere)
	add := func() {
		t.Helper()
		for i := range 2 {
			token.ID = fmt.Sprint("u", i)
			b.must(b.AddToken(ctx, token, []byte{4, byte(i)}))
		}
	}
	left := func(what string, want int) {
		t.Helper()
		if all, err := b.Tokens(ctx, "lin"); err != nil || len(all) != want {
			t.Errorf("%s: %d tokens, %v, want %d", what, len(all), err, want)
		}
	}
	add()
	b.must(b.SetPassword(ctx, "lin", hub.Password{Hash: "$y"}, ""))
	left("a password of one's own", 2)
	if n, err := b.EndTokens(ctx, "lin"); err != nil || n != 2 {
		t.Errorf("ended %d, %v", n, err)
	}
	add()
	b.must(b.SetPassword(ctx, "lin", hub.Password{Hash: "$y", Fresh: true}, ""))
	left("a password that was handed over", 0)
	add()
	b.must(b.ResetProofs(ctx, "lin"))
	left("reset", 0)
	for i := range hub.MaxTokens {
		token.ID = fmt.Sprint(i)
		b.must(b.AddToken(ctx, token, []byte{2, byte(i)}))
	}
	token.ID = "more"
	b.wants("one more", b.AddToken(ctx, token, []byte{3}), hub.ErrFull)
	token.Sight = hub.Sight{Places: []ark.Place{{}}}
	b.wants("a place that is all", b.AddToken(ctx, token, []byte{3}), hub.ErrInvalid)
	lin = b.find("lin")
	lin.Disabled = true
	b.must(b.SetAccount(ctx, lin))
	_, err = b.UseToken(ctx, []byte{2, 1}, opening)
	b.wants("of one who is disabled", err, hub.ErrNotThere)
}
