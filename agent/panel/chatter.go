package panel

import "time"

// A line chatters when in each of chatterFor seconds it has more than
// chatterEdges edges, ten times what a bouncing button has; it is calm again
// after as many seconds without.
const (
	chatterEdges = 200
	chatterFor   = 5
)

// chatter notices a line that does not come to rest. It is pure.
type chatter struct {
	began time.Duration // of the second that is counted
	edges int           // in it
	other int           // seconds in a row that are not as on says
	on    bool
}

// see counts an edge, or only time that passed, and tells whether on changed.
func (c *chatter) see(edge bool, now time.Duration) (changed bool) {
	if now-c.began >= 2*time.Second { // nothing was seen for long: there was nothing
		c.began = max(c.began, now-chatterFor*time.Second)
	}
	for ; now-c.began >= time.Second; c.began += time.Second {
		if loud := c.edges > chatterEdges; loud == c.on {
			c.other = 0
		} else if c.other++; c.other >= chatterFor {
			c.on, c.other, changed = loud, 0, true
		}
		c.edges = 0
	}
	if edge {
		c.edges++
	}
	return changed
}
