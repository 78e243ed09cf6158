package blobs

import (
	"sync"
	"time"

	"ark"
)

// rations count what each van brought today, so that a van in wrong hands does
// not fill the disk for all. It is far more than a crew can photograph; a van
// that has it brings the rest tomorrow.
type rations struct {
	mu    sync.Mutex
	day   int64 // since 1970
	spent map[ark.VanID]int64
}

// left tells whether a van may bring so many bytes more.
func (r *rations) left(van ark.VanID, size, most int64, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	return r.spent[van]+size <= most
}

// spend counts what a van brought.
func (r *rations) spend(van ark.VanID, size int64, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	r.spent[van] += size
}

func (r *rations) turn(now time.Time) {
	if day := now.Unix() / (24 * 3600); day != r.day {
		r.day = day
		clear(r.spent)
	}
}
