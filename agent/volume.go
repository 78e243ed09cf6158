package agent

import (
	"ark"
)

// softerMusic is by how much music is softer than speech where the settings
// do not say.
const softerMusic ark.Level = 60

// adjust changes the volume that the crew has set.
func (b *Brain) adjust(by ark.Level) []Action {
	level := min(max(b.volume+by, b.rules.Least), b.rules.Full)
	b.unkept = b.unkept || level != b.volume
	b.volume = level
	return nil // Tick keeps it: a button that chatters must not wear the card
}

// capAt is the most volume that the neighbours allow now; false: there is no
// cap, or nobody knows what time it is.
func (b *Brain) capAt(now ark.Stamp) (ark.Level, bool) {
	if !now.Trusted {
		return 0, false
	}
	return b.settings.At(b.place).MostAt(now.Wall.Time().In(b.zone))
}

// level sets at which volume a broadcast sounds. A cap lowers speech, and
// music with it, which stays softer.
func (b *Brain) level(now ark.Stamp, r *run) {
	most, capped := b.capAt(now)
	quiet := b.quietAt(now)
	if r.Class.Emergency() {
		if r.Volume = min(b.settings.Emergency, b.rules.Full); r.Volume == 0 {
			r.Volume = b.rules.Full
		}
		if quiet || capped && r.Volume > most {
			b.excuse(r)
		}
		return
	}
	if r.Trigger.Talk && quiet {
		b.excuse(r)
	}
	r.Volume = b.volume
	if r.Trigger.Test {
		r.Volume = b.rules.Least
	}
	if capped && r.Volume > most {
		r.Volume, r.Capped = most, true
	}
	switch {
	case r.Class == ark.ClassMusic && b.settings.Music != 0:
		r.Volume -= b.settings.Music
	case r.Class == ark.ClassMusic:
		r.Volume -= softerMusic
	}
}

// excuse notes why, and on whose word, a broadcast sounds although quiet
// hours or a cap stand against it.
func (b *Brain) excuse(r *run) {
	if r.Exempt != "" {
		return
	}
	r.Exempt, r.ExemptBy = r.grounds, r.by
	if r.Exempt == "" && r.Trigger.Talk {
		r.Exempt = ark.ExemptTalk
	} else if r.Exempt == "" {
		r.Exempt = ark.ExemptEmergency
	}
	if r.ExemptBy == "" {
		r.ExemptBy = r.Trigger.Button
	}
}

// gain is what the loudspeaker is to do for a broadcast's volume, dB.
func (b *Brain) gain(r *run) float64 { return min(float64(r.Volume-b.rules.Full)/10, 0) }

// turn brings what sounds to the volume that holds now.
func (b *Brain) turn(now ark.Stamp) []Action {
	var out []Action
	for _, r := range []*run{b.front, b.bed} {
		if r == nil || r.why != "" {
			continue
		}
		was := r.Volume
		if b.level(now, r); r.Volume != was {
			out = append(out, Turn{r.Broadcast, b.gain(r)})
		}
	}
	return out
}
