package console

import (
	"os"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/browser"
	"ark/internal/invented"
)

// people fills the pages of crew and households with something of everything.
func (b *bench) people() {
	b.t.Helper()
	ctx := b.t.Context()
	pin, err := b.console.c.HashPIN("4071")
	must(b.t, err)
	for i, m := range []hub.CrewMember{
		{CrewMember: ark.CrewMember{Name: "李敏", Verifier: pin}},
		{CrewMember: ark.CrewMember{Name: "陈建国", Verifier: pin}, Vans: []ark.VanID{"van-1"}},
		{CrewMember: ark.CrewMember{Name: "Maria Rossi", Verifier: pin}, Vans: []ark.VanID{"van-1", "van-2"}},
		{CrewMember: ark.CrewMember{Name: "赵阿姨"}},
		{CrewMember: ark.CrewMember{Name: "周师傅", Verifier: pin, Struck: true}},
	} {
		m.ID, m.By = ark.NewID(1_790_000_000_000, [10]byte{1, byte(i)}), staff
		must(b.t, b.store.SetCrewMember(ctx, hub.Everything, m))
	}
	for i, name := range []string{"李敏的手机", "值班平板", "", "旧手机"} {
		p := ark.Phone{ID: ark.NewID(1_790_000_000_000, [10]byte{2, byte(i)}), Name: name, Verifier: ark.HashOf([]byte{byte(i)}), At: ark.Milli(b.clock().Add(-time.Duration(i*30) * time.Hour))}
		p.Struck = i == 3
		if p.Struck {
			p.By = "李敏"
		}
		b.deliver(ark.VanID([]string{"van-1", "van-2"}[i/3]), true, p)
	}
	form, err := b.store.Form(ctx)
	must(b.t, err)
	_, err = b.store.SetForm(ctx, askedForm(), form.Version, staff)
	must(b.t, err)
	all := invented.Households(3, 80)
	all[1].NoVisit, all[1].Note = "家属要求白天不要上门", "家里有狗"
	all[2].MovedOut = 1_790_000_000_000
	all[3].Note = "电梯坏了，走东边楼梯"
	must(b.t, b.store.PutHouseholds(ctx, hub.Everything, all, make([]ark.ID, len(all)), staff))
	must(b.t, b.store.SetArea(ctx, hub.Everything, "van-1", []ark.Place{{Street: "翠苑街道", Community: all[0].Place.Community}, {Compound: "不存在的小区"}}, staff))
	now, err := b.store.HouseholdHistory(ctx, hub.Everything, all[0].ID)
	must(b.t, err)
	was := now[0].Household
	ours, theirs := was, was
	ours.Phone, theirs.Phone = "0571-88001234", "0571-88005678"
	ours.Members = append(ours.Members[:1:1], ark.Member{Name: "王秀英", Born: 1942, Note: "独居，听力不好"})
	must(b.t, b.store.PutHouseholds(ctx, hub.Everything, []ark.Household{theirs}, []ark.ID{was.Rev}, staff))
	b.deliver("van-1", true, ark.HouseholdEdit{Now: ours, Was: was, Name: "李敏"})
}

// TestCrewPictures makes pictures of the pages of crew, form and households
// where ARK_SHOTS names a folder, for people to look at.
func TestCrewPictures(t *testing.T) {
	if os.Getenv("ARK_SHOTS") == "" {
		t.Skip("ARK_SHOTS names no folder")
	}
	b, empty := newBench(t), newBench(t)
	b.people()
	id := invented.Households(3, 1)[0].ID.String()
	for name, o := range pictureSizes {
		p := b.browse(o)
		for page, path := range map[string]string{"crew": "/crew", "member": "/crew/" + ark.NewID(1_790_000_000_000, [10]byte{1, 1}).String(), "phones": "/phones", "form": "/form",
			"households": "/households", "household": "/households/" + id, "import": "/households/import", "areas": "/areas"} {
			p.Go(b.server.URL + path)
			p.Await(`document.readyState === "complete"`)
			if page == "form" || page == "phones" {
				browser.Value[int](p, `document.querySelectorAll("details").forEach((d, i) => { d.open = i < 3; }), 1`)
			}
			if wide := browser.Value[int](p, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
				t.Errorf("%s-%s is %d px too wide", page, name, wide)
			}
			p.Shot(page + "-" + name)
		}
		p.Go(b.server.URL + "/households/import")
		p.Choose("#file", file(t, "households.csv", []byte(table)))
		p.Click("#look")
		p.Await(`document.querySelector("#plan")`)
		p.Shot("import-plan-" + name)
		e := empty.browse(o)
		for page, path := range map[string]string{"crew": "/crew", "phones": "/phones", "households": "/households"} {
			e.Go(empty.server.URL + path)
			e.Shot(page + "-empty-" + name)
		}
	}
}
