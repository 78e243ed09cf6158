package sound

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// attend lets the watch look at the mixer as soon as something changes there,
// until ctx ends. Where nobody tells of changes, the watch looks now and then.
func (w *watch) attend(ctx context.Context) {
	again := time.NewTicker(mutedEvery)
	defer again.Stop()
	for {
		w.mu.Lock()
		env := w.env
		w.mu.Unlock()
		if env == nil {
			env = os.Environ()
		}
		if pulseServer(env) {
			w.subscribe(ctx, env)
		} else {
			w.control(ctx)
		}
		w.attending(time.Time{})
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// attending notes since when somebody tells of changes; zero: nobody does.
func (w *watch) attending(since time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attended = since
}

// subscribe has a sound server tell of changes, until it ends.
func (w *watch) subscribe(ctx context.Context, env []string) {
	c := exec.CommandContext(ctx, "pactl", "subscribe")
	c.Env = append(plainALSA(env), "LC_ALL=C")
	out, err := c.StdoutPipe()
	if err != nil || c.Start() != nil {
		return
	}
	w.attending(time.Now())
	for s := bufio.NewScanner(out); s.Scan(); {
		if strings.Contains(s.Text(), " on sink #") || strings.Contains(s.Text(), " on server") {
			w.glance()
		}
	}
	c.Cancel() // a line that is too long, if it has not ended
	c.Wait()
}

// Of the kernel's interface to a card's mixer, include/uapi/sound/asound.h.
const (
	subscribeEvents = 0xc0045516 // SNDRV_CTL_IOCTL_SUBSCRIBE_EVENTS
	eventSize       = 72         // of struct snd_ctl_event
)

// control has the kernel tell of changes in the card's mixer, until the card
// is gone.
func (w *watch) control(ctx context.Context) {
	link, err := os.Readlink(filepath.Join(w.proc, w.card(w.cards())))
	number, found := strings.CutPrefix(link, "card")
	if err != nil || !found {
		return
	}
	f, err := subscribed("/dev/snd/controlC" + number)
	if err != nil {
		return
	}
	defer f.Close()
	defer context.AfterFunc(ctx, func() { f.Close() })()
	w.attending(time.Now())
	for b := make([]byte, 16*eventSize); ; w.glance() {
		if _, err := f.Read(b); err != nil {
			return
		}
	}
}

// subscribed opens a card's mixer so that reading it waits for changes. The
// runtime may poll the file only once it is subscribed: before, the kernel
// answers that there is nothing to wait for and forgets who asked.
func subscribed(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.IoctlSetPointerInt(fd, subscribeEvents, 1); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}
