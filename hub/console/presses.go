package console

import (
	"fmt"

	"ark"
)

// pressBar is a line of the histogram of times from press to first sample.
type pressBar struct {
	Name string // such as "10–15"
	N    int64
	Most int64 // the greatest N of all lines
}

// pressSummary is what the histogram comes to.
type pressSummary struct {
	N           int64
	Median, P99 string // in ms, estimated; such as "12" or "> 500"
}

// pressBars are the lines of a van's histogram. A van may tell anything: what
// is below zero counts as nothing.
func pressBars(n [ark.PressBuckets]int64) (all []pressBar) {
	var most int64
	for _, v := range n {
		most = max(most, v)
	}
	lower := int64(0)
	for i, v := range n {
		name := fmt.Sprintf("> %d", lower)
		if i < len(ark.PressBounds) {
			name = fmt.Sprintf("%d–%d", lower, ark.PressBounds[i])
			lower = ark.PressBounds[i]
		}
		all = append(all, pressBar{name, max(v, 0), most})
	}
	return all
}

// summarise estimates median and 99th percentile: times lie evenly inside of
// a bucket, as it were.
func summarise(n [ark.PressBuckets]int64) (s pressSummary) {
	for _, v := range n {
		s.N += min(max(v, 0), 1<<40)
	}
	if s.N > 0 {
		s.Median, s.P99 = quantile(n, s.N, 0.5), quantile(n, s.N, 0.99)
	}
	return s
}

func quantile(n [ark.PressBuckets]int64, all int64, q float64) string {
	wanted, before, lower := q*float64(all), 0.0, 0.0
	for i, v := range n {
		if i == len(ark.PressBounds) {
			break
		}
		upper := float64(ark.PressBounds[i])
		here := float64(min(max(v, 0), 1<<40))
		if here > 0 && before+here >= wanted {
			return fmt.Sprintf("%.0f", lower+(upper-lower)*(wanted-before)/here)
		}
		before, lower = before+here, upper
	}
	return fmt.Sprintf("> %.0f", lower)
}
