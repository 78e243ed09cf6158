// Package panel is the van's buttons and lamps: real ones on GPIO lines, and
// simulated ones. It is the one door to periph.io.
package panel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/host/v3/gpioioctl"

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
	c      Config
	events chan agent.Event

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
	return &GPIO{c: c, events: make(chan agent.Event, 256), want: map[agent.Lamp]bool{}, lamps: map[agent.Lamp]lampPin{}}
}

// Events are the presses, and what becomes of the hardware.
func (g *GPIO) Events() <-chan agent.Event { return g.events }

func (g *GPIO) tell(ctx context.Context, e agent.Event) {
	select {
	case g.events <- e:
	case <-ctx.Done():
	}
}

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

// initOnce opens the kernel's GPIO chips; periph does it once for a process.
var initOnce = sync.OnceValue(func() error {
	_, err := driverreg.Init()
	return err
})

// Run watches the buttons until ctx ends. Without a chip, or with a line that
// is missing or taken, it says what is wrong and tries again: the van does
// without buttons meanwhile.
func (g *GPIO) Run(ctx context.Context) error {
	said := ""
	for pause := time.Second; ; pause = min(2*pause, time.Minute) {
		chip, err := g.watch(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if text := fmt.Sprint(err); text != said {
			said = text
			g.c.Log.Warn("the buttons cannot be used", "chip", chip, "err", err)
			g.tell(ctx, agent.PanelChanged{State: agent.PanelState{Chip: chip, Fault: text}})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

var (
	errNoChip = errors.New("no GPIO chip: is this a Pi, and is the user in group gpio?")
	errNoLine = errors.New("no GPIO chip has all the lines of the profile")
)

// watch opens all lines and serves them; it returns on trouble.
func (g *GPIO) watch(ctx context.Context) (label string, err error) {
	if err := initOnce(); err != nil {
		return "", fmt.Errorf("open GPIO: %w", err)
	}
	chip, err := g.find()
	if err != nil {
		return "", err
	}
	label = chip.Label()
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	failed := make(chan error, len(g.c.Buttons))
	var pins []*gpioioctl.GPIOLine
	defer func() {
		cancel()
		watching.Wait()
		g.closeLamps()
		for _, p := range pins {
			p.Halt()
			p.Close()
		}
	}()
	for _, b := range g.c.Buttons {
		pin := chip.ByName(b.Line)
		if err := open(pin, b); err != nil {
			return label, fmt.Errorf("line %s: %w", b.Line, err)
		}
		pins = append(pins, pin)
		watching.Go(func() { g.serve(ctx, pin, b, failed) })
	}
	if err := g.openLamps(chip); err != nil {
		return label, err
	}
	g.tell(ctx, agent.PanelChanged{State: agent.PanelState{Chip: label}})
	select {
	case <-ctx.Done():
		return label, nil
	case err := <-failed:
		return label, err
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
	if len(gpioioctl.Chips) == 0 {
		return nil, errNoChip
	}
	for _, chip := range gpioioctl.Chips {
		if g.c.Chip != "" && chip.Label() != g.c.Chip {
			continue
		}
		if g.has(chip) {
			return chip, nil
		}
	}
	return nil, errNoLine
}

func (g *GPIO) has(chip *gpioioctl.GPIOChip) bool {
	for _, b := range g.c.Buttons {
		if chip.ByName(b.Line) == nil {
			return false
		}
	}
	for _, l := range g.c.Lamps {
		if chip.ByName(l.Line) == nil {
			return false
		}
	}
	return true
}

func (g *GPIO) openLamps(chip *gpioioctl.GPIOChip) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range g.c.Lamps {
		pin := chip.ByName(l.Line)
		if err := pin.Out(gpio.Level(g.want[l.Lamp] != l.ActiveLow)); err != nil {
			return fmt.Errorf("line %s: %w", l.Line, err)
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

// serve drains one button's edges. periph says neither which edge it was nor
// when, so the level is read after each, and a floor under the loop keeps a
// line that fails at once from spinning.
func (g *GPIO) serve(ctx context.Context, pin *gpioioctl.GPIOLine, line ButtonLine, failed chan<- error) {
	b := &button{name: line.Button, long: g.c.Long}
	wait := time.Millisecond
	quick := 0
	for ctx.Err() == nil {
		began := g.c.Mono()
		edge := pin.WaitForEdge(wait)
		now := g.c.Mono()
		if !edge && now-began < wait/2 { // it did not wait: the line is gone
			if quick++; quick > 20 {
				failed <- fmt.Errorf("line %s: it answers no more", line.Line)
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
			continue
		}
		quick = 0
		b.edge(bool(pin.Read()) == line.ActiveHigh, now)
		events, again := b.settle(now)
		for _, e := range events {
			g.tell(ctx, e)
		}
		if wait = 200 * time.Millisecond; again > 0 {
			wait = min(wait, again)
		}
	}
}
