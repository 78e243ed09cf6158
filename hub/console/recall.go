package console

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Bounds of what is recalled.
const (
	maxRecalled  = 64               // of one kind
	longRecalled = 10 * time.Second // for making one
)

var errUnmade = errors.New("it was not made")

// recall keeps what was made lately, so that it is made once for many: two
// hundred pages that fetch themselves anew after one change are mostly the
// same page. A key says all that it depends on, and as of when: what is old is
// never asked for again.
type recall[T any] struct {
	mu   sync.Mutex
	made map[string]*recalled[T]
}

// recalled is made, or being made until ready is closed.
type recalled[T any] struct {
	ready  chan struct{}
	value  T
	err    error
	asking int    // who still waits for it; guarded by mu
	cancel func() // stops the making
}

// of is what there is under a key, or what produce makes. Whoever asks for the same
// meanwhile waits for it; that the first of them goes away does not stop it,
// and that the last does. What cannot be made is not kept.
func (r *recall[T]) of(ctx context.Context, key string, produce func(context.Context) (T, error)) (T, error) {
	one, first, work := r.ask(ctx, key)
	if !first {
		select {
		case <-one.ready:
			return one.value, one.err
		case <-ctx.Done():
			r.leave(key, one)
			var nothing T
			return nothing, ctx.Err()
		}
	}
	stop := context.AfterFunc(ctx, func() { r.leave(key, one) })
	defer func() {
		stop()
		one.cancel()
		if one.err != nil {
			r.mu.Lock()
			r.forget(key, one)
			r.mu.Unlock()
		}
		close(one.ready)
	}()
	one.value, one.err = produce(work)
	return one.value, one.err
}

// ask finds what there is under a key; first: it is to be made in the context.
func (r *recall[T]) ask(ctx context.Context, key string) (one *recalled[T], first bool, work context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if one, known := r.made[key]; known {
		one.asking++
		return one, false, nil
	}
	if r.made == nil || len(r.made) >= maxRecalled {
		r.made = map[string]*recalled[T]{}
	}
	one = &recalled[T]{ready: make(chan struct{}), err: errUnmade, asking: 1}
	work, one.cancel = context.WithTimeout(context.WithoutCancel(ctx), longRecalled)
	r.made[key] = one
	return one, true, work
}

// leave is for who does not wait any more.
func (r *recall[T]) leave(key string, one *recalled[T]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if one.asking--; one.asking == 0 {
		r.forget(key, one)
		one.cancel()
	}
}

// forget forgets what is under a key, with mu held.
func (r *recall[T]) forget(key string, one *recalled[T]) {
	if r.made[key] == one {
		delete(r.made, key)
	}
}
