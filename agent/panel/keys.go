package panel

import (
	"os"

	"golang.org/x/sys/unix"
)

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
