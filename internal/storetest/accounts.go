package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/hub"
)

var north = hub.Sight{Places: []ark.Place{{Street: "北街"}, {Street: "南街", Community: "公园"}}}

// account makes an account that can sign in.
func (b *bench) account(name string, roles ...hub.Role) hub.Account {
	b.t.Helper()
	a := hub.Account{Name: name, Display: "的" + name, Roles: roles, Sight: north, By: "admin"}
	if slices.Contains(roles, hub.RoleAdministrator) {
		a.Sight = hub.Everything
	}
	b.must(b.AddAccount(b.t.Context(), a))
	b.must(b.SetPassword(b.t.Context(), name, hub.Password{Hash: "$argon2id$" + name, Long: true}, ""))
	return b.find(name)
}

func (b *bench) find(name string) hub.Account {
	b.t.Helper()
	a, err := b.Account(b.t.Context(), name)
	b.must(err)
	return a
}

// wants insists on an error.
func (b *bench) wants(what string, got, want error) {
	b.t.Helper()
	if !errors.Is(got, want) {
		b.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func accounts(t *testing.T, b *bench) {
	ctx := t.Context()
	b.account("admin", hub.RoleAdministrator)
	lin := b.account("林老师", hub.RoleReader, hub.RoleReviewer)
	b.reopen()
	if lin.Made.IsZero() || lin.By != "admin" || !lin.HasPassword || lin.Disabled || lin.Display != "的林老师" ||
		!slices.Equal(lin.Roles, []hub.Role{hub.RoleReader, hub.RoleReviewer}) || cmp.Diff(lin.Sight, north) != "" {
		t.Errorf("got %+v", lin)
	}
	if diff := cmp.Diff(lin, b.find("林老师")); diff != "" {
		t.Errorf("opened again: %s", diff)
	}
	all, err := b.Accounts(ctx)
	b.must(err)
	if len(all) != 2 || all[0].Name != "admin" || !all[0].Sight.Whole {
		t.Errorf("got %+v", all)
	}
	_, err = b.Account(ctx, "nobody")
	b.wants("nobody", err, hub.ErrNotThere)
	b.wants("the same name", b.AddAccount(ctx, lin), hub.ErrTaken)
	for _, bad := range []hub.Account{{}, {Name: "x", Sight: north}, {Name: "x", Roles: lin.Roles}, {Name: "x", Roles: []hub.Role{"king"}, Sight: north}, {Name: "x\x00", Roles: lin.Roles, Sight: north},
		{Name: "x", Roles: lin.Roles, Sight: hub.Sight{Places: []ark.Place{{}}}}, {Name: "x", Roles: []hub.Role{hub.RoleAdministrator}, Sight: north}} {
		b.wants(fmt.Sprintf("%+v", bad), b.AddAccount(ctx, bad), hub.ErrInvalid)
	}
	for _, name := range []string{"ADMIN", "ａｄｍｉｎ", "ⓐdmin"} {
		b.wants("a name like another: "+name, b.AddAccount(ctx, hub.Account{Name: name, Roles: lin.Roles, Sight: north}), hub.ErrTaken)
	}
	for _, name := range []string{hub.OwnName, "(Ark-Hub)", "OIDC", "ｏｉｄｃ", hub.AssignedNobody, "ad\u200bmin", "ad\u00admin", "\u202enimda", "аdmin", "αdmin", " admin", "admin\u3000"} {
		b.wants(fmt.Sprintf("the name %q", name), b.AddAccount(ctx, hub.Account{Name: name, Roles: lin.Roles, Sight: north}), hub.ErrInvalid)
	}
	lin.Roles, lin.Sight, lin.Mail = []hub.Role{hub.RoleTechnician}, hub.Everything, "lin@example.org"
	b.must(b.SetAccount(ctx, lin))
	b.wants("an old version", b.SetAccount(ctx, lin), hub.ErrStale)
	now := b.find("林老师")
	if now.Version == lin.Version || !now.Sight.Whole || len(now.Sight.Places) != 0 || now.Roles[0] != hub.RoleTechnician || now.Mail != "lin@example.org" {
		t.Errorf("got %+v", now)
	}
	wang := b.account("王老师", hub.RoleReader)
	wang.Mail = "lin@example.org"
	b.wants("the same address", b.SetAccount(ctx, wang), hub.ErrTaken)
	b.must(b.JoinAccount(ctx, "林老师", "https://id.example 17"))
	b.wants("joined twice", b.JoinAccount(ctx, "王老师", "https://id.example 17"), hub.ErrTaken)
	b.wants("joined anew", b.JoinAccount(ctx, "林老师", "https://id.example 18"), hub.ErrTaken)
	if of, err := b.AccountOf(ctx, "https://id.example 17"); err != nil || of.Name != "林老师" {
		t.Errorf("joined to %q, %v", of.Name, err)
	}
	_, err = b.AccountOf(ctx, "")
	b.wants("no identity", err, hub.ErrNotThere)
}

func lastAdministrator(t *testing.T, b *bench) {
	ctx := t.Context()
	admin := b.account("admin", hub.RoleAdministrator)
	less := admin
	less.Roles = []hub.Role{hub.RoleReader}
	b.wants("without the role", b.SetAccount(ctx, less), hub.ErrLastAdministrator)
	off := admin
	off.Disabled = true
	b.wants("disabled", b.SetAccount(ctx, off), hub.ErrLastAdministrator)
	b.must(b.AddAccount(ctx, hub.Account{Name: "new", Roles: []hub.Role{hub.RoleAdministrator}, Sight: hub.Everything}))
	b.wants("but for one who cannot sign in", b.SetAccount(ctx, off), hub.ErrLastAdministrator)
	theirs := hub.Account{Name: "theirs", Roles: []hub.Role{hub.RoleAdministrator}, Sight: hub.Everything, Subject: "https://id.example 1", By: hub.ByOrganisation, Vouched: time.Now().Add(-hub.VouchLife)}
	b.must(b.AddAccount(ctx, theirs))
	b.wants("but for one who was not at the organisation's of late", b.SetAccount(ctx, off), hub.ErrLastAdministrator)
	if got := b.find("admin"); got.Disabled || got.Version != admin.Version {
		t.Errorf("something was changed all the same: %+v", got)
	}
	b.must(b.AddPasskey(ctx, "new", hub.Passkey{ID: []byte{1}, Name: "k", Credential: []byte("{}")}))
	b.must(b.SetAccount(ctx, off))
	b.wants("the last one's only key", b.RemovePasskey(ctx, "new", []byte{1}), hub.ErrLastAdministrator)
	b.wants("the last one's proofs", b.ResetProofs(ctx, "new"), hub.ErrLastAdministrator)
}

func proofs(t *testing.T, b *bench) {
	ctx := t.Context()
	b.account("admin", hub.RoleAdministrator)
	b.must(b.SetPassword(ctx, "admin", hub.Password{Hash: "$x", Fresh: true}, ""))
	b.must(b.SetTOTP(ctx, "admin", []byte("secret")))
	b.must(b.SetCodes(ctx, "admin", [][]byte{{1}, {2}}))
	p, err := b.Proofs(ctx, "admin")
	b.must(err)
	if p.Password != (hub.Password{Hash: "$x", Fresh: true}) || string(p.TOTP) != "secret" || len(p.Handle) != 32 {
		t.Errorf("got %+v", p)
	}
	if a := b.find("admin"); !a.TOTP || a.Codes != 2 || !a.Fresh || a.Long || !a.Second() {
		t.Errorf("got %+v", a)
	}
	for i, want := range []bool{true, false, false, true} {
		if got, err := b.UseStep(ctx, "admin", []int64{7, 7, 6, 8}[i]); err != nil || got != want {
			t.Errorf("step %d: %v, %v", i, got, err)
		}
		if got, err := b.UseCode(ctx, "admin", []byte{byte([]int{1, 1, 3, 2}[i])}); err != nil || got != want {
			t.Errorf("code %d: %v, %v", i, got, err)
		}
	}
	b.must(b.SetCodes(ctx, "admin", [][]byte{{9}}))
	if got, err := b.UseCode(ctx, "admin", []byte{9}); err != nil || !got {
		t.Errorf("a new code: %v, %v", got, err)
	}
	b.must(b.ResetProofs(ctx, "admin"))
	if a := b.find("admin"); a.TOTP || a.Codes != 0 || !a.HasPassword {
		t.Errorf("got %+v", a)
	}
	for what, err := range map[string]error{"password": b.SetPassword(ctx, "x", hub.Password{}, ""), "TOTP": b.SetTOTP(ctx, "x", nil),
		"codes": b.SetCodes(ctx, "x", nil), "passkey": b.AddPasskey(ctx, "x", hub.Passkey{ID: []byte{1}}), "reset": b.ResetProofs(ctx, "x")} {
		b.wants(what+" of nobody", err, hub.ErrNotThere)
	}
}

func passkeys(t *testing.T, b *bench) {
	ctx := t.Context()
	b.account("admin", hub.RoleAdministrator)
	b.account("lin", hub.RoleReader)
	for i := range hub.MaxPasskeys {
		b.must(b.AddPasskey(ctx, "admin", hub.Passkey{ID: []byte{byte(i)}, Name: fmt.Sprint(i), Host: "hub.test", Credential: []byte("{}")}))
	}
	b.wants("one more", b.AddPasskey(ctx, "admin", hub.Passkey{ID: []byte{99}}), hub.ErrFull)
	b.wants("another's", b.AddPasskey(ctx, "lin", hub.Passkey{ID: []byte{3}}), hub.ErrTaken)
	used := hub.Passkey{ID: []byte{3}, Credential: []byte(`{"n":1}`), Used: time.UnixMilli(1_790_000_000_000).UTC()}
	b.must(b.UsedPasskey(ctx, "admin", used))
	b.wants("another's is used", b.UsedPasskey(ctx, "lin", used), hub.ErrNotThere)
	b.wants("another's is removed", b.RemovePasskey(ctx, "lin", used.ID), hub.ErrNotThere)
	b.must(b.RemovePasskey(ctx, "admin", []byte{4}))
	p, err := b.Proofs(ctx, "admin")
	b.must(err)
	if len(p.Passkeys) != hub.MaxPasskeys-1 || string(p.Passkeys[3].Credential) != `{"n":1}` || !p.Passkeys[3].Used.Equal(used.Used) || p.Passkeys[3].Host != "hub.test" {
		t.Errorf("got %+v", p.Passkeys)
	}
	if name, err := b.HandleOwner(ctx, p.Handle); err != nil || name != "admin" {
		t.Errorf("the handle is %q's, %v", name, err)
	}
	_, err = b.HandleOwner(ctx, []byte("another"))
	b.wants("another handle", err, hub.ErrNotThere)
}
