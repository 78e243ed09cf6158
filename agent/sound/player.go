// Package sound is the van's voice: the announcement library, the programs
// laid out as one stream, and the loudspeaker as a child process whose word
// on what the device consumed is what the as-run log says. It is the one door
// to oto.
package sound

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"time"

	"ark"
	"ark/agent"
)

// Config is what a player needs.
type Config struct {
	Library *Library
	Command func() *exec.Cmd // makes the loudspeaker process; nil: never open a device
	Buffer  time.Duration    // of the device
	Mono    func() time.Duration
	Log     *slog.Logger

	// Card is the id of the sound card that is to sound, as /proc/asound/cards
	// has it; empty: any. While it is away nothing sounds on another.
	Card string

	// Input opens the microphone to talk into and Listener what hears the
	// loudspeaker, a microphone or a loopback; both give 48 kHz, mono, 16 bit,
	// little-endian, as Capture makes them. Nil: there is none.
	Input    func(context.Context) (io.ReadCloser, error)
	Listener func(context.Context) (io.ReadCloser, error)

	proc string // where the kernel tells of its cards; empty: /proc/asound
}

// Limits of the player's patience.
const (
	stallAfter = 300 * time.Millisecond // no frame consumed while some are due
	openWithin = 12 * time.Second       // a child must have its device open by then
	lastedFor  = 10 * time.Second       // a device that failed sooner is not opened again at once
	tickEvery  = 10 * time.Millisecond
	idleEvery  = 100 * time.Millisecond // nothing sounds and nothing is awaited
	restAfter  = 4 * beatEvery          // no word of a device at rest
	firstRetry = 250 * time.Millisecond
	mostRetry  = 10 * time.Second
)

// Player sounds programs. It owns the clock of what sounds: a device that
// does not consume in time is replaced.
type Player struct {
	c      Config
	given  chan struct{} // commands are there to be taken
	events chan agent.Event
	ended  <-chan struct{} // of Run's ctx
	start  func(*exec.Cmd) (*childDevice, error)

	mu       sync.Mutex
	commands []agent.Action // Play, Hush and Turn
	state    agent.SoundState
}

// New makes a player; Run sounds.
func New(c Config) *Player {
	p := &Player{c: c, start: startChild, given: make(chan struct{}, 1), events: make(chan agent.Event, 1024), state: agent.SoundState{Silent: true, Mic: c.Input != nil, Listening: c.Listener != nil}}
	if c.Command == nil {
		p.state.Device = silent
	}
	return p
}

// Play sounds a program, ending whatever sounds now.
func (p *Player) Play(a agent.Play) { p.give(a) }

// Hush ends a program within one buffer, with a short fade.
func (p *Player) Hush(a agent.Hush) { p.give(a) }

// Turn brings a program that sounds to another gain.
func (p *Player) Turn(a agent.Turn) { p.give(a) }

// give never waits and never drops: a program that was dropped would never be
// told to have ended.
func (p *Player) give(a agent.Action) {
	p.mu.Lock()
	p.commands = append(p.commands, a)
	p.mu.Unlock()
	select {
	case p.given <- struct{}{}:
	default: // Run knows already
	}
}

func (p *Player) taken() []agent.Action {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.commands
	p.commands = nil
	return all
}

// Events tells what became of programs and of the loudspeaker. It is closed
// when Run has ended.
func (p *Player) Events() <-chan agent.Event { return p.events }

// tell waits for whoever listens, who must therefore never wait for the
// player; once Run is to end it does not.
func (p *Player) tell(e agent.Event) {
	select {
	case p.events <- e:
		return
	default:
	}
	select {
	case p.events <- e:
	case <-p.ended:
	}
}

