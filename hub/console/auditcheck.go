package console

import (
	"context"
	"net/http"
	"sync"
	"time"

	"ark/hub"
)

// auditChecks is the check of the record that somebody has asked for: one at a
// time, whoever asks. It goes on when the page that began it is closed, and
// ends with the console.
type auditChecks struct {
	life   context.Context
	end    context.CancelFunc
	worker sync.WaitGroup

	mu    sync.Mutex
	state auditChecking
}

// auditChecking is how far a check is, or what it found.
type auditChecking struct {
	Running    bool
	Done, Most int64
	At         time.Time // when it ended; zero: none has
	Found      hub.AuditCheck
	Failed     bool // it could not be read to the end
}

// Well tells whether nothing is wrong.
func (s auditChecking) Well() bool { return !s.Failed && len(s.Found.Faults) == 0 }

func newAuditChecks() *auditChecks {
	a := &auditChecks{}
	a.life, a.end = context.WithCancel(context.Background())
	return a
}

func (a *auditChecks) now() auditChecking {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}

func (a *auditChecks) set(change func(*auditChecking)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.state)
}

// begin begins a check, if none is under way.
func (a *auditChecks) begin(work func(ctx context.Context, progress func(done, most int64)) auditChecking) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state.Running || a.life.Err() != nil {
		return
	}
	a.state.Running, a.state.Done, a.state.Most = true, 0, 0
	a.worker.Go(func() {
		s := work(a.life, func(done, most int64) {
			a.set(func(s *auditChecking) { s.Done, s.Most = done, most })
		})
		a.set(func(now *auditChecking) { *now = s })
	})
}

// close ends what is under way, and waits for it.
func (a *auditChecks) close() {
	a.end()
	a.worker.Wait()
}

// checkAudit begins a check in the name of whoever asks.
func (c *Console) checkAudit(w http.ResponseWriter, r *http.Request) {
	d := desk(r.Context())
	if _, err := d.AuditHead(r.Context()); err != nil {
		c.unread(w, r, err)
		return
	}
	c.checks.begin(func(ctx context.Context, progress func(done, most int64)) auditChecking {
		found, err := d.CheckAudit(ctx, progress)
		if err != nil && ctx.Err() == nil {
			c.c.Log.Error("the record of who did what cannot be checked", "err", err)
		}
		return auditChecking{At: c.c.Now(), Found: found, Failed: err != nil}
	})
	http.Redirect(w, r, "/audit/check", http.StatusSeeOther)
}

// auditCheckPage is how far the check is, or what the last one found.
type auditCheckPage struct {
	frame
	Check auditChecking
	Head  hub.AuditHead
}

// refreshEvery is in how many seconds a browser asks again how far the check
// is: without script, too (HTML, 7.4.6: the Refresh header).
const refreshEvery = "1"

func (c *Console) showAuditCheck(w http.ResponseWriter, r *http.Request) {
	p := auditCheckPage{frame: c.frame(r, "audit"), Check: c.checks.now()}
	p.Quiet = true
	var err error
	if p.Head, err = desk(r.Context()).AuditHead(r.Context()); err != nil {
		c.unread(w, r, err)
		return
	}
	if p.Check.Running {
		w.Header().Set("Refresh", refreshEvery)
	}
	c.site.Page(w, r, http.StatusOK, "auditcheck.html", p)
}
