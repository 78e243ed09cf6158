package agent

import (
	"slices"

	"ark"
)

// mostDoubtful is how many orders may wait for a trusted clock, and how many
// for a library.
const mostDoubtful = 100

// order decides on an order.
func (b *Brain) order(now ark.Stamp, o OrderArrived) []Action {
	switch body := o.Body.(type) {
	case ark.PlayNow:
		return b.timely(now, o, body.NotAfter)
	case ark.Stop:
		return b.timely(now, o, body.NotAfter)
	case ark.Library:
		return b.orderedLibrary(o, body)
	case ark.Plan:
		return b.planOrdered(now, o, body)
	case ark.Settings:
		return b.settingsOrdered(o, body)
	}
	return []Action{orderState(o.ID, ark.BroadcastFailed, "unknown")}
}

// timely decides on an order that is worth doing only for a time. Whether it
// still is only a trusted clock can say, so with an untrusted one it waits: a
// "play now" of yesterday must never be heard.
func (b *Brain) timely(now ark.Stamp, o OrderArrived, notAfter ark.UnixMilli) []Action {
	if !now.Trusted {
		if len(b.doubtful) >= mostDoubtful {
			return []Action{orderState(o.ID, ark.BroadcastFailed, ark.WhyBusy)}
		}
		b.doubtful = append(b.doubtful, o)
		return nil
	}
	if notAfter != 0 && now.Wall > notAfter {
		return []Action{orderState(o.ID, ark.BroadcastExpired, "")}
	}
	if play, ok := o.Body.(ark.PlayNow); ok {
		return b.playNow(now, o, play)
	}
	return append(b.stop(now), orderState(o.ID, ark.BroadcastFinished, ""))
}

// playNow begins what was ordered. What the van does not hold may be on its
// way.
func (b *Brain) playNow(now ark.Stamp, o OrderArrived, play ark.PlayNow) []Action {
	a, found := b.rules.Find(play.Announcement)
	switch {
	case found:
		r := b.newRun(now, a, ark.Trigger{Order: o.ID, By: play.By}, now.Mono)
		r.notAfter, r.by, r.grounds = play.NotAfter, play.By, play.Why
		return b.offer(now, r)
	case b.wanted == nil:
		r := b.newRun(now, ark.Announcement{ID: play.Announcement}, ark.Trigger{Order: o.ID, By: play.By}, now.Mono)
		return b.end(now, r, ark.BroadcastFailed, ark.WhyMissing)
	case len(b.hoping) >= mostDoubtful:
		return []Action{orderState(o.ID, ark.BroadcastFailed, ark.WhyBusy)}
	}
	b.hoping = append(b.hoping, o)
	return []Action{orderState(o.ID, ark.BroadcastAccepted, ark.WhyMissing)}
}

func orderState(id ark.ID, state ark.BroadcastState, why string) Record {
	return Record{Kind: ark.KindOrderState, Body: ark.OrderState{Order: id, State: state, Why: why}}
}

// reconsider takes up the orders that waited, once the clock is trusted, and
// lets go of those that waited for a library for too long.
func (b *Brain) reconsider(now ark.Stamp) []Action {
	if !now.Trusted {
		return nil
	}
	waiting := b.doubtful
	b.doubtful = nil
	var out []Action
	for _, o := range waiting {
		out = append(out, b.order(now, o)...)
	}
	b.hoping = slices.DeleteFunc(b.hoping, func(o OrderArrived) bool {
		late := notAfter(o) != 0 && now.Wall > notAfter(o)
		if late {
			out = append(out, orderState(o.ID, ark.BroadcastExpired, ark.WhyMissing))
		}
		return late
	})
	return out
}

func notAfter(o OrderArrived) ark.UnixMilli {
	play, _ := o.Body.(ark.PlayNow)
	return play.NotAfter
}

// forget drops the orders to play that wait for a clock or a library.
func (b *Brain) forget() []Action {
	var out []Action
	drop := func(o OrderArrived) bool {
		_, play := o.Body.(ark.PlayNow)
		if play {
			out = append(out, orderState(o.ID, ark.BroadcastCut, ark.WhyStopped))
		}
		return play
	}
	b.doubtful = slices.DeleteFunc(b.doubtful, drop)
	b.hoping = slices.DeleteFunc(b.hoping, drop)
	return out
}

// planOrdered puts a plan in the place of the one before.
func (b *Brain) planOrdered(now ark.Stamp, o OrderArrived, p ark.Plan) []Action {
	if p.Check() != nil {
		return []Action{orderState(o.ID, ark.BroadcastFailed, ark.WhyGarbled)}
	}
	zone, err := b.rules.Zone(p.Zone)
	if err != nil {
		return []Action{orderState(o.ID, ark.BroadcastFailed, ark.WhyZone)}
	}
	done := ark.UnixMilli(0) // from when the clock is known
	if now.Trusted {
		done = now.Wall
		if s := b.schedule; s.done > done && s.done <= done+ark.UnixMilli(astray.Milliseconds()) {
			done = s.done // the clock was put back
		}
	}
	if b.schedule.use(p, zone, done); done != 0 {
		b.schedule.look(now.Wall)
	}
	out := append(keepBody(keyPlan, ark.KindPlan, p), keepNumber(keyDone, int64(done)))
	return append(out, orderState(o.ID, ark.BroadcastFinished, ""))
}

// settingsOrdered puts settings in the place of those before.
func (b *Brain) settingsOrdered(o OrderArrived, s ark.Settings) []Action {
	if s.Check() != nil {
		return []Action{orderState(o.ID, ark.BroadcastFailed, ark.WhyGarbled)}
	}
	zone, err := b.rules.Zone(s.Zone)
	if err != nil {
		return []Action{orderState(o.ID, ark.BroadcastFailed, ark.WhyZone)}
	}
	b.settings, b.zone = s, zone
	return append(keepBody(keySettings, ark.KindSettings, s), orderState(o.ID, ark.BroadcastFinished, ""))
}