// State is what is known of the loudspeaker.
func (p *Player) State() agent.SoundState {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// stage is the loop's own state.
type stage struct {
	*Player
	device  device
	child   *childDevice // the device, if it is real; else nil
	opening *childDevice // a child whose device is not open yet
	openBy  time.Time
	retry   time.Duration
	retryAt time.Time
	adopted time.Time // when the child's device was taken into use
	failure string    // why no device could be opened, as it was last logged
	stream
	cues    []cue          // commanded, and not brought into the stream yet
	owed    int            // answers to come of streams that are over
	talked  chan struct{}  // a microphone has something to say
	talks   sync.WaitGroup // the microphones
	chunk   [4 * firstChunk]byte
	long    [2 * splitMost]byte
	ticked  time.Time
	stood   time.Time     // when the loop itself was last found to have stood still
	tempo   time.Duration // how often ticks come now
	watch   *watch
	seen    sight  // what it saw last
	trouble string // an ark.Why… of the device; empty: none

	ears     sync.WaitGroup
	verdicts chan verdict
	waits    map[*listening]bool // of programs that are over
	deaf     bool                // the listening input could not be used the last time
}

// Run sounds programs until ctx ends.
func (p *Player) Run(ctx context.Context) error {
	s := &stage{Player: p, retry: firstRetry, ticked: time.Now(), talked: make(chan struct{}, 1),
		verdicts: make(chan verdict), waits: map[*listening]bool{}}
	p.ended = ctx.Done()
	defer close(p.events)
	s.watch = newWatch(p.c.Card, p.c.proc)
	if p.c.Command != nil {
		var watching sync.WaitGroup
		watching.Go(func() { s.watch.run(ctx) })
		defer watching.Wait()
	}
	s.device = newSilentDevice()
	p.tell(agent.SoundChanged{State: p.State()})
	if p.c.Command != nil {
		s.open()
	}
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	defer s.close()
	for {
		select {
		case <-ctx.Done():
			s.drop(ark.WhyRestarted)
			return nil
		case <-p.given:
			for _, c := range p.taken() {
				s.command(c)
			}
		case r, ok := <-s.device.reports():
			if !ok {
				s.lost(ark.WhyDeviceLost)
				continue
			}
			s.report(r)
		case <-s.opened():
			s.adopt()
		case <-s.failed():
			s.openFailed()
		case seen := <-s.watch.news:
			s.see(seen)
		case <-s.talked:
			s.feed()
			s.endTalks()
		case v := <-s.verdicts:
			s.judged(v)
		case <-tick.C:
			s.tick()
		}
		s.obey()
		s.begin()
		s.hasten(tick)
	}
}

// hasten lets ticks come as often as there is something to look after.
func (s *stage) hasten(tick *time.Ticker) {
	every := tickEvery
	if s.resting() && s.opening == nil {
		every = idleEvery
	}
	if every != s.tempo {
		s.tempo, s.ticked = every, time.Now()
		tick.Reset(every)
	}
}

// resting tells that nothing sounds and nothing waits to.
func (s *stage) resting() bool { return len(s.line.voices) == 0 && len(s.cues) == 0 && !s.begun }

// holding tells that a program had better wait: a device is being opened, and
// on the silent one nobody would hear it. openWithin bounds the wait.
func (s *stage) holding() bool { return s.child == nil && s.opening != nil }

// opened yields when a child's device is open and can be used: what is said on
// the silent device is let go to its end first, so that nobody hears half a
// sentence. Music and live voice go over to the other device at once.
func (s *stage) opened() <-chan struct{} {
	speech := s.line.speech(s.consumed)
	if s.opening == nil || s.trial != nil || s.begun && speech != nil && speech.show.talk == nil {
		return nil
	}
	return s.opening.ready
}

func (s *stage) failed() <-chan struct{} {
	if s.opening == nil {
		return nil
	}
	return s.opening.gone
}

// silent is the paced silent device's name.
const silent = "silent"

// silence makes the paced silent device the one in use.
func (s *stage) silence() {
	s.device, s.child = newSilentDevice(), nil
	s.watch.at(nil, false)
	s.change(func(st *agent.SoundState) { st.Silent, st.Device = true, silent })
}

// open starts a child; it is used once its device is open.
func (s *stage) open() {
	if s.barred() {
		s.change(func(st *agent.SoundState) { st.Device = silent })
		s.later()
		return
	}
	command := s.c.Command()
	s.watch.at(command.Env, false)
	child, err := s.start(command)
	if err != nil {
		s.c.Log.Error("the loudspeaker process cannot be started", "err", err)
		s.later()
		return
	}
	s.opening, s.openBy = child, time.Now().Add(openWithin)
}

func (s *stage) later() {
	s.retryAt = time.Now().Add(s.retry)
	s.retry = min(2*s.retry, mostRetry)
}

func (s *stage) openFailed() {
	if text := fmt.Sprint(s.opening.err); text != s.failure { // once, not every minute
		s.failure = text
		s.c.Log.Warn("no sound device; trying again from time to time", "err", text)
	}
	s.opening.close()
	s.opening = nil
	s.change(func(st *agent.SoundState) { st.Device = silent })
	s.later()
}

// adopt goes over to the child's device.
func (s *stage) adopt() {
	select {
	case <-s.opening.gone:
		s.openFailed()
		return
	default:
	}
	s.device.close()
	s.device, s.child, s.opening = s.opening, s.opening, nil
	s.adopted, s.failure, s.trouble = time.Now(), "", ""
	s.watch.at(nil, true)
	s.watch.glance()
	s.change(func(st *agent.SoundState) { st.Silent, st.Device = false, "default" })
	if s.begun {
		s.carryOver()
	}
}

// lost replaces a device that is gone or stalled: at once, or, if it had not
// lasted, after a pause that grows, so that a broken device does not keep the
// processor and the journal busy.
func (s *stage) lost(why string) {
	s.c.Log.Error("the sound device failed; it is replaced", "why", why)
	s.over(why)
	s.owed = 0
	s.device.close()
	s.trouble = why
	s.change(func(st *agent.SoundState) { st.Restarts++ })
	s.silence()
	if time.Since(s.adopted) < lastedFor {
		s.later()
		return
	}
	s.retry = firstRetry
	s.open()
}

func (s *stage) close() {
	s.talks.Wait()
	s.device.close()
	if s.opening != nil {
		s.opening.close()
	}
	s.ears.Wait() // each was told to end when its program did
}

func (s *stage) tick() {
	now := time.Now()
	stood := now.Sub(s.ticked)
	s.ticked = now
	if stood > s.tempo+stallAfter/3 { // we ourselves stood still, and heard nothing of the device
		s.stood = now
		s.moved = s.moved.Add(stood)
	}
	s.feed()
	s.endTalks()
	if s.begun && s.child != nil && s.stalled(now) { // the silent device has no other to be replaced by
		s.lost(ark.WhyStalled) // also if all was consumed: a device that does not say that it is over is stuck
	}
	if !s.begun && s.child != nil && s.frozen(now) {
		s.lost(ark.WhyStalled)
	}
	switch {
	case s.opening != nil && time.Now().After(s.openBy):
		s.opening.close() // failed is told by its gone channel
	case s.opening == nil && s.child == nil && s.c.Command != nil && time.Now().After(s.retryAt):
		s.open()
	}
}

// Speaker is the command of the loudspeaker process: this program with the
// word "speaker".
func Speaker(buffer time.Duration) func() *exec.Cmd {
	return func() *exec.Cmd {
		self, err := os.Executable()
		if err != nil {
			self = os.Args[0]
		}
		return exec.Command(self, "speaker", "--buffer", buffer.String())
	}
}
