package ingest

import (
	"context"
	"time"

	"ark/hub"
)

// request is a delivery that waits for its commit.
type request struct {
	delivery hub.Delivery
	done     chan<- error
}

// Bounds of one transaction: enough that its fsync weighs little, and so few
// that the vans of the last one already prepare the next while it is written.
const (
	maxDeliveries = 256
	maxEntries    = 2_000
)

// commit makes one delivery durable, together with those of other vans.
func (in *Ingest) commit(ctx context.Context, d hub.Delivery) error {
	done := make(chan error, 1)
	select {
	case in.commits <- request{d, done}:
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-done // the committer always answers
}

// commitAll is the one committer: it takes what has come while the last
// transaction was under way, so the batch grows with the load.
func (in *Ingest) commitAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case first := <-in.commits:
			in.commitBatch(ctx, in.gather(first))
		}
	}
}

func (in *Ingest) gather(first request) []request {
	batch := append(make([]request, 0, 16), first)
	for entries := len(first.delivery.Facts); len(batch) < maxDeliveries && entries < maxEntries; {
		select {
		case r := <-in.commits:
			batch = append(batch, r)
			entries += len(r.delivery.Facts)
		default:
			return batch
		}
	}
	return batch
}

// commitBatch commits a batch. If that fails, each delivery is tried alone,
// so that one van's trouble is not the others'.
func (in *Ingest) commitBatch(ctx context.Context, batch []request) {
	err := in.commitSome(ctx, batch)
	if err == nil || len(batch) == 1 {
		for _, r := range batch {
			r.done <- err
		}
		return
	}
	for i := range batch {
		batch[i].done <- in.commitSome(ctx, batch[i:i+1])
	}
}

func (in *Ingest) commitSome(ctx context.Context, batch []request) error {
	ds := make([]hub.Delivery, len(batch))
	for i, r := range batch {
		ds[i] = r.delivery
	}
	began := time.Now()
	_, err := in.c.Journals.Commit(context.WithoutCancel(ctx), ds) // begun is finished
	in.stats.CommitNanos.Add(int64(time.Since(began)))
	in.stats.Commits.Add(1)
	return err
}
