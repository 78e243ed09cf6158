package panel

import (
	"bufio"
	"context"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/sys/unix"

	"ark/agent"
)

// Key is a key of the keyboard and the button that it presses.
type Key struct {
	Rune rune
	SimButton
}

// keysOf gives each button the first letter of its name that is not taken,
// so 1, 2, 3 and s.
func keysOf(buttons []SimButton) (keys []Key) {
	taken := map[rune]bool{}
	for _, b := range buttons {
		for _, r := range strings.ToLower(string(b.Button)) {
			if !taken[r] {
				taken[r] = true
				keys = append(keys, Key{r, b})
				break
			}
		}
	}
	return keys
}

// KeyList is which key presses which button.
func (s *Sim) KeyList() []Key { return s.keys }

// SureWithin is how soon the key of a button that must be held has to be
// pressed again.
const SureWithin = 3 * time.Second

// Keys presses a button for each key that is read and has one. A terminal does
// not tell when a key is let go: one press of a key is a short press, the
// second within SureWithin of the key of a button that must be held holds it,
// and the key of a button to talk switches. It returns when r ends; it cannot
// be stopped while r waits.
func (s *Sim) Keys(ctx context.Context, r io.Reader) {
	keys := bufio.NewReader(r)
	asked := map[agent.Button]time.Duration{}
	for ctx.Err() == nil {
		c, _, err := keys.ReadRune()
		if err != nil {
			return
		}
		for _, k := range s.keys {
			if k.Rune == unicode.ToLower(c) {
				s.key(k.SimButton, asked)
			}
		}
	}
}

func (s *Sim) key(b SimButton, asked map[agent.Button]time.Duration) {
	now := s.c.Mono()
	switch at, once := asked[b.Button]; {
	case b.Talk:
		s.Switch(b.Button)
	case b.Hold && once && now-at <= SureWithin:
		delete(asked, b.Button)
		s.Hold(b.Button)
	default:
		asked[b.Button] = now
		s.Press(b.Button)
	}
}

// Terminal lets keys through one by one, without waiting for Enter and
// without showing them; Ctrl-C keeps its meaning. restore brings the old
// state back. Where f is no terminal ok is false, and so it is in the
// background of one: there the kernel would stop the whole program.
func Terminal(f *os.File) (restore func(), ok bool) {
	fd := int(f.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, false
	}
	if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err == nil && group != unix.Getpgrp() {
		return nil, false
	}
	single := *before
	single.Lflag &^= unix.ICANON | unix.ECHO
	if unix.IoctlSetTermios(fd, unix.TCSETS, &single) != nil {
		return nil, false
	}
	return func() { unix.IoctlSetTermios(fd, unix.TCSETS, before) }, true
}
