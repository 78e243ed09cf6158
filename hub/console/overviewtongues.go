package console

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// fillTongues is which languages really sounded, in all and each day.
func (p *overviewPage) fillTongues(ctx context.Context, l web.Lang, q hub.OverviewQuery) error {
	days, err := desk(ctx).Sounded(ctx, q.Days[q.From:])
	if err != nil {
		return err
	}
	sum := map[ark.Language]int{}
	for _, d := range days {
		for language, n := range d {
			sum[language] += n
		}
	}
	all := slices.SortedFunc(maps.Keys(sum), func(a, b ark.Language) int { return cmp.Or(cmp.Compare(sum[b], sum[a]), cmp.Compare(a, b)) })
	all = all[:min(len(all), mostBars)]
	at := func(language ark.Language, from, to time.Time) string {
		return "/broadcasts" + visitsAt("language", string(language), "from", day(from), "to", day(to))[1:]
	}
	for _, language := range all {
		p.Tongues = append(p.Tongues, overviewBar{Name: texts.Known(l, "tongue.", string(language)), figure: figure{sum[language], at(language, p.First, p.Today)}})
	}
	drawn(p.Tongues)
	for i := range p.Days { // the newest first
		on := len(days) - 1 - i
		for _, language := range all {
			p.Days[i].Tongues = append(p.Days[i].Tongues, figure{days[on][language], at(language, p.Days[i].At, p.Days[i].At)})
		}
	}
	return nil
}
