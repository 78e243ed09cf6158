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

// What an enrolled phone may ask: a search with each letter, and all else far
// more often than the app does.
const (
	searchBurst = 30
	searchEvery = 100 * time.Millisecond
	askBurst    = 120
	askEvery    = 200 * time.Millisecond
)

// How often one may ask for a whole area, for which the van reads all
// households from the card. The app does so every quarter of an hour.
const (
	areaBurst = 10
	areaEvery = 30 * time.Second
)

// What one phone may send of attachments, in bytes: 1 GiB at once, then 460 MB
// an hour. A day's photos are some ten megabytes.
const (
	arrivingPart  = 256 << 10
	arrivingBurst = 4096
	arrivingEvery = 2 * time.Second
)

// What an address may try of enrolment codes, and one phone of PINs.
const (
	guessBurst = 20
	guessEvery = 5 * time.Second
)

// What one phone may press: each press that plays something is written down
// too. Stop is always obeyed.
const (
	pressBurst = 30
	pressEvery = time.Second
)

// flood counts what comes from each address, or from each enrolled phone. A
// visit that it refuses is not lost: the phone, or the page, still has it and
// sends it again.
type flood[K comparable] struct {
	burst int
	every time.Duration
	crowd int // all together may as much as so many; 0: whatever they like

	mu   sync.Mutex
	full map[K]time.Duration // when one may log a whole burst again, monotonic
	all  time.Duration       // and when all of them may, in time of one of a crowd
}

func newFlood[K comparable](burst int, every time.Duration) *flood[K] {
	return &flood[K]{burst: burst, every: every, full: map[K]time.Duration{}}
}

// strangers is how many addresses may send at a time what one may. Whoever is
// on the Wi-Fi takes as many addresses as they like.
const strangers = 8

// newCrowded is a flood of addresses, all of which together are bounded.
func newCrowded(burst int, every time.Duration) *flood[netip.Addr] {
	f := newFlood[netip.Addr](burst, every)
	f.crowd = strangers
	return f
}

// takes tells whether one more may come from somebody.
func (f *flood[K]) takes(from K, now time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	full, most := max(f.full[from], now), now+time.Duration(f.burst)*f.every
	if full+f.every > most {
		return false
	}
	if f.crowd > 0 {
		all := max(f.all, now) + f.every/time.Duration(f.crowd)
		if all > most {
			return false
		}
		f.all = all
	}
	if _, known := f.full[from]; !known {
		f.makeRoom(now)
	}
	f.full[from] = full + f.every
	return true
}

// back takes a visit back that was not kept: it fills nothing, and whoever
// tries again while the card is ill is to read that.
func (f *flood[K]) back(from K) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if full, known := f.full[from]; known {
		f.full[from] = full - f.every
	}
	if f.crowd > 0 {
		f.all -= f.every / time.Duration(f.crowd)
	}
}

// makeRoom forgets who has been quiet for long; if nobody has, anybody.
func (f *flood[K]) makeRoom(now time.Duration) {
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
