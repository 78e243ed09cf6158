package console

import (
	"slices"
	"time"

	"ark"
	"ark/hub"
)

// moment is something in the history of a visit: an entry of the crew, a
// review, to whom it was given, or what staff said to each other.
type moment struct {
	at      time.Time
	Saying  *saying
	Review  *hub.VisitReview
	Comment *hub.VisitComment
	Given   *hub.Assignment
	Back    bool // it is a comment that whoever looks can take back
}

// veiled tells whether something in it is masked.
func (m moment) veiled() bool {
	return m.Saying != nil && m.Saying.veiled() || m.Review != nil && veiled(m.Review.Comment) || m.Comment != nil && veiled(m.Comment.Words)
}

// story is all that became of a visit, the newest first, by the hub's clock. An
// entry never stands before the one that it amends, whenever either came.
func (t visitWords) story(v hub.VisitRecord, me string, now time.Time) (all []moment) {
	last := time.Time{}
	for _, s := range t.sayings(v) {
		if s.Received.After(last) {
			last = s.Received
		}
		all = append(all, moment{at: last, Saying: &s})
	}
	for _, r := range v.Reviews {
		all = append(all, moment{at: r.At.Time(), Review: &r})
	}
	for _, a := range v.Given {
		all = append(all, moment{at: a.At.Time(), Given: &a})
	}
	for _, k := range v.Thread {
		back := k.By == me && !k.Gone && now.Sub(k.At.Time()) <= hub.CommentUndo
		all = append(all, moment{at: k.At.Time(), Comment: &k, Back: back})
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.at.Compare(b.at) })
	slices.Reverse(all)
	return all
}

// sayings are all entries about a visit, the oldest first, each with what it
// changed of the one before.
func (t visitWords) sayings(v hub.VisitRecord) (all []saying) {
	for i, e := range v.Editions {
		s := saying{VisitEdition: e, First: i == 0, By: e.By, Doubt: !e.At.Trusted}
		if !e.Withdrawn {
			s.By, s.Doubt = e.Visit.By, e.Visit.Doubtful(e.At)
			if i > 0 {
				s.Changes = differences(t.all(v.Editions[i-1].Visit), t.all(e.Visit))
			}
		}
		all = append(all, s)
	}
	return all
}

// again is what a visit was judged before it was amended, and what has changed
// of it since.
type again struct {
	hub.VisitReview
	Changes []difference
}

// again is the last word of staff about an earlier entry; nil: there is none,
// or the newest entry was judged, too, or withdraws the visit.
func (t visitWords) again(v hub.VisitRecord) *again {
	if v.State != ark.ReviewNone || v.Withdrawn {
		return nil
	}
	for _, r := range slices.Backward(v.Reviews) {
		at := slices.IndexFunc(v.Editions, func(e hub.VisitEdition) bool { return e.Entry == r.Entry })
		if r.Entry != v.Last && r.State != ark.ReviewNone && at >= 0 {
			return &again{r, differences(t.all(v.Editions[at].Visit), t.all(v.Visit.Visit))}
		}
	}
	return nil
}
