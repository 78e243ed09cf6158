package ark

import (
	"errors"
	"fmt"
)

// Limits of what a van tells of itself, in characters, and of a broadcast.
const (
	maxTold       = 500
	maxRecordings = 64
)

// told is texts that a van wrote about itself: short, and text.
func told(texts ...string) error {
	for _, s := range texts {
		if err := checkText(s, maxTold); err != nil {
			return err
		}
	}
	return nil
}

func (s BroadcastState) check() error {
	if s < BroadcastAccepted || s > BroadcastExpired {
		return fmt.Errorf("state %d: unknown", s)
	}
	return nil
}

// Check tells what is wrong with an as-run record, if anything: no broadcast,
// a state that this release does not know, too many recordings, or bytes that
// are not text.
func (a AsRun) Check() error {
	if a.Broadcast.IsZero() {
		return errors.New("as-run: no broadcast")
	}
	if len(a.Recordings) > maxRecordings {
		return fmt.Errorf("as-run: %d recordings", len(a.Recordings))
	}
	if err := a.State.check(); err != nil {
		return fmt.Errorf("as-run: %w", err)
	}
	if err := a.Class.check(); err != nil {
		return fmt.Errorf("as-run: %w", err)
	}
	if a.Heard > HeardNo {
		return fmt.Errorf("as-run: heard %d: unknown", a.Heard)
	}
	if err := told(string(a.Announcement), a.Title.Zh, a.Title.En, a.Trigger.Button, a.Trigger.Line, a.Trigger.By, a.Why, a.Exempt, a.ExemptBy); err != nil {
		return fmt.Errorf("as-run: %w", err)
	}
	for _, r := range a.Recordings {
		if err := told(string(r.Language), r.Why); err != nil {
			return fmt.Errorf("as-run: recording: %w", err)
		}
	}
	return nil
}

// Check tells what is wrong with a word about an order, if anything.
func (o OrderState) Check() error {
	if o.Order.IsZero() {
		return errors.New("order state: no order")
	}
	if err := o.State.check(); err != nil {
		return fmt.Errorf("order state: %w", err)
	}
	if err := told(o.Why); err != nil {
		return fmt.Errorf("order state: %w", err)
	}
	return nil
}

// Check tells what is wrong with a health record, if anything.
func (h Health) Check() error {
	if err := told(h.Sound, h.Device, h.Panel, h.Release, h.Plan, h.Place); err != nil {
		return fmt.Errorf("health: %w", err)
	}
	return nil
}

// Check tells what is wrong with an order to play, if anything.
func (p PlayNow) Check() error {
	if err := told(string(p.Announcement), p.By, p.Why); err != nil {
		return fmt.Errorf("play now: %w", err)
	}
	return nil
}
