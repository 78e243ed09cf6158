package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// Terminal tells whether a file is a terminal, before which somebody sits;
// /dev/null is none.
func Terminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
