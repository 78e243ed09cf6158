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
	ready chan struct{}
	value T
	err   error
}

// of is what there is under a key, or what produce makes. Whoever asks for the same
// meanwhile waits for it; that the first of them goes away does not stop it.
// What cannot be made is not kept.
func (r *recall[T]) of(ctx context.Context, key string, produce func(context.Context) (T, error)) (T, error) {
	r.mu.Lock()
	one, known := r.made[key]
	if known {
		r.mu.Unlock()
		select {
		case <-one.ready:
			return one.value, one.err
		case <-ctx.Done():
			var nothing T
			return nothing, ctx.Err()
		}
	}
	if r.made == nil || len(r.made) >= maxRecalled {
		r.made = map[string]*recalled[T]{}
	}
	one = &recalled[T]{ready: make(chan struct{}), err: errUnmade}
	r.made[key] = one
	r.mu.Unlock()
	defer func() {
		if one.err != nil {
			r.forget(key, one)
		}
		close(one.ready)
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longRecalled)
	defer cancel()
	one.value, one.err = produce(ctx)
	return one.value, one.err
}

func (r *recall[T]) forget(key string, one *recalled[T]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.made[key] == one {
		delete(r.made, key)
	}
}
