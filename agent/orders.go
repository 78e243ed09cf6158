package agent

import (
	"ark"
)

// maxDoubtful is how many orders may wait for a trusted clock.
const maxDoubtful = 100

// order decides on an order. Whether it is still worth doing only a trusted
// clock can say, so with an untrusted one it waits: a "play now" of
// yesterday must never be heard.
func (b *Brain) order(now ark.Stamp, o OrderArrived) []Action {
	var notAfter ark.UnixMilli
	switch body := o.Body.(type) {
	case ark.PlayNow:
		notAfter = body.NotAfter
	case ark.Stop:
		notAfter = body.NotAfter
	default:
		return []Action{orderState(o.ID, ark.BroadcastFailed, "unknown")}
	}
	if !now.Trusted {
		if len(b.doubtful) >= maxDoubtful {
			return []Action{orderState(o.ID, ark.BroadcastFailed, ark.WhyBusy)}
		}
		b.doubtful = append(b.doubtful, o)
		return nil
	}
	if notAfter != 0 && now.Wall > notAfter {
		return []Action{orderState(o.ID, ark.BroadcastExpired, "")}
	}
	if play, ok := o.Body.(ark.PlayNow); ok {
		return b.broadcast(now, play.Announcement, ark.Trigger{Order: o.ID}, now.Mono)
	}
	return append(b.stop(), orderState(o.ID, ark.BroadcastFinished, ""))
}

func orderState(id ark.ID, state ark.BroadcastState, why string) Record {
	return Record{Kind: ark.KindOrderState, Body: ark.OrderState{Order: id, State: state, Why: why}}
}

// reconsider takes up the orders that waited, once the clock is trusted.
func (b *Brain) reconsider(now ark.Stamp) []Action {
	if !now.Trusted || len(b.doubtful) == 0 {
		return nil
	}
	waiting := b.doubtful
	b.doubtful = nil
	var out []Action
	for _, o := range waiting {
		out = append(out, b.order(now, o)...)
	}
	return out
}

// light sets the lamps that must change.
func (b *Brain) light() []Action {
	_, playing := b.runs[b.current]
	unheard := b.sound.Fault != "" || b.sound.Silent && b.sound.Device != ""
	fault := unheard || b.panel.Fault != "" || len(b.stuck) > 0 || b.cardOut
	want := map[Lamp]bool{LampReady: !playing && !unheard, LampPlaying: playing, LampFault: fault}
	var out []Action
	for _, l := range []Lamp{LampReady, LampPlaying, LampFault} {
		if on, known := b.lamps[l]; !known || on != want[l] {
			b.lamps[l] = want[l]
			out = append(out, Light{l, want[l]})
		}
	}
	return out
}

// tellHealth writes a health entry when something changed, and now and then.
func (b *Brain) tellHealth(now ark.Stamp) []Action {
	h := ark.Health{Sound: "ok", Device: b.sound.Device, Panel: "ok", DiskFree: b.disk, Release: b.rules.Release, LastSound: b.last}
	switch {
	case b.sound.Fault != "":
		h.Sound = b.sound.Fault
	case b.sound.Device == "":
		return nil // the loudspeaker has not told of itself yet
	case b.sound.Silent:
		h.Sound = "silent"
	}
	switch {
	case b.panel.Fault != "":
		h.Panel = b.panel.Fault
	case len(b.stuck) > 0:
		h.Panel = ark.PanelStuck
	case b.panel.Chip == "":
		h.Panel = "none"
	}
	was := b.health
	was.DiskFree, was.LastSound = h.DiskFree, h.LastSound
	regular := now.Mono-b.healthAt >= healthEvery
	if !regular && (h == was || b.changes >= mostChanges) {
		return nil
	}
	b.changes++
	if regular {
		b.healthAt, b.changes = now.Mono, 0
	}
	b.health = h
	return []Action{Record{Kind: ark.KindHealth, Body: h}}
}
