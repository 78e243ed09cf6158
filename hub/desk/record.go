package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"ark/hub"
)

// about is what a deed is about: the object's id, and what else is worth
// knowing of it.
type about struct {
	id     string
	detail map[string]string
}

// do does a method's work: refused where the roles do not include it, else
// after it was put on record. What comes to nothing is put there, too.
func do[T any](ctx context.Context, d *Desk, method string, a about, work func() (T, error)) (T, error) {
	var nothing T
	duty, known := duties[method]
	if !known || !d.may(duty) {
		return nothing, d.refuse(ctx, duty, a)
	}
	if duty.paced {
		if err := d.pace(ctx, duty); err != nil {
			return nothing, err
		}
	}
	if duty.record == always || duty.record == ifAsked && len(a.detail) > 0 {
		if err := d.noteAll(ctx, duty, a); err != nil {
			return nothing, err
		}
	}
	t, err := work()
	if err != nil && duty.record != never {
		d.failed(ctx, duty, a, err)
	}
	return t, err
}

// act is do for work that gives nothing but an error.
func act(ctx context.Context, d *Desk, method string, a about, work func() error) error {
	_, err := do(ctx, d, method, a, func() (struct{}, error) { return struct{}{}, work() })
	return err
}

func (d *Desk) may(duty duty) bool {
	return (duty.role == "" || d.staff.Is(duty.role)) && (!duty.whole || d.staff.Sight.Whole) && (!duty.person || d.staff.Token == "")
}

// refuse puts on record that somebody tried, as far as that can be done: it is
// refused in any case.
func (d *Desk) refuse(ctx context.Context, duty duty, a about) error {
	if err := d.note(ctx, d.deed(duty, a, hub.OutcomeRefused)); err != nil {
		d.c.Log.Error("a refusal is not on record", "err", err)
	}
	return hub.ErrNotAllowed
}

// pace takes a turn for what shows one person as they are, or answers
// *hub.WaitError, which goes on record once a minute.
func (d *Desk) pace(ctx context.Context, duty duty) error {
	wait := d.shown.Take(d.staff.Name, d.c.Now())
	if wait == 0 {
		return nil
	}
	deed := d.deed(duty, about{detail: map[string]string{"why": "too-often"}}, hub.OutcomeRefused)
	if key := keyOf(deed); !d.lately.has(key, deed.At) {
		if err := d.note(context.WithoutCancel(ctx), deed); err != nil {
			d.c.Log.Error("a refusal is not on record", "err", err)
		} else {
			d.lately.add(key, deed.At)
		}
	}
	return &hub.WaitError{For: wait}
}

// failed puts on record that nothing came of a deed. A page that was read and
// whose reader has gone meanwhile is no failure.
func (d *Desk) failed(ctx context.Context, duty duty, a about, why error) {
	if ctx.Err() != nil && duty.verb.Reads() {
		return
	}
	deed := d.deed(duty, a, hub.OutcomeFailed)
	deed.Detail["why"] = word(why)
	if err := d.note(context.WithoutCancel(ctx), deed); err != nil {
		d.c.Log.Error("a failure is not on record", "err", err)
	}
}

// word is a stable word for an error.
func word(err error) string {
	for _, known := range []struct {
		err  error
		word string
	}{{hub.ErrNotThere, "not-there"}, {hub.ErrOutOfSight, "out-of-sight"}, {hub.ErrStale, "stale"}, {hub.ErrFull, "full"}, {hub.ErrInvalid, "invalid"}, {hub.ErrNotAllowed, "not-allowed"},
		{hub.ErrTaken, "taken"}, {hub.ErrPassword, "password"}, {hub.ErrWrongCode, "wrong-code"}, {hub.ErrLastAdministrator, "last-administrator"}} {
		if errors.Is(err, known.err) {
			return known.word
		}
	}
	return "error"
}

func (d *Desk) deed(duty duty, a about, o hub.Outcome) hub.Deed {
	detail := maps.Clone(a.detail)
	if detail == nil {
		detail = map[string]string{}
	}
	return hub.Deed{At: d.c.Now(), Who: d.staff.Name, Token: d.staff.Token, From: d.staff.From, Verb: duty.verb,
		Object: hub.Object{Kind: duty.kind, ID: a.id}, Detail: detail, Outcome: o}
}

// noteAll puts on record that something is done. What is about more than one
// entry holds takes several, each with its number.
func (d *Desk) noteAll(ctx context.Context, duty duty, a about) error {
	keys := slices.Sorted(maps.Keys(a.detail))
	if len(keys) <= hub.MaxDetail {
		return d.note(ctx, d.deed(duty, a, hub.OutcomeAllowed))
	}
	n := 0
	for some := range slices.Chunk(keys, hub.MaxDetail-1) {
		n++
		part := about{a.id, map[string]string{"piece": fmt.Sprint(n)}}
		for _, key := range some {
			part.detail[key] = a.detail[key]
		}
		if err := d.note(ctx, d.deed(duty, part, hub.OutcomeAllowed)); err != nil {
			return err
		}
	}
	return nil
}

// list adds a list to a detail, whole, under as many names as it takes.
func list(detail map[string]string, name string, items []string, between string) {
	var rows []string
	for _, item := range items {
		if n := len(rows); n > 0 && len(rows[n-1])+len(between)+len(item) <= hub.MaxDeedText {
			rows[n-1] += between + item
		} else {
			rows = append(rows, pieces(item)...)
		}
	}
	if len(rows) == 1 {
		detail[name] = rows[0]
		return
	}
	for i, row := range rows {
		detail[fmt.Sprintf("%s%03d", name, i+1)] = row
	}
}

// pieces are a text in parts that an entry holds whole.
func pieces(s string) (all []string) {
	for s = strings.ToValidUTF8(s, "\uFFFD"); len(s) > hub.MaxDeedText; {
		cut := hub.MaxDeedText
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		all, s = append(all, s[:cut]), s[cut:]
	}
	return append(all, s)
}

// note puts a deed on record. A page that keeps itself fresh reads the same
// again and again: within a minute that is one deed.
func (d *Desk) note(ctx context.Context, deed hub.Deed) error {
	key := ""
	if deed.Verb.Reads() {
		if key = keyOf(deed); d.lately.has(key, deed.At) {
			return nil
		}
	}
	if err := d.c.Audit.Note(ctx, deed); err != nil {
		return fmt.Errorf("put on record: %w", err)
	}
	if key != "" {
		d.lately.add(key, deed.At)
	}
	return nil
}

// lately is what was put on record within the last minute.
type lately struct {
	mu sync.Mutex
	at map[string]time.Time
}

// Bounds of lately.
const (
	sameDeed  = time.Minute // reading the same again within this is one deed
	maxLately = 20_000
)

func newLately() *lately { return &lately{at: map[string]time.Time{}} }

func (l *lately) has(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, ok := l.at[key]
	return ok && now.Sub(at) < sameDeed && !now.Before(at)
}

func (l *lately) add(key string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.at) >= maxLately {
		maps.DeleteFunc(l.at, func(_ string, at time.Time) bool { return now.Sub(at) >= sameDeed })
	}
	if len(l.at) >= maxLately {
		clear(l.at) // some deeds are put on record twice
	}
	l.at[key] = now
}

func keyOf(d hub.Deed) string {
	parts := []string{d.Who, d.Token, d.From, string(d.Verb), d.Object.Kind, d.Object.ID, string(d.Outcome)}
	for _, k := range slices.Sorted(maps.Keys(d.Detail)) {
		parts = append(parts, k, d.Detail[k])
	}
	return strings.Join(parts, "\x00")
}
