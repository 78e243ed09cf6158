package hub

import (
	"ark"
)

// Understand decodes an entry that a van sent, or says in Reason why it
// cannot be: it then goes to quarantine.
func Understand(f *Fact, van ark.VanID) {
	e, err := ark.DecodeEntry(f.Raw)
	if err != nil {
		f.Reason = err.Error()
		return
	}
	f.Entry = e
	if e.Kind.Order() {
		f.Reason = "an order in a van journal"
		return
	}
	if f.Body, err = ark.DecodeBody(e.Kind, e.Body); err != nil {
		f.Body, f.Reason = nil, err.Error()
	}
}
