package desk

import (
	"context"
	"iter"

	"ark"
	"ark/hub"
)

// VisitRecord is a visit with all that became of it, long numbers masked.
// hub.ErrNotThere.
func (d *Desk) VisitRecord(ctx context.Context, id ark.ID) (hub.VisitRecord, error) {
	return do(ctx, d, "VisitRecord", about{id: id.String()}, func() (hub.VisitRecord, error) {
		r, err := d.c.Reviews.VisitRecord(ctx, d.staff.Sight, id)
		return maskRecord(r), err
	})
}

// RevealVisit is a visit as it is. Why is said by whoever asks; it may be
// empty.
func (d *Desk) RevealVisit(ctx context.Context, id ark.ID, why string) (hub.VisitRecord, error) {
	return do(ctx, d, "RevealVisit", reveal(id, why), func() (hub.VisitRecord, error) {
		return d.c.Reviews.VisitRecord(ctx, d.staff.Sight, id)
	})
}

func reveal(id ark.ID, why string) about {
	a := about{id: id.String()}
	if why != "" {
		a.detail = map[string]string{"reason": why}
	}
	return a
}

// FilesHere tells which of a visit's attachments are here: of those that it
// names or named.
func (d *Desk) FilesHere(ctx context.Context, v hub.VisitRecord) (map[ark.Hash]bool, error) {
	return do(ctx, d, "FilesHere", about{id: v.ID.String()}, func() (map[ark.Hash]bool, error) {
		var hs []ark.Hash
		for a := range attachments(v) {
			hs = append(hs, a.Content)
		}
		return d.c.Attachments.Here(ctx, hs)
	})
}

// OpenFile opens an attachment of a visit. hub.ErrNotThere: the visit is not
// in sight, does not name it, or it is not here.
func (d *Desk) OpenFile(ctx context.Context, visit ark.ID, h ark.Hash) (a ark.Attachment, b hub.Blob, err error) {
	b, err = do(ctx, d, "OpenFile", about{h.String(), map[string]string{"visit": visit.String()}}, func() (hub.Blob, error) {
		v, err := d.c.Reviews.VisitRecord(ctx, d.staff.Sight, visit)
		if err != nil {
			return nil, err
		}
		for a = range attachments(v) {
			if a.Content == h {
				return open(d.c.Blobs, h)
			}
		}
		return nil, hub.ErrNotThere
	})
	return a, b, err
}

// SetReview keeps what this person makes of a visit; By and At are given here.
// See hub.Reviews.
func (d *Desk) SetReview(ctx context.Context, r ark.Review, seen hub.Position) error {
	r.By, r.At = short(d.staff.Name), ark.Milli(d.c.Now())
	return act(ctx, d, "SetReview", about{r.Visit.String(), map[string]string{"state": r.State.String()}}, func() error {
		return d.c.Reviews.SetReview(ctx, d.staff.Sight, r, seen)
	})
}

// TakeBack undoes a review of this person; see hub.Reviews.
func (d *Desk) TakeBack(ctx context.Context, visit ark.ID, state ark.ReviewState) error {
	return act(ctx, d, "TakeBack", about{visit.String(), map[string]string{"state": state.String()}}, func() error {
		return d.c.Reviews.TakeBack(ctx, d.staff.Sight, visit, state, short(d.staff.Name), ark.Milli(d.c.Now()))
	})
}

// tailOfName is how much of a long name's digest stands behind its beginning.
const tailOfName = 8

// short is a name as far as vans take it. Of a long one the end tells it from
// others that begin as it does: nobody takes back what another has judged.
func short(name string) string {
	all := []rune(name)
	if len(all) <= ark.MaxPerson {
		return name
	}
	return string(all[:ark.MaxPerson-tailOfName-1]) + "~" + ark.HashOf([]byte(name)).String()[:tailOfName]
}

// attachments are those that a visit names or named, the newest first.
func attachments(v hub.VisitRecord) iter.Seq[ark.Attachment] {
	return func(yield func(ark.Attachment) bool) {
		for i := len(v.Editions); i >= 0; i-- {
			list := v.Attachments
			if i < len(v.Editions) {
				list = v.Editions[i].Visit.Attachments
			}
			for _, a := range list {
				if !yield(a) {
					return
				}
			}
		}
	}
}
