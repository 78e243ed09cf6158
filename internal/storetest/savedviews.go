package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// savedViews: an account's own, and those of others that are for its sight.
func savedViews(t *testing.T, b *bench) {
	ctx := t.Context()
	north, south := hub.Sight{Places: []ark.Place{{Street: "北街"}}}, hub.Sight{Places: []ark.Place{{Street: "南街"}}}
	b.must(b.AddAccount(ctx, hub.Account{Name: "boss", Roles: []hub.Role{hub.RoleAdministrator}, Sight: hub.Everything}))
	b.must(b.SetPassword(ctx, "boss", hub.Password{Hash: "x", Long: true}, ""))
	b.must(b.AddAccount(ctx, hub.Account{Name: "theirs", Roles: []hub.Role{hub.RoleReviewer}, Sight: south, By: hub.ByOrganisation, Vouched: time.Now()}))
	change := func(name string, to func(*hub.Account)) {
		t.Helper()
		a := b.find(name)
		to(&a)
		b.must(b.SetAccount(ctx, a))
	}
	for name, s := range map[string]hub.Sight{"lin": hub.Everything, "bei": north, "nan": south, "wide": hub.Everything} {
		b.must(b.AddAccount(ctx, hub.Account{Name: name, Roles: []hub.Role{hub.RoleReviewer}, Sight: s}))
	}
	save := func(owner, name, query string, shared, first bool) ark.ID {
		t.Helper()
		v := hub.SavedView{ID: b.id(), Owner: owner, Name: name, Query: query, Shared: shared, First: first}
		b.must(b.SaveView(ctx, v))
		return v.ID
	}
	shows := func(owner string, s hub.Sight, want string) {
		t.Helper()
		all, err := b.SavedViews(ctx, s, owner)
		b.must(err)
		var got []string
		for _, v := range all {
			name := v.Name
			if v.First {
				name += "!"
			}
			got = append(got, name)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s is shown %q, want %q", owner, got, want)
		}
	}
	mine := save("bei", "b我的", "state=new&assigned=bei", false, true)
	everyday := save("lin", "每天", "state=new&order=time", true, false)
	save("lin", "某家", "q=%E7%8E%8B", true, false)
	save("nan", "南边", "place=%E5%8D%97%E8%A1%97", true, true)
	first := save("bei", "a先", "", true, true)
	shows("bei", north, "a先! b我的 每天")
	shows("nan", south, "南边! a先 每天")
	shows("lin", hub.Everything, "某家 每天 a先 南边")
	b.reopen()
	v := hub.SavedView{ID: mine, Owner: "bei", Name: "改名", Query: "state=new", First: true}
	b.must(b.SaveView(ctx, v))
	shows("bei", north, "a先 改名! 每天")
	for name, c := range map[string]struct{ got, want error }{
		"of another":        {b.SaveView(ctx, hub.SavedView{ID: everyday, Owner: "bei", Name: "x"}), hub.ErrNotThere},
		"of a taken name":   {b.SaveView(ctx, hub.SavedView{ID: b.id(), Owner: "bei", Name: "改名"}), hub.ErrTaken},
		"without a name":    {b.SaveView(ctx, hub.SavedView{ID: b.id(), Owner: "bei", Name: " "}), hub.ErrInvalid},
		"with a NUL":        {b.SaveView(ctx, hub.SavedView{ID: b.id(), Owner: "bei", Name: "a\x00"}), hub.ErrInvalid},
		"too long":          {b.SaveView(ctx, hub.SavedView{ID: b.id(), Owner: "bei", Name: strings.Repeat("长", hub.MaxViewName+1)}), hub.ErrInvalid},
		"of no query":       {b.SaveView(ctx, hub.SavedView{ID: b.id(), Owner: "bei", Name: "y", Query: "%zz"}), hub.ErrInvalid},
		"of a long query":   {b.SaveView(ctx, hub.SavedView{ID: b.id(), Owner: "bei", Name: "y", Query: strings.Repeat("a", hub.MaxViewQuery+1)}), hub.ErrInvalid},
		"removed by others": {b.RemoveView(ctx, "bei", everyday), hub.ErrNotThere},
		"put back too soon": {b.RestoreView(ctx, "bei", mine), hub.ErrNotThere},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("a view %s: %v, want %v", name, c.got, c.want)
		}
	}
	b.must(b.RemoveView(ctx, "bei", mine))
	b.must(b.RemoveView(ctx, "bei", first))
	shows("bei", north, "每天")
	if err := b.RestoreView(ctx, "bei", mine); !errors.Is(err, hub.ErrNotThere) {
		t.Errorf("the one that was taken away before the last: %v", err)
	}
	b.must(b.RestoreView(ctx, "bei", first))
	shows("bei", north, "a先 每天")
	for n := range hub.MaxSavedViews - 1 {
		save("bei", fmt.Sprint("n", n), "", false, false)
	}
	if err := b.SaveView(ctx, hub.SavedView{ID: b.id(), Owner: "bei", Name: "z"}); !errors.Is(err, hub.ErrFull) {
		t.Errorf("one view more than may be: %v", err)
	}
	first = save("wide", "宽", "q=%E7%8E%8B", true, false)
	shows("nan", south, "南边! a先 每天")
	change("wide", func(a *hub.Account) { a.Sight = south })
	shows("nan", south, "南边! a先 每天") // it tells of what wide could see then
	b.must(b.SaveView(ctx, hub.SavedView{ID: first, Owner: "wide", Name: "改", Query: "q=%E7%8E%8B", Shared: true}))
	shows("nan", south, "南边! a先 每天")
	b.must(b.SaveView(ctx, hub.SavedView{ID: first, Owner: "wide", Name: "改", Query: "q=%E6%9D%8E", Shared: true}))
	shows("nan", south, "南边! a先 改 每天")
	change("wide", func(a *hub.Account) { a.Sight = hub.Everything })
	shows("nan", south, "南边! a先 改 每天")
	change("wide", func(a *hub.Account) { a.Roles = []hub.Role{hub.RoleReader} })
	shows("nan", south, "南边! a先 每天")
	save("theirs", "旧", "state=new", true, false)
	shows("nan", south, "南边! a先 旧 每天")
	b.must(b.VouchAccount(ctx, "theirs", time.Now().Add(-hub.VouchLife)))
	shows("nan", south, "南边! a先 每天")
	a, err := b.Account(ctx, "lin")
	b.must(err)
	a.Disabled, a.Roles = true, slices.Clone(a.Roles)
	b.must(b.SetAccount(ctx, a))
	all, err := b.SavedViews(ctx, south, "nan")
	b.must(err)
	if len(all) != 2 {
		t.Errorf("with lin gone nan is shown %+v", all)
	}
}
