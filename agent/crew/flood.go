package crew

import (
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// What one phone may log: a whole day that it kept while it was out of reach,
// all at once, and from then on far more than a person can write. Anything in
// range of the Wi-Fi can send visits; none of it may fill the card in an
// afternoon.
const (
	phoneBurst = 200
	phoneEvery = 2 * time.Second
	mostPhones = 1000 // addresses that are remembered
)

// What one phone may press: each press that plays something is written down
// too. Stop is always obeyed.
const (
	pressBurst = 30
	pressEvery = time.Second
)

// flood counts what comes from each address. A visit that it refuses is not
// lost: the phone, or the page, still has it and sends it again.
type flood struct {
	burst int
	every time.Duration

	mu   sync.Mutex
	full map[netip.Addr]time.Duration // when an address may log a whole burst again, monotonic
}

func newFlood(burst int, every time.Duration) *flood {
	return &flood{burst: burst, every: every, full: map[netip.Addr]time.Duration{}}
}

// takes tells whether one more may come from an address.
func (f *flood) takes(from netip.Addr, now time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	full := max(f.full[from], now)
	if full+f.every > now+time.Duration(f.burst)*f.every {
		return false
	}
	if _, known := f.full[from]; !known {
		f.makeRoom(now)
	}
	f.full[from] = full + f.every
	return true
}

// back takes a visit back that was not kept: it fills nothing, and whoever
// tries again while the card is ill is to read that.
func (f *flood) back(from netip.Addr) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if full, known := f.full[from]; known {
		f.full[from] = full - f.every
	}
}

// makeRoom forgets who has been quiet for long; if nobody has, anybody.
func (f *flood) makeRoom(now time.Duration) {
	if len(f.full) < mostPhones {
		return
	}
	for from, full := range f.full {
		if full <= now || len(f.full) >= mostPhones {
			delete(f.full, from)
		}
	}
}

// phone is the address of a request. Programs on the van itself are no phones.
func phone(r *http.Request) (from netip.Addr, ok bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	from = at.Addr().Unmap().WithZone("")
	return from, err == nil && !from.IsLoopback()
}
