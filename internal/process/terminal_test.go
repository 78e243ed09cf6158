package process

import (
	"os"
	"testing"
)

// What swallows everything is no terminal; one is (pty(7)).
func TestTerminal(t *testing.T) {
	for path, want := range map[string]bool{os.DevNull: false, "/dev/ptmx": true} {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if Terminal(f) != want {
			t.Errorf("%s: want %v", path, want)
		}
	}
}
