package uplink

import (
	"context"
	"errors"

	"ark"
)

// maxIncarnations bounds the receivers kept for one connection.
const maxIncarnations = 4

// order takes a frame of the order journal: commit first, then the receipt.
func (s *session) order(ctx context.Context, payload []byte) error {
	f, err := ark.DecodeFrame(payload)
	if err != nil {
		s.c.Log.Warn("a frame of orders cannot be read", "err", err)
		s.answer(ark.Receipt{Refusal: ark.RefusalOf(err)})
		return nil
	}
	r, err := s.receiver(ctx, f.Incarnation)
	if err == nil {
		err = s.take(ctx, r, f)
	}
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return nil
		}
		s.c.Log.Error("orders could not be kept; the hub keeps them and tries again", "err", err)
		s.answer(ark.Receipt{Incarnation: f.Incarnation, Round: f.Round, Refusal: ark.RefusedStore})
		return nil
	}
	s.answer(r.Receipt())
	return nil
}

func (s *session) receiver(ctx context.Context, inc ark.Incarnation) (*ark.Receiver, error) {
	if r := s.orders[inc]; r != nil {
		return r, nil
	}
	c, err := s.c.Orders.Hearing(ctx, inc)
	if err != nil {
		return nil, err
	}
	if len(s.orders) >= maxIncarnations {
		clear(s.orders)
	}
	s.orders[inc] = ark.NewReceiver(inc, c)
	return s.orders[inc], nil
}

func (s *session) take(ctx context.Context, r *ark.Receiver, f ark.Frame) error {
	taken, err := r.Take(f, func(at ark.Seq) (ark.Digest, bool, error) { return s.c.Orders.Heard(ctx, f.Incarnation, at) })
	if err != nil {
		return err
	}
	if len(taken.Entries) == 0 && len(taken.Gaps) == 0 {
		return nil // nothing to commit: the receipt speaks of what is
	}
	fresh, err := s.c.Orders.Take(ctx, f.Incarnation, taken, r.Taken())
	if err != nil {
		r.Rollback()
		return err
	}
	r.Commit()
	if len(fresh) > 0 {
		s.c.Arrived(fresh)
	}
	return nil
}

func (s *session) answer(r ark.Receipt) {
	data, err := ark.EncodeReceipt(r)
	if err != nil {
		s.c.Log.Error("a receipt cannot be made", "err", err)
		return
	}
	s.publish(ark.OrdersReceipt, data)
}
