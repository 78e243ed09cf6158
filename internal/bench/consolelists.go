package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"ark"
	"ark/hub"
	hubstore "ark/hub/store"
	"ark/internal/rig"
)

// known is what the values are taken from that staff ask by.
type known struct {
	hub.Choices
	newest     hub.Visit
	visits     []hub.Visit // some, from all years
	households []ark.Household
	count      int
}

// knownOf reads them while no hub runs on the database.
func knownOf(t *bench, place string, n int) (k known) {
	ctx := context.Background()
	s, err := hubstore.Open(ctx, place, rig.Random, time.Now)
	t.check(err)
	defer s.Close()
	k.count = n
	k.Choices, err = s.VisitChoices(ctx, hub.Everything, true)
	t.check(err)
	k.households, err = s.Households(ctx, hub.Everything, hub.HouseholdFilter{Limit: consoleValues})
	t.check(err)
	for i := range consoleValues {
		some, err := s.FindVisits(ctx, hub.Everything, hub.VisitFilter{}, hub.VisitPage{Limit: 1, After: hub.VisitPlace{Position: hub.Position(n - i*n/(consoleValues+1))}})
		t.check(err)
		k.visits = append(k.visits, some...)
	}
	k.newest = k.visits[0]
	return k
}

// asked is a page that staff ask for; it is given the number of the value to ask by.
type asked struct {
	name string
	path func(n int) string
}

// pages are what staff ask for: lists by each single filter in both orders,
// searches, pages far down, and all that there is besides lists of visits.
func (k known) pages() (all []asked) {
	list := func(name string, f func(n int) []string) {
		for _, order := range []string{"", "time"} {
			name := name + map[string]string{"": ", by arrival", "time": ", by time"}[order]
			all = append(all, asked{name, func(n int) string { return at("/", append(f(n), "order", order)...) }})
		}
	}
	last := k.newest.MadeAt(k.newest.At).Time()
	days := func(ago, long int) []string {
		from := last.AddDate(0, 0, -ago)
		return []string{"from", from.Format(time.DateOnly), "to", from.AddDate(0, 0, long-1).Format(time.DateOnly)}
	}
	list("list, all", func(int) []string { return nil })
	list("list, one day", func(n int) []string { return days(1+n*17, 1) })
	list("list, one month", func(n int) []string { return days(31+n*17, 30) })
	list("list, one year", func(n int) []string { return days(366+n*10, 365) })
	list("list, until two years ago", func(n int) []string { return []string{"to", last.AddDate(-2, 0, n).Format(time.DateOnly)} })
	list("list, van", func(n int) []string { return []string{"van", string(k.Vans[n*5%len(k.Vans)])} })
	list("list, street", func(n int) []string { return []string{"place", k.Places[n%len(k.Places)].Street} })
	list("list, community", func(n int) []string {
		p := k.Places[n*3%len(k.Places)]
		return []string{"place", p.Street + "/" + p.Community}
	})
	list("list, compound", func(n int) []string {
		p := k.Places[n*7%len(k.Places)]
		return []string{"place", strings.Join([]string{p.Street, p.Community, p.Grid, p.Compound}, "/")}
	})
	list("list, crew member", func(n int) []string { return []string{"by", k.By[n*11%len(k.By)]} })
	list("list, outcome", func(n int) []string { return []string{"outcome", ark.Outcomes[n%4].String()} })
	list("list, service", func(n int) []string { return []string{"service", string(k.Services[n%len(k.Services)])} })
	list("list, need", func(n int) []string {
		return []string{"need", append([]string{hub.AnyNeed}, k.Needs...)[n%(len(k.Needs)+1)]}
	})
	list("list, state", func(n int) []string { return []string{"state", ark.ReviewState(n % 4).String()} })
	list("list, assigned", func(n int) []string { return []string{"assigned", []string{hub.AssignedNobody, "admin"}[n%2]} })
	list("list, doubtful", func(n int) []string { return []string{"doubtful", []string{"yes", "no"}[n%2]} })
	list("list, photo", func(n int) []string { return []string{"photo", []string{"yes", "no"}[n%2]} })
	list("list, withdrawn", func(int) []string { return []string{"withdrawn", "yes"} })
	list("list, household", func(n int) []string { return []string{"household", k.households[n%len(k.households)].ID.String()} })
	list("list, part of the map", func(n int) []string { return []string{"box", "30.20,120.10,30.21,120.115"} })
	for _, s := range []struct {
		name  string
		words []string
	}{{"common", []string{"阿姨", "需要", "街道", "漏水"}}, {"rare", []string{"钢琴", "调钢"}}, {"longer", []string{"水龙头漏水", "要调钢琴", "晚上不敢出门"}}, {"none", []string{"火星", "zz"}}, {"two words", []string{"漏水 阿姨", "钢琴 需要"}}} {
		list("search, "+s.name, func(n int) []string { return []string{"q", s.words[n%len(s.words)]} })
	}
	all = append(all, asked{"list, page far down, by arrival", func(n int) string { return at("/", "below", fmt.Sprint(k.visits[n%len(k.visits)].Position)) }},
		asked{"list, page far down, by time", func(n int) string {
			v := k.visits[n%len(k.visits)]
			return at("/", "order", "time", "below", fmt.Sprintf("%d.%d", v.MadeAt(v.At), v.Position))
		}})
	return append(all, k.others()...)
}

