package console

import (
	"fmt"
	"html/template"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// officeFuncs are what the templates of orders, the as-run log, schedule,
// settings and vans need.
func (c *Console) officeFuncs(l web.Lang) template.FuncMap {
	return template.FuncMap{
		"lufs":       loudness,
		"db":         decibels,
		"class":      func(k ark.Class) string { return texts.Known(l, "class.", k.String()) },
		"standing":   func(body any) string { return standingWords(l, body) },
		"trigger":    func(t ark.Trigger) string { return trigger(l, t, func(due time.Time) string { return c.at(l, due) }) },
		"asked":      askedAt,
		"clock":      func(t time.Time) string { return t.In(c.c.Zone).Format(time.TimeOnly) },
		"hm5":        func(t time.Time) string { return t.In(c.c.Zone).Format("15:04") },
		"state":      func(s ark.BroadcastState) string { return texts.Known(l, "state.", s.String()) },
		"next":       func(n int) int { return n + 1 },
		"heard":      func(h ark.Hearing) string { return texts.In(l, heard(h)) },
		"remarks":    func(v hub.Van, newest int64) []remark { return c.remarks(l, v, newest) },
		"ill":        ill,
		"pagesWord":  func(h *ark.Health) string { return c.pagesWord(*h) },
		"library":    func(v hub.Van, newest int64) string { return libraryWords(l, v, newest) },
		"selftest":   func(s *ark.SelfTest) string { return testWords(l, *s) },
		"testFailed": func(s *ark.SelfTest) bool { return testFailed(*s) },
		"form":       func(r rulesForm, bad troubles) map[string]any { return map[string]any{"Rules": r, "Bad": bad} },
		"after":      func(k ark.Class) string { return fmt.Sprint("after.", ark.DefaultAfterCut(k)) },
		"testdays":   func() []int { return []int{1, 2, 3, 4, 5, 6, 7} },
		"testday":    func(d int) string { return dayName(l, d%7) },
		"week7":      func() []int { return weekOrder },
		"weekday":    func(d time.Weekday) string { return dayName(l, int(d)) },
		"weekdayN":   func(d int) string { return dayName(l, d) },
		"day":        func(t time.Time) string { return t.Format(texts.In(l, "day.form")) },
		"hm":         func(t time.Time) string { return clockText(t.Hour()*3600 + t.Minute()*60 + t.Second()) },
		"clock2":     clockText,
		"minute":     clockOf,
		"days":       func(i ark.PlanItem) string { return daysOf(l, i) },
		"clash":      func(k clash) string { return clashWords(l, k) },
	}
}
