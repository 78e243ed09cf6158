package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"ark"
)

// OfficeConfig is what an office needs.
type OfficeConfig struct {
	Library   Library
	Plans     Plans
	Blobs     Blobs
	Standing  Standing // ingest's: it sends to the vans that are here, too
	Commander Commander
	Roster    Roster   // these three may be nil: then nothing of them is ordered
	Register  Register // which also needs Appended
	Reviews   Reviews
	Appended  func(van ark.VanID) // ingest's: sends what was put into a van's order journal elsewhere
	Watch     Watch
	Admitted  func() []ark.VanID // the vans that hold a certificate
	Log       *slog.Logger
}

// Office keeps the standing orders of every admitted van right: the library,
// the plan, the settings, crew, phones and form. It looks when one of them
// changes and when a van is admitted; asking again changes nothing, so whatever
// was interrupted is simply done again. It also brings vans the households of
// their areas, a few at a time.
type Office struct {
	c     OfficeConfig
	wake  chan struct{}
	mu    sync.Mutex
	dirty bool // library, plan or settings changed since the last look

	settling sync.Mutex // one look at a time; guards what follows
	settled  map[ark.VanID]bool
}

var (
	_ Commander = (*Office)(nil)
	_ Reviews   = (*Office)(nil)
)

// NewOffice makes an office; Run works.
func NewOffice(c OfficeConfig) *Office {
	return &Office{c: c, wake: make(chan struct{}, 1), dirty: true, settled: map[ark.VanID]bool{}}
}

// How long an office waits for more changes before it looks, and after
// something failed.
const (
	officeRest  = 300 * time.Millisecond
	officeRetry = 5 * time.Second
)

// Run keeps the orders right until ctx ends.
func (o *Office) Run(ctx context.Context) error {
	defer o.c.Watch.Changes(o.changed)()
	o.nudge() // whatever changed while no hub ran
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-o.wake:
		}
		rest := officeRest
		err := o.settle(ctx)
		if err == nil {
			err = o.tellAll(ctx)
		}
		if err != nil && ctx.Err() == nil {
			o.c.Log.Error("standing orders wait", "err", err)
			o.nudge()
			rest = officeRetry
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(rest):
		}
	}
}

// changed runs in whoever commits. That a van came or sent something may mean
// that it is new: Run looks whether it is.
func (o *Office) changed(c Change) {
	if c.Library || c.Plans || c.People {
		o.mu.Lock()
		o.dirty = true
		o.mu.Unlock()
	} else if !c.Vans && !c.Households && !c.Orders {
		return // that orders were taken may make room for more households
	}
	o.nudge()
}

func (o *Office) nudge() {
	select {
	case o.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Order makes orders after what stands is right: an announcement that was just
// saved can be played at once.
func (o *Office) Order(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) ([]ark.ID, error) {
	if err := o.settle(ctx); err != nil {
		o.c.Log.Error("standing orders wait", "err", err)
	}
	return o.c.Commander.Order(ctx, vans, kind, body)
}

// settle gives each van what it has not been ordered yet.
func (o *Office) settle(ctx context.Context) (err error) {
	o.settling.Lock()
	defer o.settling.Unlock()
	o.mu.Lock()
	all := o.dirty
	o.dirty = false
	o.mu.Unlock()
	admitted := o.c.Admitted()
	due := admitted
	if all {
		clear(o.settled)
	} else if due = o.unsettled(admitted); len(due) == 0 {
		return nil
	}
	defer func() {
		if err != nil { // what was done is found done
			o.mu.Lock()
			o.dirty = true
			o.mu.Unlock()
		}
	}()
	if err := o.orderLibrary(ctx, due); err != nil {
		return err
	}
	if err := o.each(ctx, due, ark.KindPlan, func(van ark.VanID) (any, error) { return o.c.Plans.Plan(ctx, van) }); err != nil {
		return err
	}
	if err := o.each(ctx, due, ark.KindSettings, o.made(func(van ark.VanID) (any, int64, error) {
		s, _, err := o.c.Plans.Settings(ctx, van)
		return s, s.Version, err
	})); err != nil {
		return err
	}
	if err := o.people(ctx, due); err != nil {
		return err
	}
	for _, van := range due {
		o.settled[van] = true
	}
	return nil
}

func (o *Office) unsettled(vans []ark.VanID) (due []ark.VanID) {
	for _, van := range vans {
		if !o.settled[van] {
			due = append(due, van)
		}
	}
	return due
}

// orderLibrary orders the newest library. Its manifest is kept first: no order ever
// names one that vans cannot fetch.
func (o *Office) orderLibrary(ctx context.Context, vans []ark.VanID) error {
	l, m, ok, err := o.c.Library.Library(ctx)
	if err != nil || !ok {
		return err
	}
	if err := o.keep(ctx, l, m); err != nil {
		return fmt.Errorf("keep manifest: %w", err)
	}
	return o.stand(ctx, vans, ark.KindLibrary, l)
}

func (o *Office) keep(ctx context.Context, l ark.Library, m ark.Manifest) error {
	b, err := o.c.Blobs.Open(l.Manifest)
	if err == nil {
		return b.Close()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	data, err := ark.EncodeManifest(m)
	if err != nil {
		return err
	}
	if got := ark.HashOf(data); got != l.Manifest {
		return fmt.Errorf("library %d: the manifest is %v, not %v", l.Version, got, l.Manifest)
	}
	_, _, err = o.c.Blobs.Put(ctx, bytes.NewReader(data), ark.MaxManifest)
	return err
}

// each orders what may differ from van to van, where there is something to
// order; vans with the same are given it together.
func (o *Office) each(ctx context.Context, vans []ark.VanID, kind ark.Kind, of func(ark.VanID) (any, error)) error {
	type group struct {
		body any
		vans []ark.VanID
	}
	var order []string
	groups := map[string]*group{}
	for _, van := range vans {
		body, err := of(van)
		if err != nil {
			return fmt.Errorf("van %s: %w", van, err)
		}
		if body == nil {
			continue
		}
		encoded, err := ark.EncodeBody(kind, body)
		if err != nil {
			return fmt.Errorf("van %s: %w", van, err)
		}
		g := groups[string(encoded)]
		if g == nil {
			g = &group{body: body}
			groups[string(encoded)], order = g, append(order, string(encoded))
		}
		g.vans = append(g.vans, van)
	}
	for _, key := range order {
		if err := o.stand(ctx, groups[key].vans, kind, groups[key].body); err != nil {
			return err
		}
	}
	return nil
}

// atOnce is for how many vans one commit makes orders: the journals of vans
// wait for it.
const atOnce = 200

func (o *Office) stand(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) error {
	for len(vans) > 0 {
		n := min(atOnce, len(vans))
		given, err := o.c.Standing.Stand(ctx, vans[:n], kind, body)
		if err != nil {
			return err
		}
		if len(given) > 0 {
			o.c.Log.Info("vans were given a standing order", "kind", kind.String(), "vans", len(given))
		}
		vans = vans[n:]
	}
	return nil
}
