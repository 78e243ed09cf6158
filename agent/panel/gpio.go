// Package panel is the van's buttons and lamps: real ones on GPIO lines, and
// simulated ones. It is the one door to periph.io.
package panel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/host/v3/gpioioctl"

	"ark"
	"ark/agent"
)

// Config says which line is which.
type Config struct {
	Chip    string // label of the GPIO chip; empty: the first that has all lines
	Buttons []ButtonLine
	Lamps   []LampLine
	Long    time.Duration // a long press
	Mono    func() time.Duration
	Log     *slog.Logger
}

// ButtonLine is a button's line. A button is pulled up and closes to ground,
// unless ActiveHigh.
type ButtonLine struct {
	Button     agent.Button
	Line       string // such as GPIO17
	ActiveHigh bool
}

// LampLine is a lamp's line.
type LampLine struct {
	Lamp      agent.Lamp
	Line      string
	ActiveLow bool
}

// GPIO is the panel on real lines.
type GPIO struct {
	c       Config
	devices string // where the kernel shows GPIO chips
	told    teller
	state   agent.PanelState // as it was last told

	mu    sync.Mutex
	want  map[agent.Lamp]bool
	lamps map[agent.Lamp]lampPin
}

type lampPin struct {
	pin       *gpioioctl.GPIOLine
	activeLow bool
}

// New makes a panel; Run opens the lines.
func New(c Config) *GPIO {
	return &GPIO{c: c, devices: "/dev/gpiochip*", told: newTeller(), want: map[agent.Lamp]bool{}, lamps: map[agent.Lamp]lampPin{}}
}

// Events are the presses, and what becomes of the hardware.
func (g *GPIO) Events() <-chan agent.Event { return g.told.events }

// Light sets a lamp; without hardware the wish is kept.
func (g *GPIO) Light(l agent.Lamp, on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.want[l] = on
	if p, ok := g.lamps[l]; ok {
		g.set(p, on)
	}
}

func (g *GPIO) set(p lampPin, on bool) {
	if err := p.pin.Out(gpio.Level(on != p.activeLow)); err != nil {
		g.c.Log.Warn("a lamp cannot be set", "line", p.pin.Name(), "err", err)
	}
}

// fault is why the buttons cannot be used.
type fault struct {
	word string // an ark.Panel…
	line string
	err  error
}

func (f fault) Error() string { return strings.TrimSpace(f.word + " " + f.line) }
func (f fault) Unwrap() error { return f.err }

// lineFault names what happened to a line.
func lineFault(line string, err error) error {
	word := ark.PanelFailed
	switch {
	case errors.Is(err, syscall.EBUSY):
		word = ark.PanelTaken
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES):
		word = ark.PanelNoRight
	case errors.Is(err, syscall.ENODEV):
		word = ark.PanelLost
	}
	return fault{word, line, err}
}