// others are the pages that are no lists of visits.
func (k known) others() (all []asked) {
	same := func(name, path string) { all = append(all, asked{name, func(int) string { return path }}) }
	some := func(name string, path func(n int) string) { all = append(all, asked{name, path}) }
	some("visit", func(n int) string { return "/visits/" + k.visits[n%len(k.visits)].ID.String() })
	some("household", func(n int) string { return "/households/" + k.households[n%len(k.households)].ID.String() })
	same("households", "/households")
	some("households, compound", func(n int) string { return at("/households", "compound", k.Places[n*7%len(k.Places)].Compound) })
	some("households, search, common", func(n int) string { return at("/households", "q", []string{"王伟", "李芳", "2单元"}[n%3]) })
	some("households, search, rare", func(n int) string { return at("/households", "q", []string{"13812345678", "火星", "欧阳"}[n%3]) })
	same("households, disputed", "/households?disputed=yes")
	same("record of who did what", "/audit")
	some("record, by one person", func(n int) string { return at("/audit", "who", []string{"lin", "chen", "nobody"}[n%3]) })
	some("record, one verb", func(n int) string { return at("/audit", "verb", string(hub.Verbs[n%len(hub.Verbs)])) })
	some("record, one household", func(n int) string { return at("/audit", "kind", "household", "id", fmt.Sprint(n)) })
	same("vans", "/vans")
	some("van", func(n int) string { return "/vans/" + string(k.Vans[n%len(k.Vans)]) })
	for _, days := range []string{"14", "30", "90"} {
		same("overview, "+days+" days", "/overview?days="+days)
	}
	same("map, its page", "/map")
	same("API, visits", "/api/1/visits?limit=50")
	return append(all, k.maps()...)
}

// maps are what the map asks for while somebody moves it.
func (k known) maps() (all []asked) {
	last := k.newest.MadeAt(k.newest.At).Time().AddDate(0, 0, -7).Format(time.DateOnly)
	const city = "30.1,120.0,30.4,120.35"
	for _, m := range []struct{ name, box, zoom, key, value string }{
		{"map of the city", city, "11", "", ""}, {"map of the city, nearer", city, "13", "", ""}, {"map of the city, new visits", city, "11", "state", "new"},
		{"map of the city, last week", city, "11", "from", last}, {"map of the city, met", city, "11", "outcome", "met"},
		{"map of the city, with a need", city, "11", "need", hub.AnyNeed}, {"map of some streets", "30.20,120.10,30.21,120.115", "16", "", ""},
	} {
		all = append(all, asked{m.name, func(int) string { return at("/map/clusters", "box", m.box, "zoom", m.zoom, m.key, m.value) }})
	}
	return all
}

// at is an address with a query; what is empty is left out.
func at(path string, parts ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(parts); i += 2 {
		if parts[i+1] != "" {
			v.Set(parts[i], parts[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// askPages asks for each page many times, each time after a change, and tells
// the p99, with what it was
// at the smaller number beside it.
func askPages(h *consoleHub, all []asked) (figures []figure) {
	for _, a := range all {
		var times []time.Duration
		size := 0
		for run := range consoleRuns {
			h.change()
			body, took := h.get(a.path(run % consoleValues))
			times, size = append(times, took), max(size, len(body))
			if strings.HasPrefix(a.name, "map of") && float64(size) > mapBytes*1000 {
				h.t.Fatalf("%s: %d bytes", a.name, size)
			}
		}
		p50, p99 := millis(percentile(times, 0.5)), millis(percentile(times, 0.99))
		fmt.Fprintf(os.Stderr, "  %-44s p50 %7.2f p99 %7.2f ms, %d kB\n", a.name, p50, p99, size/1000)
		limit := consoleLimit
		if strings.HasPrefix(a.name, "map of") {
			limit = mapLimit
		}
		figures = append(figures, figure{Name: a.name, Value: p99, Unit: "ms"}.most(limit))
	}
	return figures
}
