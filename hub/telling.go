package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ark"
)

// made passes over what nobody has made yet: version 1. The van then goes by
// what it was delivered with.
func (o *Office) made(of func(ark.VanID) (body any, version int64, err error)) func(ark.VanID) (any, error) {
	return func(van ark.VanID) (any, error) {
		body, version, err := of(van)
		if err != nil || version <= 1 {
			return nil, err
		}
		return body, nil
	}
}

// people orders who may log visits, with which phones, and what is asked.
func (o *Office) people(ctx context.Context, vans []ark.VanID) error {
	if o.c.Roster == nil {
		return nil
	}
	if err := o.each(ctx, vans, ark.KindCrew, o.made(func(van ark.VanID) (any, int64, error) {
		c, err := o.c.Roster.CrewOf(ctx, van)
		return c, c.Version, err
	})); err != nil {
		return err
	}
	if err := o.each(ctx, vans, ark.KindPhones, o.made(func(van ark.VanID) (any, int64, error) {
		p, err := o.c.Roster.PhonesOf(ctx, van)
		return p, p.Version, err
	})); err != nil {
		return err
	}
	f, err := o.c.Roster.Form(ctx)
	if err != nil || f.Version == 0 {
		return err
	}
	return o.stand(ctx, vans, ark.KindForm, f)
}

// tellAll gives each admitted van one order of households of its area, if any
// are due. When a van has taken it, the change of its order journal brings the
// office back here.
func (o *Office) tellAll(ctx context.Context) error {
	if o.c.Register == nil {
		return nil
	}
	due, err := o.c.Register.VansDue(ctx)
	if err != nil || len(due) == 0 {
		return err
	}
	admitted := o.c.Admitted()
	var failed error // of one van keeps none of the others waiting
	for _, van := range due {
		if !slices.Contains(admitted, van) {
			continue
		}
		if err := o.tell(ctx, van); err != nil {
			failed = errors.Join(failed, fmt.Errorf("households of van %s: %w", van, err))
		}
	}
	return failed
}

func (o *Office) tell(ctx context.Context, van ark.VanID) error {
	hs, err := o.c.Register.DueHouseholds(ctx, van, ark.MaxHouseholds)
	if err != nil || len(hs) == 0 {
		return err
	}
	if err := o.c.Register.TellHouseholds(ctx, van, hs); err != nil {
		return err
	}
	o.c.Appended(van)
	return nil
}

// VisitRecord is a visit with all that became of it.
func (o *Office) VisitRecord(ctx context.Context, s Sight, id ark.ID) (VisitRecord, error) {
	return o.c.Reviews.VisitRecord(ctx, s, id)
}

// SetReview keeps a review, and sends it if the van is here.
func (o *Office) SetReview(ctx context.Context, s Sight, r ark.Review, seen Position) error {
	if err := o.c.Reviews.SetReview(ctx, s, r, seen); err != nil {
		return err
	}
	return o.sendTo(ctx, s, r.Visit)
}

// TakeBack undoes a review, and sends that if the van is here.
func (o *Office) TakeBack(ctx context.Context, s Sight, visit ark.ID, state ark.ReviewState, by string, at ark.UnixMilli) error {
	if err := o.c.Reviews.TakeBack(ctx, s, visit, state, by, at); err != nil {
		return err
	}
	return o.sendTo(ctx, s, visit)
}

// sendTo sends what a visit's van was ordered.
func (o *Office) sendTo(ctx context.Context, s Sight, visit ark.ID) error {
	v, err := o.c.Reviews.VisitRecord(ctx, s, visit)
	if err != nil {
		return err
	}
	o.c.Appended(v.Van)
	return nil
}
