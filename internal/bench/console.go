package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"ark"
	"ark/hub"
	hubstore "ark/hub/store"
)

// The limits of the console's figures.
const (
	consoleLimit   = 100.0 // ms
	consoleGrowth  = 3.0   // of a figure from 10,000 visits to a million
	mapLimit       = 300.0 // ms
	mapBytes       = 200.0 // kB
	consoleRuns    = 60
	consoleVisits  = 1_000_000
	consoleVisits0 = 10_000
)

// asked is one thing that staff ask for; it is given the number of the run.
type asked struct {
	name string
	do   func(ctx context.Context, s *hubstore.Store, n int) (int, error)
}

// console is what the pages of staff wait for, at ten thousand visits and at a
// million.
func console(t *bench) (figures []figure) {
	small, large := consoleRun(t, consoleVisits0), consoleRun(t, consoleVisits)
	for i, f := range large {
		if f.Unit == "ms" && small[i].Value > 0 {
			ratio := f.Value / small[i].Value
			f.Ratio, f.Reference = &ratio, &small[i].Value
		}
		figures = append(figures, f)
	}
	return figures
}

func consoleRun(t *bench, n int) (figures []figure) {
	s, _, took := seeded(t, n)
	if took > 0 {
		fmt.Fprintf(os.Stderr, "  %d visits committed with all by which they are found: %.0f/s\n", n, float64(n)/took.Seconds())
	}
	for _, a := range consoleAsks(t, s, n) {
		var times []time.Duration
		found := 0
		for run := range consoleRuns {
			began := time.Now()
			rows, err := a.do(context.Background(), s, run)
			times = append(times, time.Since(began))
			t.check(err)
			found += rows
		}
		p50, p99 := millis(percentile(times, 0.5)), millis(percentile(times, 0.99))
		fmt.Fprintf(os.Stderr, "  %-46s p50 %7.2f p99 %7.2f ms, %d rows\n", a.name, p50, p99, found/consoleRuns)
		limit := consoleLimit
		if strings.HasPrefix(a.name, "map") {
			limit = mapLimit
		}
		figures = append(figures, figure{Name: "console: " + a.name + ", p99", Value: p99, Unit: "ms"}.most(limit))
	}
	return figures
}

// consoleAsks are the single filters in both orders, searches, pages far down,
// choices and maps.
func consoleAsks(t *bench, s *hubstore.Store, n int) (all []asked) {
	ctx := context.Background()
	choices, err := s.VisitChoices(ctx, hub.Everything)
	t.check(err)
	newest, err := s.FindVisits(ctx, hub.Everything, hub.VisitFilter{}, hub.VisitPage{Limit: 1})
	t.check(err)
	list := func(name string, f func(n int) hub.VisitFilter) {
		for order, word := range []string{"by arrival", "by time"} {
			all = append(all, asked{name + ", " + word, func(ctx context.Context, s *hubstore.Store, n int) (int, error) {
				vs, err := s.FindVisits(ctx, hub.Everything, f(n), hub.VisitPage{Order: hub.VisitOrder(order), Limit: 50})
				return len(vs), err
			}})
		}
	}
	last := newest[0].MadeAt(newest[0].At).Time()
	days := func(ago, long int) hub.VisitFilter {
		from := last.AddDate(0, 0, -ago)
		return hub.VisitFilter{From: from, To: from.AddDate(0, 0, long)}
	}
	list("all", func(int) hub.VisitFilter { return hub.VisitFilter{} })
	list("one day", func(n int) hub.VisitFilter { return days(1+n*17, 1) })
	list("one month", func(n int) hub.VisitFilter { return days(31+n*17, 30) })
	list("one year", func(n int) hub.VisitFilter { return days(366+n*10, 365) })
	list("until two years ago", func(n int) hub.VisitFilter { return hub.VisitFilter{To: last.AddDate(-2, 0, n)} })
	list("van", func(n int) hub.VisitFilter { return hub.VisitFilter{Van: choices.Vans[n*5%len(choices.Vans)]} })
	list("street", func(n int) hub.VisitFilter {
		return hub.VisitFilter{Within: ark.Place{Street: choices.Places[n%len(choices.Places)].Street}}
	})
	list("compound", func(n int) hub.VisitFilter { return hub.VisitFilter{Within: choices.Places[n*7%len(choices.Places)]} })
	list("crew member", func(n int) hub.VisitFilter { return hub.VisitFilter{By: choices.By[n*11%len(choices.By)]} })
	list("outcome", func(n int) hub.VisitFilter { return hub.VisitFilter{Outcome: ark.Outcomes[n%4]} })
	list("service", func(n int) hub.VisitFilter {
		return hub.VisitFilter{Service: choices.Services[n%len(choices.Services)]}
	})
	list("need", func(n int) hub.VisitFilter {
		return hub.VisitFilter{Need: append(slices.Clone(choices.Needs), hub.AnyNeed)[n%(len(choices.Needs)+1)]}
	})
	list("state", func(n int) hub.VisitFilter { s := ark.ReviewState(n % 4); return hub.VisitFilter{State: &s} })
	list("doubtful", func(n int) hub.VisitFilter { is := n%2 == 0; return hub.VisitFilter{Doubtful: &is} })
	list("photo", func(n int) hub.VisitFilter { is := n%2 == 0; return hub.VisitFilter{Photo: &is} })
	list("withdrawn", func(n int) hub.VisitFilter { return hub.VisitFilter{Withdrawn: true} })
	for name, words := range map[string][]string{"search, common": {"阿姨", "需要", "街道", "漏水"}, "search, rare": {"钢琴", "调钢"}, "search, longer": {"水龙头漏水", "要调钢琴", "晚上不敢出门"},
		"search, none": {"火星", "zz"}, "search, two": {"漏水 阿姨", "钢琴 需要"}} {
		list(name, func(n int) hub.VisitFilter { return hub.VisitFilter{Text: words[n%len(words)]} })
	}
	all = append(all, far(newest[0], n)...)
	return append(all, wholes(last)...)
}

