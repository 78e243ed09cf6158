package crew

import (
	"strconv"
	"time"

	"ark"
	"ark/agent"
)

// presses are the times from press to first sample.
type presses struct {
	Count int64
	Most  int64 // in one bar
	Half  string
	Tenth string // what nine of ten stay within
	Bars  []bar
}

// bar is one bar of the histogram.
type bar struct {
	Upto  string // milliseconds; empty: more than Over
	Over  string
	Count int64
	Width int64 // of 100
}

// pressesOf lays the histogram out, from the first bar that holds something to
// the last.
func pressesOf(counts [ark.PressBuckets]int64) (p presses) {
	first, last := -1, -1
	for i, n := range counts {
		p.Count += n
		p.Most = max(p.Most, n)
		if n > 0 {
			if last = i; first < 0 {
				first = i
			}
		}
	}
	if p.Count == 0 {
		return p
	}
	p.Half, p.Tenth = within(counts, (p.Count+1)/2), within(counts, (9*p.Count+9)/10)
	for i := first; i <= last; i++ {
		b := bar{Count: counts[i], Width: 100 * counts[i] / p.Most}
		if i < len(ark.PressBounds) {
			b.Upto = strconv.FormatInt(ark.PressBounds[i], 10)
		} else {
			b.Over = strconv.FormatInt(ark.PressBounds[i-1], 10)
		}
		p.Bars = append(p.Bars, b)
	}
	return p
}

// within is the bound that so many presses stay within, in milliseconds; empty:
// none is that high.
func within(counts [ark.PressBuckets]int64, n int64) string {
	for i, bound := range ark.PressBounds {
		if n -= counts[i]; n <= 0 {
			return strconv.FormatInt(bound, 10)
		}
	}
	return ""
}

// decibels is a level as people read it: 86, or 86.5.
func decibels(l ark.Level) string { return strconv.FormatFloat(l.DB(), 'f', -1, 64) }

func megabytes(n int64) string { return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) }

// seconds is a time as people read it: 1, or 1.5.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

// share is where a level stands between the softest and the loudest, of 100.
func share(s agent.Status, l ark.Level) int {
	if s.Full <= s.Least {
		return 0
	}
	return min(max(int(100*(l-s.Least)/(s.Full-s.Least)), 0), 100)
}
