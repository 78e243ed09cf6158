package sound

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ark"
	"ark/agent"
)

// handDevice is a device whose frames a test takes by hand, with the very
// tape of the loudspeaker process, and a pipe to it that may be slow.
type handDevice struct {
	*tape
	pipe    []func()
	answers []report
	late    int
}

func newHandDevice() *handDevice { return &handDevice{tape: newTape()} }

func (d *handDevice) send(f func()) error    { d.pipe = append(d.pipe, f); return nil }
func (d *handDevice) write(b []byte) error   { b = slices.Clone(b); return d.send(func() { d.add(b) }) }
func (d *handDevice) end() error             { return d.send(func() { d.finish() }) }
func (d *handDevice) reports() <-chan report { return nil }
func (d *handDevice) close()                 {}

func (d *handDevice) split(from int64, b []byte) error {
	b = slices.Clone(b)
	return d.send(func() {
		if late := d.tape.split(from, b); late >= 0 {
			d.late++
			d.answers = append(d.answers, report{repLate, late})
		} else {
			d.answers = append(d.answers, report{repSplit, from})
		}
	})
}

// deliver lets what is in the pipe arrive.
func (d *handDevice) deliver() {
	for _, f := range d.pipe {
		f()
	}
	d.pipe = nil
}

// pull takes frames and says what the loudspeaker process would say then:
// what it was asked before comes first.
func (d *handDevice) pull(frames int) (heard []byte, said []report) {
	heard = make([]byte, 2*frames)
	n, err := d.Read(heard)
	said, d.answers = d.answers, nil
	switch {
	case err != nil:
		said = append(said, report{repEnded, d.read})
		d.tape = newTape()
	case n > 0:
		said = append(said, report{repConsumed, d.read})
	}
	return heard[:n], said
}

// hall is a stage that a test turns by hand, and what it told.
type hall struct {
	*stage
	hand   *handDevice
	played []ark.ID
	ended  map[ark.ID][]agent.SegmentEnded
	over   map[ark.ID]int
	began  map[ark.ID]int // the frame of all that was heard at which they did
	past   int            // frames of the streams before
}

func newHall(l *Library) *hall {
	h := &hall{hand: newHandDevice(), ended: map[ark.ID][]agent.SegmentEnded{}, over: map[ark.ID]int{}, began: map[ark.ID]int{}}
	p := New(Config{Library: l, Buffer: 20 * time.Millisecond, Mono: mono, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	h.stage = &stage{Player: p, device: h.hand, child: &childDevice{}, retry: firstRetry, watch: newWatch("", ""), ticked: time.Now(),
		adopted: time.Now(), talked: make(chan struct{}, 1)}
	return h
}

func (h *hall) turn(commands ...agent.Action) {
	for _, c := range commands {
		if a, ok := c.(agent.Play); ok {
			h.played = append(h.played, a.Program.Broadcast)
		}
	}
	turn(h.stage, commands...)
	for len(h.events) > 0 {
		switch e := (<-h.events).(type) {
		case agent.SegmentEnded:
			h.ended[e.Broadcast] = append(h.ended[e.Broadcast], e)
		case agent.ProgramEnded:
			h.over[e.Broadcast]++
		}
	}
	for _, v := range h.line.voices {
		h.began[v.show.Broadcast] = h.past + int(v.start)
	}
}

// pull lets the device take frames, which are what is heard.
func (h *hall) pull(frames int) []int16 {
	heard, said := h.hand.pull(frames)
	for _, r := range said {
		if r.kind == repEnded {
			h.past += int(r.frames)
		}
		h.report(r)
		h.turn()
	}
	return toSamples(heard)
}

// Whatever is commanded whenever: each program is told to have ended, once,
// after each of its segments, of which no more was consumed than there is; and
// the stream comes to its end.
func TestAnyHistoryOfCommands(t *testing.T) {
	l, prog, _ := library(t, 300*time.Millisecond, 700*time.Millisecond)
	rapid.Check(t, func(t *rapid.T) {
		h := newHall(l)
		id := func() ark.ID { return ark.ID{rapid.ByteRange(1, byte(len(h.played)+1)).Draw(t, "id")} }
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0, 1:
				p := prog
				p.Broadcast = ark.ID{byte(len(h.played) + 1)}
				p.Bed = rapid.Bool().Draw(t, "bed")
				p.Lead = time.Duration(rapid.IntRange(0, 100).Draw(t, "lead")) * time.Millisecond
				if rapid.IntRange(0, 9).Draw(t, "nothing") == 0 {
					p.Segments = []agent.Segment{{Content: ark.Hash{9}}}
				}
				h.turn(agent.Play{Program: p, Instead: id()})
			case 2:
				h.turn(agent.Hush{Broadcast: id(), Why: ark.WhyStopped})
			case 3:
				h.turn(agent.Turn{Broadcast: id(), Gain: -6})
			case 4:
				if h.begun && rapid.IntRange(0, 9).Draw(t, "lost") == 0 {
					h.lose()
				}
			case 5:
				h.hand.deliver()
			default:
				h.pull(rapid.IntRange(1, 3000).Draw(t, "frames"))
			}
		}
		for range 10_000 {
			h.hand.deliver()
			if h.pull(4800); !h.begun && len(h.cues) == 0 {
				break
			}
		}
		h.judge(t)
	})
}