// Run watches the buttons until ctx ends. Without a chip, or with a line that
// is missing or taken, it says what is wrong and tries again: the van does
// without buttons meanwhile.
func (g *GPIO) Run(ctx context.Context) error {
	const first, most = time.Second, time.Minute
	for pause := first; ; pause = min(2*pause, most) {
		label, worked, err := g.watch(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if worked {
			pause = first
		}
		state := agent.PanelState{Chip: label, Fault: ark.PanelFailed}
		var f fault
		if errors.As(err, &f) {
			state.Fault, state.Line = f.word, f.line
		}
		g.become(ctx, state, err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// become tells of a state, once. Only Run's goroutine calls it.
func (g *GPIO) become(ctx context.Context, s agent.PanelState, err error) {
	if s == g.state {
		return
	}
	g.state = s
	switch s.Fault {
	case "":
	case ark.PanelChatter:
		g.c.Log.Warn("a button's line does not come to rest; the other buttons go on", "line", s.Line, "presses dropped", g.told.dropped.Load())
	default:
		g.c.Log.Warn("the buttons cannot be used; trying again from time to time", "why", s.Fault, "line", s.Line, "chip", s.Chip, "err", errors.Unwrap(err))
	}
	g.told.tell(ctx, agent.PanelChanged{State: s})
}

// watch opens all lines and serves them; it returns on trouble. worked tells
// that they could be used for a while.
func (g *GPIO) watch(ctx context.Context) (label string, worked bool, err error) {
	chip, err := g.find()
	if err != nil {
		return "", false, err
	}
	label = chip.Label()
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	failed, restless := make(chan error, len(g.c.Buttons)), make(chan unrest)
	var pins []*gpioioctl.GPIOLine
	defer func() {
		cancel()
		watching.Wait()
		g.closeLamps()
		for _, p := range pins {
			p.Close()
		}
	}()
	for _, b := range g.c.Buttons {
		pin := chip.ByName(b.Line)
		if err := open(pin, b); err != nil {
			return label, false, lineFault(b.Line, err)
		}
		pins = append(pins, pin)
		watching.Go(func() { g.serve(ctx, pin, b, failed, restless) })
	}
	if err := g.openLamps(chip); err != nil {
		return label, false, err
	}
	g.become(ctx, agent.PanelState{Chip: label}, nil)
	return label, true, g.await(ctx, label, failed, restless)
}

// await tells of lines that chatter, until one fails or ctx ends.
func (g *GPIO) await(ctx context.Context, label string, failed <-chan error, restless <-chan unrest) error {
	for noisy := []string(nil); ; {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case u := <-restless:
			if noisy = slices.DeleteFunc(noisy, func(l string) bool { return l == u.line }); u.on {
				noisy = append(noisy, u.line)
			}
			state := agent.PanelState{Chip: label}
			if len(noisy) > 0 {
				state.Fault, state.Line = ark.PanelChatter, noisy[0]
			}
			g.become(ctx, state, nil)
		}
	}
}

func open(pin *gpioioctl.GPIOLine, b ButtonLine) error {
	pull := gpio.PullUp
	if b.ActiveHigh {
		pull = gpio.PullDown
	}
	return pin.In(pull, gpio.BothEdges)
}

// find is the chip with the label, or the first that has every line. A Pi's
// own chips are looked at first.
func (g *GPIO) find() (*gpioioctl.GPIOChip, error) {
	chips, err := openChips(g.devices)
	if err != nil {
		return nil, err
	}
	missing := ""
	for _, chip := range chips {
		if g.c.Chip != "" && chip.Label() != g.c.Chip {
			continue
		}
		lacks := g.lacks(chip)
		if lacks == "" {
			return chip, nil
		}
		if missing == "" {
			missing = lacks
		}
	}
	if missing == "" {
		return nil, fault{ark.PanelNoChip, "", fmt.Errorf("no chip with the label %q", g.c.Chip)}
	}
	return nil, fault{ark.PanelNoLine, missing, errors.New("no GPIO chip has all the lines of the profile")}
}

// lacks is the first line of the profile that a chip does not have.
func (g *GPIO) lacks(chip *gpioioctl.GPIOChip) string {
	for _, b := range g.c.Buttons {
		if chip.ByName(b.Line) == nil {
			return b.Line
		}
	}
	for _, l := range g.c.Lamps {
		if chip.ByName(l.Line) == nil {
			return l.Line
		}
	}
	return ""
}

func (g *GPIO) openLamps(chip *gpioioctl.GPIOChip) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range g.c.Lamps {
		pin := chip.ByName(l.Line)
		if err := pin.Out(gpio.Level(g.want[l.Lamp] != l.ActiveLow)); err != nil {
			return lineFault(l.Line, err)
		}
		g.lamps[l.Lamp] = lampPin{pin, l.ActiveLow}
	}
	return nil
}

func (g *GPIO) closeLamps() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range g.lamps {
		p.pin.Close()
	}
	clear(g.lamps)
}
