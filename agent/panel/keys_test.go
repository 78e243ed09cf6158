package panel

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
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
	s := simOf(t, []SimButton{{Button: "1"}, {Button: "2"}, {Button: "stop"}})
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
	s := NewSim(SimConfig{Buttons: []SimButton{{Button: "1"}, {Button: "10"}, {Button: "Stop"}, {Button: "silence"}, {Button: "s"}}})
	var got []string
	for _, k := range s.KeyList() {
		got = append(got, fmt.Sprintf("%c=%s", k.Rune, k.Button))
	}
	if want := "1=1 0=10 s=Stop i=silence"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, " "), want)
	}
}

// A key cannot be held: the key of a button that must be is pressed twice, and
// that of a button to talk begins and ends.
func TestKeysOfButtonsThatAreHeld(t *testing.T) {
	buttons := []SimButton{{Button: "1"}, {Button: "alarm", Hold: true}, {Button: "talk", Talk: true}}
	rows := []struct {
		name string
		keys map[time.Duration]string
		want string
	}{
		{"once is too little", map[time.Duration]string{0: "a"}, "pressed alarm 0s, released alarm 60ms"},
		{"twice", map[time.Duration]string{0: "a", 2 * time.Second: "a"},
			"pressed alarm 0s, released alarm 60ms, pressed alarm 2s, held alarm, released alarm 3.06s"},
		{"twice, too far apart", map[time.Duration]string{0: "a", 4 * time.Second: "a"},
			"pressed alarm 0s, released alarm 60ms, pressed alarm 4s, released alarm 4.06s"},
		{"another between them", map[time.Duration]string{0: "a", time.Second: "1"},
			"pressed alarm 0s, released alarm 60ms, pressed 1 1s, released 1 1.06s"},
		{"talk", map[time.Duration]string{0: "t", 3 * time.Second: "T"}, "pressed talk 0s, held talk, released talk 3s"},
	}
	for _, row := range rows {
		synctest.Test(t, func(t *testing.T) {
			s := simOf(t, buttons)
			screen, hands := io.Pipe()
			defer hands.Close()
			go s.Keys(t.Context(), screen)
			got := s.act(10*time.Second, func(at time.Duration) { io.WriteString(hands, row.keys[at]) })
			if got != row.want {
				t.Errorf("%s:\ngot  %s\nwant %s", row.name, got, row.want)
			}
		})
	}
}
