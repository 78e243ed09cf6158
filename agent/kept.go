package agent

import (
	"slices"
	"strconv"

	"ark"
)

// The keys under which the brain keeps what it must know after a restart.
const (
	keyVolume   = "volume"   // what the crew set
	keyPlace    = "place"    // where the crew said the van stands
	keyPlan     = "plan"     // ark.Plan
	keySettings = "settings" // ark.Settings
	keyLibrary  = "library"  // ark.Library that is held
	keyDone     = "done"     // starts that were due up to then are dealt with, ms
	keyTested   = "tested"   // day of the last weekly self-test
	keySelfTest = "self-test"
)

func keepNumber(key string, n int64) Keep {
	return Keep{key, strconv.AppendInt(nil, n, 10)}
}

// keepBody keeps an order's body, which fits: the order did.
func keepBody(key string, kind ark.Kind, body any) []Action {
	value, err := ark.EncodeBody(kind, body)
	if err != nil {
		return nil // it was checked: not reached
	}
	return []Action{Keep{key, value}}
}

// resume takes up what was kept, tells how what was under way ended, and then
// does what is to do.
func (b *Brain) resume(now ark.Stamp, e Resumed) []Action {
	out := b.remember(now, e.Kept)
	for _, u := range e.Unfinished {
		r := &run{AsRun: u}
		out = append(out, b.end(now, r, ark.BroadcastFailed, ark.WhyRestarted)...)
	}
	told := func(o OrderArrived) bool {
		return slices.ContainsFunc(e.Unfinished, func(u ark.AsRun) bool { return u.Trigger.Order == o.ID })
	}
	for _, o := range e.Orders {
		if !told(o) {
			out = append(out, b.order(now, o)...)
		}
	}
	return out
}

// remember takes up what was kept; what cannot be read is as if it never was.
func (b *Brain) remember(now ark.Stamp, kept map[string][]byte) []Action {
	if n, err := strconv.ParseInt(string(kept[keyVolume]), 10, 32); err == nil {
		b.volume = min(max(ark.Level(n), b.rules.Least), b.rules.Full)
	}
	if place := string(kept[keyPlace]); goodPlace(place) { // one that no record can hold would keep health back for good
		b.place = place
	}
	b.tests.day = ark.Date(kept[keyTested])
	if t, ok := body[ark.SelfTest](ark.KindSelfTest, kept[keySelfTest]); ok {
		b.tests.last = &t
	}
	if s, ok := body[ark.Settings](ark.KindSettings, kept[keySettings]); ok {
		b.settings, b.zone = s, b.zoneOf(s.Zone)
	}
	done, err := strconv.ParseInt(string(kept[keyDone]), 10, 64)
	if err != nil || done < 0 {
		done = 0
	}
	if p, ok := body[ark.Plan](ark.KindPlan, kept[keyPlan]); ok {
		zone, err := b.rules.Zone(p.Zone)
		b.schedule.use(p, zone, ark.UnixMilli(done))
		if err != nil {
			b.schedule.blocked = ark.WhyZone
		}
	}
	l, ok := body[ark.Library](ark.KindLibrary, kept[keyLibrary])
	if !ok {
		return nil
	}
	return []Action{Fetch{l}} // it is looked through, and what the card lost is brought again
}

func body[T any](kind ark.Kind, raw []byte) (T, bool) {
	var none T
	if len(raw) == 0 {
		return none, false
	}
	v, err := ark.DecodeBody(kind, raw)
	if err != nil {
		return none, false
	}
	t, ok := v.(T)
	return t, ok
}