// lose lets another device take the place of this one.
func (h *hall) lose() {
	h.past += int(h.consumed)
	h.stage.over(ark.WhyDeviceLost)
	h.owed = 0
	h.hand = newHandDevice()
	h.device = h.hand
	h.turn()
}

func (h *hall) judge(t rapid.TB) {
	if len(h.line.voices) > 0 || h.begun || h.trial != nil {
		t.Fatalf("it does not end: %d voices, begun: %v", len(h.line.voices), h.begun)
	}
	for _, id := range h.played {
		if h.over[id] != 1 {
			t.Errorf("program %d ended %d times", id[0], h.over[id])
		}
		for i, e := range h.ended[id] {
			if e.Segment != i || e.Consumed < 0 || e.Consumed > e.Frames || (e.Why == "") != (e.Consumed == e.Frames) && e.Why != ark.WhyMissing {
				t.Errorf("segment %d of program %d: %+v", i, id[0], e)
			}
		}
	}
}

// What the device consumed is each program in its turn, from its first frame
// on to as many as were told, with a fade over the next one's beginning and
// not a frame lost or doubled.
func TestWhatIsToldIsWhatSounded(t *testing.T) {
	l, prog, recs := library(t, 400*time.Millisecond, 600*time.Millisecond, 500*time.Millisecond)
	late := 0
	rapid.Check(t, func(t *rapid.T) {
		h := newHall(l)
		var heard []int16
		for n := range rapid.IntRange(2, 6).Draw(t, "programs") {
			p := prog
			p.Broadcast, p.Gain = ark.ID{byte(n + 1)}, -12
			p.Segments = []agent.Segment{prog.Segments[n%3]}
			p.Segments[0].Gap = 0
			h.turn(agent.Play{Program: p, Instead: ark.ID{byte(n)}, Why: ark.WhyInterrupted})
			for range rapid.IntRange(1, 40).Draw(t, "pulls") {
				if rapid.IntRange(0, 3).Draw(t, "slow") > 0 {
					h.hand.deliver()
				}
				heard = append(heard, h.pull(rapid.IntRange(1, 960).Draw(t, "frames"))...)
			}
		}
		for n := 0; (h.begun || len(h.cues) > 0) && n < 10_000; n++ {
			h.hand.deliver()
			heard = append(heard, h.pull(960)...)
		}
		h.judge(t)
		if err := h.compare(heard, recs); err != nil {
			t.Fatal(err)
		}
		late += h.hand.late
	})
	if late == 0 {
		t.Error("no change came too late: the test is too tame")
	}
}

