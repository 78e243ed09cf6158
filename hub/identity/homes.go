package identity

// homes are the addresses from which people have signed in, since the start.
type homes map[[2]string]struct{}

const mostHomes = 10_000

func (h homes) has(name, from string) bool {
	_, ok := h[[2]string{name, from}]
	return ok
}

func (h homes) add(name, from string) {
	for old := range h {
		if len(h) < mostHomes {
			break
		}
		delete(h, old) // anyone: it is asked like a stranger once
	}
	h[[2]string{name, from}] = struct{}{}
}
