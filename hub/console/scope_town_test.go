package console

import (
	"encoding/json"
	"net/url"

	"ark"
	"ark/hub"
)

// secret is in everything that belongs to the south street.
const secret = "MARK南"

// southern is one of everything of a street that somebody from the north
// street must not see.
type southern struct {
	van                            ark.VanID
	visit, unplaced                ark.ID
	household, member, phone, plan ark.ID
	order                          ark.ID
	group                          hub.Position
	photo                          ark.Hash
	view                           ark.ID
}

var (
	northSight  = hub.Sight{Places: []ark.Place{{Street: "北街"}}}
	southStreet = ark.Place{Street: "南街", Compound: secret + "苑", Building: "1", Room: "101"}
)

func (b *bench) southern() (s southern) {
	b.t.Helper()
	ctx := b.t.Context()
	s.van, s.household, s.member, s.phone, s.plan = "van-2", b.console.newID(), b.console.newID(), b.console.newID(), b.console.newID()
	must(b.t, b.store.SetArea(ctx, hub.Everything, "van-1", []ark.Place{{Street: "北街"}}, staff))
	must(b.t, b.store.SetArea(ctx, hub.Everything, s.van, []ark.Place{{Street: "南街", Compound: secret}}, secret))
	picture := photoOf(photoBytes)
	s.photo = picture.Content
	ids := b.deliver(s.van, true,
		ark.Visit{Place: secret + "门", Where: southStreet, Person: secret, Outcome: ark.Met, Need: secret, Note: secret, By: secret, Household: s.household, Geo: &ark.Geo{Lat: 302700000, Lon: 1201200000}, Attachments: []ark.Attachment{picture}},
		ark.Visit{Place: secret + "路边", Outcome: ark.Met, Note: secret},
		ark.AsRun{Broadcast: b.console.newID(), Announcement: "x", Title: ark.Text{Zh: secret, En: secret}, State: ark.BroadcastFailed, Why: secret},
		ark.Phone{ID: s.phone, Name: secret, Verifier: ark.HashOf([]byte("x")), At: ark.Milli(b.clock())},
		ark.Health{Sound: secret, Panel: "ok", Release: secret})
	s.visit, s.unplaced = ids[0], ids[1]
	s.view = b.console.newID()
	must(b.t, b.store.AddAccount(ctx, hub.Account{Name: "nan", Roles: []hub.Role{hub.RoleReviewer}, Sight: hub.Sight{Places: []ark.Place{{Street: "南街"}}}}))
	must(b.t, b.store.SaveView(ctx, hub.SavedView{ID: s.view, Owner: "nan", Name: secret, Query: url.Values{"q": {secret}}.Encode(), Shared: true}))
	must(b.t, b.store.AddComment(ctx, hub.Everything, s.visit, hub.VisitComment{By: secret, Words: secret, At: ark.Milli(b.clock())}))
	b.arrive(photoBytes)
	must(b.t, b.store.PutHouseholds(ctx, hub.Everything, []ark.Household{{ID: s.household, Place: southStreet, Note: secret, Phone: "13800001111", Members: []ark.Member{{Name: secret}}}}, []ark.ID{{}}, secret))
	must(b.t, b.store.SetCrewMember(ctx, hub.Everything, hub.CrewMember{CrewMember: ark.CrewMember{ID: s.member, Name: secret, Verifier: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21l$c29tZWhhc2hzb21laGFzaHNvbWVoYXNo"},
		Vans: []ark.VanID{s.van}, By: secret}))
	must(b.t, b.store.SetPlanRow(ctx, hub.PlanRow{PlanItem: ark.PlanItem{ID: s.plan, Announcement: "water", At: 8 * 3600, Weekdays: 127, Grace: 60}, Vans: []ark.VanID{s.van}, By: secret}))
	settings := ark.DefaultSettings()
	must(b.t, b.store.SetSettings(ctx, s.van, &settings, secret))
	orders, err := b.ingest.Order(ctx, []ark.VanID{s.van}, ark.KindPlayNow, ark.PlayNow{Announcement: "water", By: secret, Why: secret, NotAfter: ark.Milli(b.clock()) + 60_000})
	must(b.t, err)
	s.order, s.group = orders[0], mustList(b.t, b)[0].Position
	return s
}

// state is all that there is of the south street, as text.
func (b *bench) state(s southern) string {
	b.t.Helper()
	ctx, all := b.t.Context(), map[string]any{}
	keep := func(name string) func(any, error) {
		return func(v any, err error) { must(b.t, err); all[name] = v }
	}
	for _, id := range []ark.ID{s.visit, s.unplaced} {
		r, err := b.store.VisitRecord(ctx, hub.Everything, id)
		keep("visit "+id.String())(r, err)
	}
	history, err := b.store.HouseholdHistory(ctx, hub.Everything, s.household)
	keep("household")(history, err)
	crew, err := b.store.CrewOf(ctx, s.van)
	keep("crew")(crew, err)
	phones, err := b.store.PhonesOf(ctx, s.van)
	keep("phones")(phones, err)
	plan, err := b.store.Plan(ctx, s.van)
	plan.Version = 0 // it counts changes of others', too
	keep("plan")(plan, err)
	settings, _, err := b.store.Settings(ctx, s.van)
	keep("settings")(settings, err)
	areas, err := b.store.Areas(ctx, hub.Everything)
	keep("area")(areas[s.van], err)
	journal, _, err := b.store.OrderJournal(ctx, s.van)
	keep("orders")(journal.Last.Seq, err)
	form, err := b.store.Form(ctx)
	keep("form")(form.Version, err)
	views, err := b.store.SavedViews(ctx, hub.Everything, "nan")
	keep("views")(views, err)
	text, err := json.Marshal(all)
	must(b.t, err)
	return string(text)
}