// compare mixes by hand what was told.
func (h *hall) compare(heard []int16, recs [][]int16) error {
	want := make([]float64, len(heard)+ark.SampleRate)
	end := 0
	for _, id := range h.played {
		e, rec, begin := h.ended[id][0], recs[(int(id[0])-1)%3], h.began[id]
		for i := range int(e.Consumed) {
			fade := 1.0
			if e.Why != "" {
				fade = min(1, float64(e.Consumed-1-int64(i))/fadeFrames)
			}
			want[begin+i] += float64(factor(-12)) * fade * float64(rec[i])
			end = max(end, begin+i+1)
		}
	}
	if end != len(heard) {
		return fmt.Errorf("%d frames sounded, %d were told", len(heard), end)
	}
	for i, v := range heard {
		if d := float64(v) - want[i]; d > 1.5 || d < -1.5 {
			return fmt.Errorf("frame %d is %d, want %.1f", i, v, want[i])
		}
	}
	return nil
}

// What a lost device leaves behind is told truly of all that sounded.
func TestADeviceLostUnderMusicAndSpeech(t *testing.T) {
	l, prog, _ := library(t, 2*time.Second)
	h := newHall(l)
	bed, speech, waits := prog, prog, prog
	bed.Bed, bed.Broadcast, speech.Broadcast, waits.Bed, waits.Broadcast = true, ark.ID{1}, ark.ID{2}, true, ark.ID{3}
	h.turn(agent.Play{Program: bed})
	h.hand.deliver()
	h.pull(4800)
	h.turn(agent.Play{Program: speech}, agent.Play{Program: waits})
	for range 10 {
		h.hand.deliver()
		h.pull(960)
	}
	begun := int64(h.began[speech.Broadcast])
	h.turn(agent.Hush{Broadcast: ark.ID{1}, Why: ark.WhyStopped}) // is never answered
	h.lost(ark.WhyDeviceLost)
	t.Cleanup(func() { h.device.close() })
	h.turn()
	for id, want := range map[byte]int64{1: 4800 + 9600, 2: 4800 + 9600 - begun, 3: 0} {
		if e := h.ended[ark.ID{id}]; len(e) != 1 || e[0].Consumed != want || e[0].Why != ark.WhyDeviceLost || h.over[ark.ID{id}] != 1 {
			t.Errorf("program %d: %+v, want %d frames", id, e, want)
		}
	}
	if h.begun || len(h.line.voices) > 0 {
		t.Error("something is left for the next device")
	}
}

// A mix that is silence by mistake shows as a fault while it lasts.
func TestAMuteMixIsAFault(t *testing.T) {
	l, prog, _ := library(t, 3*time.Second)
	h := newHall(l)
	h.c.Command = Speaker(0)
	h.turn(agent.Play{Program: prog})
	wild := recovery
	defer func() { recovery = wild }()
	recovery, h.line.limit.hold = 1, 1
	faults := []string{}
	for at := int64(0); h.begun && at < 10*ark.SampleRate; at += 4800 {
		if at == 2*ark.SampleRate {
			recovery = wild
			h.line.limit.hold = 0
		}
		h.hand.deliver()
		h.pull(4800)
		if f := h.State().Fault; len(faults) == 0 || faults[len(faults)-1] != f {
			faults = append(faults, f)
		}
	}
	if !slices.Equal(faults, []string{"", ark.WhyNoOutput, ""}) {
		t.Errorf("the faults were %q", faults)
	}
}

// Another device goes on with the frame after the last that the one before it
// consumed, whatever that one was given beyond.
func TestAnotherDeviceGoesOnExactly(t *testing.T) {
	l, prog, recs := library(t, time.Second)
	h := newHall(l)
	prog.Bed, prog.Gain, prog.Segments[0].Gap = true, 0, 0
	h.turn(agent.Play{Program: prog})
	h.hand.deliver()
	heard := append(h.pull(5000), h.pull(2777)...)
	for range 2 {
		h.hand = newHandDevice()
		h.device = h.hand
		h.carryOver()
		h.hand.deliver()
		heard = append(heard, h.pull(9000)...)
	}
	for n := 0; h.begun && n < 1000; n++ { // an end that does not come is judged below
		h.hand.deliver()
		heard = append(heard, h.pull(960)...)
	}
	if !slices.Equal(heard, recs[0]) {
		t.Errorf("%d frames were heard of %d, or others", len(heard), len(recs[0]))
	}
	h.judge(t)
}
