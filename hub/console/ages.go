package console

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"ark/hub"
	"ark/internal/web"
)

// reviewAges are the columns of hub.ReviewAges: from and to how many days ago;
// below zero: without bound.
var reviewAges = [len(hub.ReviewAges{})]struct {
	word     string // key
	from, to int
}{{"over.today", 0, -1}, {"over.days3", 3, 1}, {"over.days7", 7, 4}, {"over.older", -1, 8}}

// ageLists are the lists of what waits, by age; more is asked of them besides.
func ageLists(ages hub.ReviewAges, today time.Time, more ...string) (all [len(hub.ReviewAges{})]figure) {
	for i, age := range reviewAges {
		parts := append(slices.Clone(more), "state", "new")
		if age.from >= 0 {
			parts = append(parts, "from", day(today.AddDate(0, 0, -age.from)))
		}
		if age.to >= 0 {
			parts = append(parts, "to", day(today.AddDate(0, 0, -age.to)))
		}
		all[i] = figure{ages[i], visitsAt(parts...)}
	}
	return all
}

// reviewLoad is what waits for a review, as the list of visits shows it: in
// all, and each person's.
type reviewLoad struct {
	Words [len(reviewAges)]string // keys of the ages
	Rows  []loadRow
}

type loadRow struct {
	Name string
	All  figure
	Ages [len(reviewAges)]figure
}

// reviewLoad counts what waits, or takes what was counted as of the same; whoever
// looks comes behind the sum.
func (c *Console) reviewLoad(r *http.Request, asOf string, people []colleague) (l reviewLoad, err error) {
	today := c.midnight()
	load, err := c.loads.of(r.Context(), fmt.Sprint(today.Unix(), " ", asOf), func(ctx context.Context) (hub.ReviewLoad, error) {
		return desk(ctx).ReviewLoad(ctx, today)
	})
	if err != nil {
		return l, err
	}
	for i, age := range reviewAges {
		l.Words[i] = age.word
	}
	add := func(name string, ages hub.ReviewAges, more ...string) {
		l.Rows = append(l.Rows, loadRow{name, figure{ages.All(), visitsAt(append(slices.Clone(more), "state", "new")...)}, ageLists(ages, today, more...)})
	}
	t := func(key string) string { return texts.In(web.LangOf(r), key) }
	add(t("only.all"), load.All)
	free := load.All
	for _, name := range slices.Sorted(maps.Keys(load.Of)) {
		for i := range free {
			free[i] = max(free[i]-load.Of[name][i], 0)
		}
		if !slices.ContainsFunc(people, func(k colleague) bool { return k.Value == name }) {
			people = append(people, colleague{Value: name, Name: name}) // who may review no longer
		}
	}
	slices.SortStableFunc(people, func(a, b colleague) int {
		if a.Me != b.Me {
			return map[bool]int{true: -1, false: 1}[a.Me]
		}
		return load.Of[b.Value].All() - load.Of[a.Value].All()
	})
	for i, k := range people {
		if i == 0 || load.Of[k.Value].All() > 0 {
			name := k.Name
			if k.Me {
				name = t("assign.me")
			}
			add(name, load.Of[k.Value], "assigned", k.Value)
		}
	}
	add(t("find.nobody"), free, "assigned", hub.AssignedNobody)
	return l, nil
}
