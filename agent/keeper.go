package agent

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"ark"
)

// keeper makes records durable, in their order, and before them the values to
// keep, of each key the newest: a start of the plan is marked as begun before
// it is recorded, so that no power cut makes it begin twice. While the card
// does not take them they wait in memory, within a bound; a slow card costs
// nothing else.
type keeper struct {
	recorder Recorder
	log      *slog.Logger
	more     chan struct{}

	mu      sync.Mutex
	waiting []Record
	values  map[string]Keep
}

// Bounds of what waits.
const (
	mostWaiting = 10_000          // records; beyond it the oldest are lost
	batch       = 256             // records of one commit
	retryCard   = 5 * time.Second // after trouble with the card
	mostTries   = 24              // at trouble of a kind that is not known, two minutes
)

func newKeeper(r Recorder, log *slog.Logger) *keeper {
	return &keeper{recorder: r, log: log, more: make(chan struct{}, 1), values: map[string]Keep{}}
}

// add takes records and values over. It never waits.
func (k *keeper) add(records []Record, values []Keep) {
	if len(records)+len(values) == 0 {
		return
	}
	k.mu.Lock()
	for _, v := range values {
		k.values[v.Key] = v
	}
	k.waiting = append(k.waiting, records...)
	k.trim()
	k.mu.Unlock()
	select {
	case k.more <- struct{}{}:
	default: // run knows already
	}
}

// trim forgets the oldest beyond the bound; k.mu is held.
func (k *keeper) trim() {
	if over := len(k.waiting) - mostWaiting; over > 0 {
		k.log.Error("the card takes nothing: the oldest records are lost", "records", over)
		k.waiting = append([]Record(nil), k.waiting[over:]...)
	}
}

func (k *keeper) take() []Record {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := min(len(k.waiting), batch)
	out := k.waiting[:n:n]
	k.waiting = k.waiting[n:]
	return out
}

func (k *keeper) putBack(records []Record) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.waiting = append(append(make([]Record, 0, len(records)+len(k.waiting)), records...), k.waiting...)
	k.trim()
}

// run appends until end is closed, and once more then.
func (k *keeper) run(end <-chan struct{}) {
	retry := time.NewTimer(retryCard)
	retry.Stop()
	defer retry.Stop()
	for tries := 0; ; {
		last := false
		select {
		case <-k.more:
		case <-retry.C:
		case <-end:
			last = true
		}
		if err := k.write(tries >= mostTries); err != nil {
			if tries++; tries == 1 || last {
				k.log.Error("records wait for the card", "err", err)
			}
			retry.Reset(retryCard)
		} else {
			tries = 0
		}
		if last {
			return
		}
	}
}

// write appends all that waits. An error means that the rest waits on;
// giveUp, that what cannot be written for a reason nobody knows is let go.
func (k *keeper) write(giveUp bool) error {
	if err := k.keep(giveUp); err != nil {
		return err
	}
	for records := k.take(); len(records) > 0; records = k.take() {
		err := k.recorder.Append(context.Background(), records...)
		if err == nil {
			continue
		}
		if !hopeless(err) && !(giveUp && !cardTrouble(err)) {
			k.putBack(records)
			return err
		}
		if err := k.oneByOne(records, giveUp); err != nil {
			return err
		}
	}
	return nil
}

// keep writes the values that wait.
func (k *keeper) keep(giveUp bool) error {
	k.mu.Lock()
	values := slices.Collect(maps.Values(k.values))
	clear(k.values)
	k.mu.Unlock()
	if len(values) == 0 {
		return nil
	}
	err := k.recorder.Keep(context.Background(), values...)
	switch {
	case err == nil:
		return nil
	case hopeless(err), giveUp && !cardTrouble(err):
		k.log.Error("values cannot be kept at all and are lost", "values", len(values), "err", err)
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, v := range values {
		if _, newer := k.values[v.Key]; !newer {
			k.values[v.Key] = v
		}
	}
	return err
}

// oneByOne finds the record that cannot be written, so that it takes no other
// along.
func (k *keeper) oneByOne(records []Record, giveUp bool) error {
	for i, r := range records {
		err := k.recorder.Append(context.Background(), r)
		switch {
		case err == nil:
		case hopeless(err), giveUp && !cardTrouble(err):
			k.log.Error("a record cannot be written at all and is lost", "kind", r.Kind.String(), "err", err)
		default:
			k.putBack(records[i:])
			return err
		}
	}
	return nil
}

// cardTrouble tells trouble with the card, which may pass, however long it
// takes.
func cardTrouble(err error) bool {
	return isAny(err, ErrDiskFull, ErrReadOnly, ErrBroken, ErrInUse, ErrClosed)
}

// hopeless tells a record that can never be written.
func hopeless(err error) bool { return isAny(err, ErrTaken, ark.ErrTooBig, ark.ErrUnknownKind) }

func isAny(err error, known ...error) bool {
	for _, k := range known {
		if errors.Is(err, k) {
			return true
		}
	}
	return false
}
