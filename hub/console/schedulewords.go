package console

import (
	"fmt"
	"strings"

	"ark"
	"ark/internal/web"
)

// weekOrder is the days of a week, Monday first, as time.Weekday.
var weekOrder = []int{1, 2, 3, 4, 5, 6, 0}

func dayName(l web.Lang, d int) string { return texts.In(l, fmt.Sprint("day.", d)) }

// daysOf says on which days an item starts.
func daysOf(l web.Lang, i ark.PlanItem) string {
	var names, all []string
	for _, d := range weekOrder {
		if i.Weekdays&(1<<d) != 0 {
			names = append(names, dayName(l, d))
		}
	}
	comma := texts.In(l, "day.comma")
	switch len(names) {
	case 0:
	case 7:
		all = append(all, texts.In(l, "day.every"))
	default:
		all = append(all, strings.Join(names, comma))
	}
	for _, part := range []struct {
		key  string
		days []ark.Date
	}{{"day.from", dateList(i.From)}, {"day.until", dateList(i.Until)}, {"day.and", i.Dates}, {"day.not", i.Except}} {
		if len(part.days) > 0 {
			all = append(all, fmt.Sprintf(texts.In(l, part.key), someDays(l, part.days)))
		}
	}
	return strings.Join(all, comma)
}

func dateList(d ark.Date) []ark.Date {
	if d == "" {
		return nil
	}
	return []ark.Date{d}
}

// someDays names the first three of many days.
func someDays(l web.Lang, days []ark.Date) string {
	var names []string
	for i, d := range days {
		if i == 3 {
			names = append(names, fmt.Sprintf(texts.In(l, "day.more"), len(days)))
			break
		}
		names = append(names, string(d))
	}
	return strings.Join(names, texts.In(l, "day.comma"))
}

// clashWords say what stands against a start.
func clashWords(l web.Lang, k clash) string {
	switch {
	case k.Word == clashSame, k.Word == clashOverlap:
		return fmt.Sprintf(texts.In(l, "clash."+k.Word), l.Of(k.Other.Zh, k.Other.En))
	case k.Word == clashQuiet && len(k.Vans) > 0:
		names := make([]string, 0, 4)
		for i, v := range k.Vans {
			if i == 3 {
				names = append(names, "…")
				break
			}
			names = append(names, string(v))
		}
		return fmt.Sprintf(texts.In(l, "clash.quietOn"), strings.Join(names, texts.In(l, "day.comma")))
	}
	return texts.In(l, "clash."+k.Word)
}
