package blobs

import (
	"sync"

	"ark"
)

// places bounds how many requests there are at one time, in all and of each
// van.
type places struct {
	most Limits

	mu   sync.Mutex
	all  int
	each map[ark.VanID]int
}

func newPlaces(most Limits) places { return places{most: most, each: map[ark.VanID]int{}} }

// enter gives a van a place, which leave gives back; false: there is none.
func (p *places) enter(van ark.VanID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all >= p.most.All || p.each[van] >= p.most.Each {
		return false
	}
	p.all++
	p.each[van]++
	return true
}

func (p *places) leave(van ark.VanID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all--
	if p.each[van]--; p.each[van] == 0 {
		delete(p.each, van)
	}
}
