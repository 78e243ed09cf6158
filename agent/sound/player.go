// Package sound is the van's voice: the announcement library, the programs
// laid out as one stream, and the loudspeaker as a child process whose word
// on what the device consumed is what the as-run log says. It is the one door
// to oto.
package sound

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"time"

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