// far are pages in the middle of all visits.
func far(newest hub.Visit, visits int) (all []asked) {
	for order, word := range []string{"by arrival", "by time"} {
		all = append(all, asked{"page far down, " + word, func(ctx context.Context, s *hubstore.Store, n int) (int, error) {
			at := hub.VisitPlace{At: newest.MadeAt(newest.At) - ark.UnixMilli(n)*15*86_400_000, Position: hub.Position(visits - n*visits/61)}
			vs, err := s.FindVisits(ctx, hub.Everything, hub.VisitFilter{}, hub.VisitPage{Order: hub.VisitOrder(order), After: at, Limit: 50})
			return len(vs), err
		}})
	}
	return all
}

// wholes are what is asked of all visits together.
func wholes(last time.Time) []asked {
	city := hub.Box{South: 301_000_000, West: 1_200_000_000, North: 304_000_000, East: 1_203_500_000}
	onMap := func(f hub.VisitFilter, b hub.Box, zoom int) func(context.Context, *hubstore.Store, int) (int, error) {
		return func(ctx context.Context, s *hubstore.Store, _ int) (int, error) {
			clusters, err := s.MapVisits(ctx, hub.Everything, f, b, zoom)
			body, jerr := json.Marshal(clusters)
			if jerr == nil && float64(len(body)) > mapBytes*1000 {
				return 0, fmt.Errorf("a map of %d bytes", len(body))
			}
			return len(clusters), err
		}
	}
	count := func(f hub.VisitFilter) func(context.Context, *hubstore.Store, int) (int, error) {
		return func(ctx context.Context, s *hubstore.Store, _ int) (int, error) {
			return s.CountVisits(ctx, hub.Everything, f, 10_000)
		}
	}
	state := ark.ReviewNone
	return []asked{
		{"count to 10,000, all", count(hub.VisitFilter{})},
		{"count to 10,000, search", count(hub.VisitFilter{Text: "需要"})},
		{"choices", func(ctx context.Context, s *hubstore.Store, _ int) (int, error) {
			c, err := s.VisitChoices(ctx, hub.Everything)
			return len(c.Places) + len(c.By), err
		}},
		{"map of the city", onMap(hub.VisitFilter{}, city, 11)},
		{"map of the city, nearer", onMap(hub.VisitFilter{}, city, 13)},
		{"map of the city, new visits", onMap(hub.VisitFilter{State: &state}, city, 11)},
		{"map of the city, last week", onMap(hub.VisitFilter{From: last.AddDate(0, 0, -7)}, city, 11)},
		{"map of the city, met", onMap(hub.VisitFilter{Outcome: ark.Met}, city, 11)},
		{"map of some streets", onMap(hub.VisitFilter{}, hub.Box{South: 302_000_000, West: 1_201_000_000, North: 302_100_000, East: 1_201_150_000}, 16)},
	}
}
