package crew

import (
	"net/http"

	"ark/agent"
)

// loadView is what the page says of photos, recordings and signatures that
// wait for the hub.
type loadView struct {
	agent.Load
	MB     string
	Unread bool // the card does not say
}

// load is what there is to carry to the hub; nil: this van carries nothing.
func (c *Crew) load(r *http.Request) *loadView {
	if c.c.Load == nil {
		return nil
	}
	l, err := c.c.Load(r.Context())
	return &loadView{l, megabytes(l.Bytes), err != nil}
}

// stateLoad is the same for machines.
type stateLoad struct {
	Files     int64  `json:"files"` // on the van and not at the hub
	Bytes     int64  `json:"bytes"`
	SentToday int64  `json:"sent_today_bytes"`
	Held      string `json:"held,omitempty"` // why nothing is carried: "text", "budget", "unreachable" or "refused"
}

func (c *Crew) stateLoad(r *http.Request) *stateLoad {
	l := c.load(r)
	if l == nil || l.Unread {
		return nil
	}
	return &stateLoad{l.Files, l.Bytes, l.SentToday, l.Held}
}
