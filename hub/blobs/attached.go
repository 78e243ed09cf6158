package blobs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ark"
	"ark/internal/uploads"
)

// attachedBase is where vans bring attachments.
const attachedBase = "/files"

// What vans are told beside what the protocol itself says. A van whose visit
// is not here yet, or stands in quarantine, tries again.
var (
	errUnexpected = &uploads.Refusal{Status: http.StatusNotFound, Word: "not-expected", After: time.Minute}
	errSize       = &uploads.Refusal{Status: http.StatusUnprocessableEntity, Word: "wrong-size"}
	errRation     = &uploads.Refusal{Status: http.StatusInsufficientStorage, Word: "ration", After: time.Hour}
	errNoRoom     = &uploads.Refusal{Status: http.StatusInsufficientStorage, Word: "full", After: 5 * time.Minute}
)

// takeAttachments takes the attachments that visits name, each from the van of
// its visit.
func (n *Counter) takeAttachments() http.Handler {
	files := uploads.New(uploads.Config{Folder: n.c.Blobs.attached, Base: attachedBase, Most: ark.MaxAttachment, Owner: n.owner,
		Accept: n.accept, Arrived: n.arrived, Limits: uploads.Limits{All: 20_000, Stall: n.c.Limits.Stall}, Log: n.c.Log})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		van, _, ok := caller(r)
		if ok && !n.uploads.enter(van) {
			n.stats.Busy.Add(1)
			w.Header().Set("Retry-After", "5")
			http.Error(w, "too many uploads at a time", http.StatusServiceUnavailable)
			return
		}
		if ok {
			defer n.uploads.leave(van)
		}
		files.ServeHTTP(w, r)
	})
}

// owner is the van that asks, as long as its certificate is admitted.
func (n *Counter) owner(r *http.Request) (string, bool) {
	van, serial, ok := caller(r)
	if !ok || !n.c.Gate.Admit(van, serial) {
		n.stats.Refused.Add(1)
		return "", false
	}
	return string(van), true
}

func (n *Counter) accept(ctx context.Context, a uploads.Announced, here bool) error {
	size, expected, err := n.c.Attachments.Expected(ctx, ark.VanID(a.Owner), a.Hash)
	switch {
	case err != nil:
		return err
	case !expected:
		return errUnexpected
	case a.Size > size:
		return errSize
	case here:
		return nil
	case !n.rations.left(ark.VanID(a.Owner), a.Size, n.c.Limits.Daily, time.Now()):
		return errRation
	case n.full(a.Size):
		return errNoRoom
	}
	return nil
}

// full tells whether the disk has no room for attachments: journals need what
// is left of it more.
func (n *Counter) full(size int64) bool {
	if n.c.Disk == nil {
		return false
	}
	free, total := n.c.Disk()
	return free-size < min(1<<30, total/20)
}

func (n *Counter) arrived(ctx context.Context, a uploads.Announced) error {
	if err := n.c.Attachments.Kept(ctx, a.Hash); err != nil {
		return err
	}
	n.stats.Attached.Add(1)
	n.rations.spend(ark.VanID(a.Owner), a.Size, time.Now())
	return nil
}

// mendMost is how many attachments are asked about at a time.
const mendMost = 500

// Mend notes the attachments that lie here and that the database does not
// know: the power went between the one and the other, or the database is that
// of a backup.
func (n *Counter) Mend(ctx context.Context) error {
	if n.c.Attachments == nil {
		return nil
	}
	var some []ark.Hash
	note := func() error {
		here, err := n.c.Attachments.Here(ctx, some)
		for _, h := range some {
			if err == nil && !here[h] {
				err = n.c.Attachments.Kept(ctx, h)
			}
		}
		some = some[:0]
		return err
	}
	err := n.c.Blobs.attached.Each(ctx, func(h uploads.Hash) error {
		if some = append(some, h); len(some) == mendMost {
			return note()
		}
		return nil
	})
	if err = errors.Join(err, note()); err != nil {
		return fmt.Errorf("note attachments that are here: %w", err)
	}
	return nil
}
