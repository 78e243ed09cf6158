package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"ark"
	"ark/hub"
	hubstore "ark/hub/store"
	"ark/internal/rig"
)

// reviewedOf is of how many visits staff have judged one.
const reviewedOf = 50

// fillRegister writes households down.
func fillRegister(t *bench, s *hubstore.Store, all []ark.Household) {
	for len(all) > 0 {
		n := min(len(all), hub.MaxPut)
		t.check(s.PutHouseholds(context.Background(), hub.Everything, all[:n], make([]ark.ID, n), "office"))
		all = all[n:]
	}
}

// fillReviews has staff judge the newest visits.
func fillReviews(t *bench, s *hubstore.Store, n int) {
	ctx, page := context.Background(), hub.VisitPage{Limit: 500}
	states := []ark.ReviewState{ark.ReviewApproved, ark.ReviewApproved, ark.ReviewApproved, ark.ReviewReturned, ark.ReviewRejected}
	for n > 0 {
		visits, err := s.FindVisits(ctx, hub.Everything, hub.VisitFilter{}, page)
		t.check(err)
		for i, v := range visits[:min(n, len(visits))] {
			t.check(s.SetReview(ctx, hub.Everything, ark.Review{Visit: v.ID, Entry: v.Last, State: states[i%len(states)], Comment: "请核对门牌", By: "lin", At: ark.Milli(v.Received)}, 0))
		}
		n -= len(visits)
		page.After.Position = visits[len(visits)-1].Position
	}
}

// fillFleet has each van tell how it is.
func fillFleet(t *bench, s *hubstore.Store) {
	now := time.Now()
	for van := range consoleVans {
		id := ark.VanID(vanName(van))
		inc := ark.NewIncarnation([16]byte{2, byte(van >> 8), byte(van)})
		body, err := ark.EncodeBody(ark.KindHealth, ark.Health{Sound: "ok", Device: "hw:1", Panel: "ok", DiskFree: int64(1+van%40) << 30, Release: "1.4.0",
			LastSound: ark.Milli(now), Volume: 70, Full: 100, Heat: 400 + van%500, Place: "翠苑小区"})
		t.check(err)
		var random [10]byte
		rig.Random(random[:])
		e := ark.Entry{ID: ark.NewID(ark.Milli(now), random), Kind: ark.KindHealth, Body: body, At: ark.Stamp{Wall: ark.Milli(now), Boot: ark.BootID{2, byte(van)}, Trusted: van%20 > 0}}
		raw, err := ark.EncodeEntry(e)
		t.check(err)
		f := hub.Fact{Cursor: inc.Start().Next(raw), Raw: raw}
		hub.Understand(&f, id)
		_, err = s.Commit(context.Background(), []hub.Delivery{{Van: id, Incarnation: inc, At: now, UpTo: f.Cursor, Facts: []hub.Fact{f}}})
		t.check(err)
	}
}

// fillAudit puts deeds of five members of staff on record, as many at once as
// a busy office has.
func fillAudit(t *bench, s *hubstore.Store, n int) {
	var office sync.WaitGroup
	const desks = 100
	from := time.Now().AddDate(0, -3, 0)
	failed := make(chan error, desks)
	for desk := range desks {
		office.Go(func() {
			for i := desk; i < n; i += desks {
				err := s.Note(context.Background(), hub.Deed{At: from.Add(time.Duration(i) * time.Second), Who: []string{"lin", "chen", "wang", "zhao", "qian"}[i%5], From: "10.0.0.7", Verb: hub.Verbs[i%len(hub.Verbs)],
					Object: hub.Object{Kind: hub.ObjectHousehold, ID: fmt.Sprint(i % 1000)}, Detail: map[string]string{"q": "漏水"}, Outcome: hub.OutcomeAllowed})
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	office.Wait()
	close(failed)
	t.check(<-failed)
}
