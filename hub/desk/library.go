package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"ark"
	"ark/hub"
)

// Announcements belong to the whole town: every van has them. Whoever announces
// may make some, and change those that are theirs alone to change
// (hub.Staff.MayChange). Editions are kept for good.

// Editions lists the newest edition of every announcement.
func (d *Desk) Editions(ctx context.Context) ([]hub.Edition, error) {
	return do(ctx, d, "Editions", about{}, func() ([]hub.Edition, error) { return d.c.Library.Editions(ctx) })
}

// History lists all editions of one announcement, the newest first.
func (d *Desk) History(ctx context.Context, id ark.AnnouncementID) ([]hub.Edition, error) {
	return do(ctx, d, "History", about{id: string(id)}, func() ([]hub.Edition, error) { return d.c.Library.History(ctx, id) })
}

// AddEdition keeps a new edition; see hub.Library. hub.ErrOutOfSight: see
// mayChange.
func (d *Desk) AddEdition(ctx context.Context, a ark.Announcement, from int) (hub.Edition, error) {
	return do(ctx, d, "AddEdition", about{string(a.ID), map[string]string{"title": a.Title.Zh, "from": fmt.Sprint(from)}}, func() (e hub.Edition, err error) {
		if from > 0 { // else it is a new one, or stale
			err = d.mayChange(ctx, a.ID)
		}
		if err != nil {
			return e, err
		}
		return d.c.Library.AddEdition(ctx, a, from, d.staff.Name)
	})
}

// mayChange answers hub.ErrOutOfSight for an announcement that others have
// made, too, to who does not see the whole town.
func (d *Desk) mayChange(ctx context.Context, id ark.AnnouncementID) error {
	if d.staff.Sight.Whole {
		return nil
	}
	all, err := d.c.Library.History(ctx, id)
	if err == nil && !d.staff.MayChange(all) {
		err = hub.ErrOutOfSight
	}
	return err
}

// Withdraw takes an announcement out of the library, or puts it back. See
// AddEdition.
func (d *Desk) Withdraw(ctx context.Context, id ark.AnnouncementID, withdrawn bool) error {
	return act(ctx, d, "Withdraw", about{string(id), map[string]string{"withdrawn": fmt.Sprint(withdrawn)}}, func() error {
		if err := d.mayChange(ctx, id); err != nil {
			return err
		}
		return d.c.Library.Withdraw(ctx, id, withdrawn, d.staff.Name)
	})
}

// Languages are what an announcement should have, in the order of playing.
func (d *Desk) Languages(ctx context.Context) ([]ark.Language, error) {
	return do(ctx, d, "Languages", about{}, func() ([]ark.Language, error) { return d.c.Library.Languages(ctx) })
}

// SetLanguages changes them.
func (d *Desk) SetLanguages(ctx context.Context, languages []ark.Language) error {
	words := make([]string, len(languages))
	for i, l := range languages {
		words[i] = string(l)
	}
	return act(ctx, d, "SetLanguages", about{detail: map[string]string{"languages": strings.Join(words, " ")}}, func() error {
		return d.c.Library.SetLanguages(ctx, languages, d.staff.Name)
	})
}

// LibraryVersion is the number of the newest library; 0: there is none yet.
func (d *Desk) LibraryVersion(ctx context.Context) (int64, error) {
	return do(ctx, d, "LibraryVersion", about{}, func() (int64, error) {
		l, _, _, err := d.c.Library.Library(ctx)
		return l.Version, err
	})
}

// OpenRecording opens a recording of an announcement, of any edition.
// hub.ErrNotThere.
func (d *Desk) OpenRecording(ctx context.Context, id ark.AnnouncementID, h ark.Hash) (hub.Blob, error) {
	return do(ctx, d, "OpenRecording", about{id: string(id)}, func() (hub.Blob, error) {
		all, err := d.c.Library.History(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			for _, r := range e.Recordings {
				if r.Content == h {
					return open(d.c.Blobs, h)
				}
			}
		}
		return nil, hub.ErrNotThere
	})
}

// KeepRecording keeps a recording for an edition that is to name it.
func (d *Desk) KeepRecording(ctx context.Context, r io.Reader, size int64) (h ark.Hash, n int64, err error) {
	h, err = do(ctx, d, "KeepRecording", about{}, func() (h ark.Hash, err error) {
		h, n, err = d.c.Blobs.Put(ctx, r, size)
		return h, err
	})
	return h, n, err
}

// open opens content. hub.ErrNotThere.
func open(b hub.Blobs, h ark.Hash) (hub.Blob, error) {
	blob, err := b.Open(h)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, hub.ErrNotThere
	}
	return blob, err
}
