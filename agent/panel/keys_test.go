package panel

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ark/agent"
)

// openTerminal is a terminal of the test's own: what is written to one end is
// typed at the other.
func openTerminal(t *testing.T) (hands, screen *os.File) {
	t.Helper()
	hands, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hands.Close() })
	if err := unix.IoctlSetPointerInt(int(hands.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(hands.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	return hands, screen
}

// A key presses its button at once, without Enter, and is not shown; the
// terminal is then as it was.
func TestKeysOfATerminal(t *testing.T) {
	hands, screen := openTerminal(t)
	before, err := unix.IoctlGetTermios(int(screen.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	restore, ok := Terminal(screen)
	if !ok {
		t.Fatal("not taken for a terminal")
	}
	s := NewSim([]agent.Button{"1", "2", "stop"}, func() time.Duration { return 0 })
	go s.Keys(t.Context(), screen) // it ends when the terminal is closed
	for key, want := range map[string]agent.Button{"1": "1", "s": "stop", "S": "stop", "x\x1b[A2": "2"} {
		if _, err := hands.WriteString(key); err != nil {
			t.Fatal(err)
		}
		select {
		case e := <-s.Events():
			if p, ok := e.(agent.Pressed); !ok || p.Button != want {
				t.Errorf("key %q: %+v, want %s", key, e, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("key %q presses nothing", key)
		}
		<-s.Events() // released
	}
	if _, err := screen.WriteString("."); err != nil {
		t.Fatal(err)
	}
	shown := make([]byte, 10)
	if n, err := hands.Read(shown); err != nil || string(shown[:n]) != "." {
		t.Errorf("the screen shows %q (%v), want no key", shown[:n], err)
	}
	restore()
	if after, err := unix.IoctlGetTermios(int(screen.Fd()), unix.TCGETS); err != nil || *after != *before {
		t.Errorf("the terminal is left as %+v (%v)", after, err)
	}
}

func TestAFileIsNoTerminal(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, ok := Terminal(f); ok {
		t.Error("taken for a terminal")
	}
}

// No key presses two buttons, and no button is without one while its name has
// a letter left.
func TestWhichKeyIsWhich(t *testing.T) {
	s := NewSim([]agent.Button{"1", "10", "Stop", "silence", "s"}, func() time.Duration { return 0 })
	var got []string
	for _, k := range s.KeyList() {
		got = append(got, fmt.Sprintf("%c=%s", k.Rune, k.Button))
	}
	if want := "1=1 0=10 s=Stop i=silence"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, " "), want)
	}
}
