package sound

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"ark"
)

// How often the watch looks, and how long a tool that it asks may take.
const (
	cardsEvery = 400 * time.Millisecond // reading a small file of the kernel's
	hurryEvery = time.Second            // at the mixer, while no device is open: a process
	mutedEvery = 5 * time.Second        // while nobody tells of changes in it
	soundEvery = time.Minute            // while somebody does
	toolWithin = 2 * time.Second
)

// sight is what the watch sees of the sound cards.
type sight struct {
	cards  string // ids, by spaces
	muted  bool
	usable bool   // a device could be opened now, as far as can be seen
	none   bool   // there is nothing to play on: no card, or a sound server without a sink
	failed string // not empty: the tool that tells of the mixer did not; why
}

// missing tells that the wanted card is not there though others are.
func (s sight) missing(wanted string) bool {
	return wanted != "" && s.cards != "" && !slices.Contains(strings.Fields(s.cards), wanted)
}

// fault is the one word for what is wrong: what can be put right by hand
// before what was noticed of the device.
func fault(s sight, wanted string, silent bool, trouble string) string {
	switch {
	case s.missing(wanted):
		return ark.WhyWrongCard
	case silent && s.none:
		return ark.WhyNoCard
	case trouble != "":
		return trouble
	case s.muted:
		return ark.WhyMuted
	}
	return ""
}

// watch looks after the cards beside the player's loop, which never waits for
// it: it asks programs that may take their time.
type watch struct {
	wanted string
	proc   string // the folder of the kernel's word on cards: /proc/asound
	news   chan sight
	look   chan struct{} // look at the mixer now

	mu   sync.Mutex
	env  []string // in which the loudspeaker process runs, so that the same server is asked
	open bool     // a device is open

	attended time.Time // since when somebody tells of changes in the mixer; zero: nobody does
}

func newWatch(wanted, proc string) *watch {
	if proc == "" {
		proc = "/proc/asound"
	}
	return &watch{wanted: wanted, proc: proc, news: make(chan sight, 1), look: make(chan struct{}, 1)}
}

// cards are the ids of the cards that are there now.
func (w *watch) cards() string {
	text, _ := os.ReadFile(filepath.Join(w.proc, "cards")) // without the kernel's sound there is none
	return strings.Join(cardIDs(string(text)), " ")
}

// at tells the watch where the loudspeaker process plays, and whether its
// device is open.
func (w *watch) at(env []string, open bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open = open; env != nil {
		w.env = env
	}
}

// glance lets the watch look at the mixer now.
func (w *watch) glance() {
	select {
	case w.look <- struct{}{}:
	default:
	}
}

// lookEvery is how often the mixer is looked at, and how the loudspeaker
// process plays. Whoever tells of changes is trusted only after a while: until
// then some may have been missed.
func (w *watch) lookEvery() (env []string, every time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case !w.open:
		return w.env, hurryEvery
	case w.attended.IsZero() || time.Since(w.attended) < mutedEvery:
		return w.env, mutedEvery
	}
	return w.env, soundEvery
}

// run looks until ctx ends.
func (w *watch) run(ctx context.Context) {
	var attending sync.WaitGroup
	attending.Go(func() { w.attend(ctx) })
	defer attending.Wait()
	tick := time.NewTicker(cardsEvery)
	defer tick.Stop()
	var told sight
	var asked time.Time
	for first := true; ; first = false {
		now := told
		now.cards = w.cards()
		env, every := w.lookEvery()
		if now.cards != told.cards || time.Since(asked) >= every {
			asked = time.Now()
			w.ask(ctx, env, &now)
		}
		if now != told || first {
			told = now
			w.tell(now)
		}
		select {
		case <-ctx.Done():
			return
		case <-w.look:
			asked = time.Time{}
		case <-tick.C:
		}
	}
}

// tell leaves the latest sight to be taken.
func (w *watch) tell(s sight) {
	select {
	case <-w.news:
	default:
	}
	w.news <- s // nobody else sends
}

// ask asks the mixer of whatever plays.
func (w *watch) ask(ctx context.Context, env []string, s *sight) {
	if env == nil {
		env = os.Environ()
	}
	var err error
	if pulseServer(env) {
		err = askPulse(ctx, env, s)
	} else {
		err = w.askCard(ctx, env, s)
	}
	if s.failed = ""; err != nil {
		s.failed = err.Error()
	}
}

func askPulse(ctx context.Context, env []string, s *sight) error {
	mute, err := tool(ctx, env, "pactl", "get-sink-mute", "@DEFAULT_SINK@")
	volume := ""
	if err == nil {
		volume, err = tool(ctx, env, "pactl", "get-sink-volume", "@DEFAULT_SINK@")
	}
	s.usable = err == nil
	s.none = err != nil && strings.Contains(err.Error(), "No such entity")
	s.muted = err == nil && sinkMuted(mute, volume)
	return err
}

func (w *watch) askCard(ctx context.Context, env []string, s *sight) error {
	s.usable, s.none, s.muted = s.cards != "" && !s.missing(w.wanted), s.cards == "", false
	if !s.usable {
		return nil
	}
	text, err := tool(ctx, env, "amixer", "-c", w.card(s.cards), "scontents")
	s.muted = err == nil && cardMuted(text)
	return err
}

// card is the one that sounds of those that are there.
func (w *watch) card(there string) string {
	if w.wanted != "" {
		return w.wanted
	}
	first, _, _ := strings.Cut(there, " ") // ALSA's default
	return first
}

// pulseServer tells that a sound server is what the loudspeaker process plays
// to, by the same two variables as its client library goes by.
func pulseServer(env []string) bool {
	var named, runtime string
	for _, e := range env { // the last one counts
		if v, found := strings.CutPrefix(e, "PULSE_SERVER="); found {
			named = v
		}
		if v, found := strings.CutPrefix(e, "XDG_RUNTIME_DIR="); found {
			runtime = v
		}
	}
	if named != "" || runtime == "" {
		return named != ""
	}
	st, err := os.Stat(filepath.Join(runtime, "pulse", "native"))
	return err == nil && st.Mode()&os.ModeSocket != 0
}

// tool runs a program that tells something, for a bounded time, and reads a
// bounded part of what it says.
func tool(ctx context.Context, env []string, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, toolWithin)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(plainALSA(env), "LC_ALL=C")
	c.WaitDelay = time.Second
	said, out := &tail{}, &head{}
	c.Stderr, c.Stdout = said, out
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			err = errors.New("no answer")
		}
		return "", fmt.Errorf("%s: %w: %s", name, err, said.line())
	}
	return string(out.first), nil
}

// plainALSA is an environment without our own ALSA configuration: that of the
// loudspeaker knows one way out and nothing else, no mixer and no input.
func plainALSA(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(e string) bool { return strings.HasPrefix(e, "ALSA_CONFIG_PATH=") })
}

// head keeps the first 256 kB of what a program says.
type head struct{ first []byte }

func (h *head) Write(b []byte) (int, error) {
	if room := 256<<10 - len(h.first); room > 0 {
		h.first = append(h.first, b[:min(len(b), room)]...)
	}
	return len(b), nil
}
