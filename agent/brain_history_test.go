package agent

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ark"
)

// Whatever happens in whatever order: each broadcast ends exactly once, no
// recording consumed more than it has, and the playing lamp tells the truth.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench()
		open := map[ark.ID]Program{}
		seen := 0
		t.Repeat(map[string]func(*rapid.T){
			"press": func(t *rapid.T) {
				b.do(Pressed{Button: Button(rapid.SampledFrom([]string{"1", "2", "stop", "x"}).Draw(t, "button")), At: b.now.Mono})
			},
			"order": func(t *rapid.T) {
				b.now.Trusted = rapid.Bool().Draw(t, "trusted")
				b.do(OrderArrived{ark.ID{rapid.Byte().Draw(t, "id"), 1}, ark.KindPlayNow, ark.PlayNow{Announcement: "welcome", NotAfter: b.now.Wall + ark.UnixMilli(rapid.IntRange(-5, 5).Draw(t, "not after"))}})
			},
			"tick": func(t *rapid.T) { b.now.Wall += 1000; b.now.Mono += time.Second; b.do(Tick{}) },
			"segment": func(t *rapid.T) {
				for id, p := range open {
					i := rapid.IntRange(0, len(p.Segments)+1).Draw(t, "segment")
					if rapid.Bool().Draw(t, "starts") {
						b.do(SegmentStarted{Broadcast: id, Segment: i, At: b.now.Mono})
					} else {
						b.do(SegmentEnded{Broadcast: id, Segment: i, Frames: 50, Consumed: rapid.Int64Range(0, 90).Draw(t, "consumed"),
							Why: rapid.SampledFrom([]string{"", ark.WhyStopped, ark.WhyStalled, ark.WhyMissing}).Draw(t, "why")})
					}
					return
				}
			},
			"end": func(t *rapid.T) {
				for id := range open {
					b.do(ProgramEnded{Broadcast: id})
					delete(open, id)
					return
				}
			},
			"": func(t *rapid.T) {
				for ; seen < len(b.played); seen++ {
					open[b.played[seen].Broadcast] = b.played[seen]
				}
				ended := map[ark.ID]int{}
				for _, r := range b.records {
					if r.State.Ended() {
						ended[r.Broadcast]++
					}
					for _, rec := range r.Recordings {
						if rec.Consumed > rec.Frames {
							t.Fatalf("consumed %d of %d", rec.Consumed, rec.Frames)
						}
					}
				}
				for _, p := range b.played {
					want := 1
					if _, still := open[p.Broadcast]; still {
						want = 0
					}
					if ended[p.Broadcast] != want {
						t.Fatalf("broadcast ended %d times, want %d", ended[p.Broadcast], want)
					}
				}
				sounding := b.front != nil || b.bed != nil
				if b.Status(b.now).Lamps[LampPlaying] != sounding {
					t.Fatalf("playing lamp %v, sounding %v", b.Status(b.now).Lamps[LampPlaying], sounding)
				}
			},
		})
	})
}
