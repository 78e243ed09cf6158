package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// record keeps what is noted, or fails.
type book struct {
	deeds []hub.Deed
	err   error
}

func (b *book) Note(_ context.Context, d hub.Deed) error {
	if b.err != nil {
		return b.err
	}
	b.deeds = append(b.deeds, d)
	return nil
}

var errBook = errors.New("disk full")

// methods are what a desk can do, without who sits at it.
func methods() (names []string) {
	for m := range reflect.TypeFor[*Desk]().Methods() {
		if m.Name != "Enter" {
			names = append(names, m.Name)
		}
	}
	return names
}

// try calls a method with arguments that say nothing. Behind the desk there is
// nobody: whatever gets there panics.
func try(d *Desk, method string) (err error, through bool) {
	m := reflect.ValueOf(d).MethodByName(method)
	args := []reflect.Value{reflect.ValueOf(context.Background())}
	for i := 1; i < m.Type().NumIn(); i++ {
		args = append(args, reflect.Zero(m.Type().In(i)))
	}
	defer func() {
		if recover() != nil {
			through = true
		}
	}()
	out := m.Call(args)
	err, _ = out[len(out)-1].Interface().(error)
	return err, false
}

func newDesks(b *book) *Desks {
	return New(Config{Audit: b, Now: func() time.Time { return time.Unix(1000, 0) }, Log: slog.New(slog.DiscardHandler)})
}

// Each method stands in the table and does what its line there says: it
// refuses who has not the role, and whatever it does is on record before.
func TestEachMethodKeepsToItsDuty(t *testing.T) {
	for _, name := range methods() {
		duty, known := duties[name]
		if !known {
			t.Errorf("%s has no line in duties: say there which role it needs and what goes on record", name)
			continue
		}
		for _, role := range append(slices.Clone(hub.Roles), "") {
			staff := hub.Staff{Name: "lin", Roles: []hub.Role{role}, Sight: hub.Everything}
			b := &book{}
			err, through := try(newDesks(b).For(staff), name)
			if allowed := staff.Is(duty.role); allowed != (through || err == nil) {
				t.Errorf("%s as %q: let through %v, %v", name, role, through, err)
				continue
			} else if !allowed {
				if !errors.Is(err, hub.ErrNotAllowed) || len(b.deeds) != 1 || b.deeds[0].Outcome != hub.OutcomeRefused || b.deeds[0].Verb != duty.verb {
					t.Errorf("%s as %q: %v, on record %+v", name, role, err, b.deeds)
				}
				continue
			}
			if duty.record != always {
				continue
			}
			if len(b.deeds) == 0 || b.deeds[0].Verb != duty.verb || b.deeds[0].Object.Kind != duty.kind || b.deeds[0].Who != "lin" || b.deeds[0].Outcome != hub.OutcomeAllowed {
				t.Errorf("%s as %q: on record %+v", name, role, b.deeds)
			}
			b = &book{err: errBook}
			if err, through := try(newDesks(b).For(staff), name); through || err == nil || !errors.Is(err, errBook) {
				t.Errorf("%s goes on although it is not on record: %v", name, err)
			}
		}
		narrow := hub.Staff{Roles: []hub.Role{hub.RoleAdministrator}, Sight: hub.Sight{Places: []ark.Place{{Street: "北街"}}}}
		if err, through := try(newDesks(&book{}).For(narrow), name); duty.whole && (through || !errors.Is(err, hub.ErrNotAllowed)) {
			t.Errorf("%s of the whole town by somebody who sees a part: %v", name, err)
		}
	}
	for name := range duties {
		if !slices.Contains(methods(), name) {
			t.Errorf("duties has a line for %s, which is no method", name)
		}
	}
}

// Nobody at the desk: nothing is done.
func TestNobodyMayDoAnything(t *testing.T) {
	for _, name := range methods() {
		if err, through := try(newDesks(&book{}).For(hub.Staff{}), name); through || !errors.Is(err, hub.ErrNotAllowed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is a person's alone, no program does that acts for them.
func TestProgramsLeaveAccountsAlone(t *testing.T) {
	program := hub.Staff{Name: "lin", Token: "报表", Roles: hub.Roles, Sight: hub.Everything}
	for _, name := range methods() {
		if err, through := try(newDesks(&book{}).For(program), name); duties[name].person && (through || !errors.Is(err, hub.ErrNotAllowed)) {
			t.Errorf("%s by a token: %v", name, err)
		}
	}
}

// However many deeds there are, little is remembered of them.
func TestLittleIsRemembered(t *testing.T) {
	l, now := newLately(), time.Unix(1000, 0)
	for i := range 3 * maxLately {
		l.add(fmt.Sprint(i), now)
	}
	if len(l.at) > maxLately || !l.has(fmt.Sprint(3*maxLately-1), now) {
		t.Errorf("%d deeds are remembered", len(l.at))
	}
	l.add("later", now.Add(sameDeed))
	for i := range maxLately / 2 {
		l.add(fmt.Sprint("x", i), now.Add(sameDeed))
	}
	if !l.has("later", now.Add(sameDeed)) {
		t.Error("what is old goes before what is new")
	}
}
