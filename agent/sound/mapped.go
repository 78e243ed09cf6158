package sound

import "runtime/debug"

// reading runs f, which reads files mapped into memory. False: the card could
// not give what is there (SIGBUS), which would otherwise end the program.
func reading(f func()) (ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		e := recover()
		if _, fault := e.(interface{ Addr() uintptr }); e != nil && !fault {
			panic(e)
		}
	}()
	f()
	return true
}
