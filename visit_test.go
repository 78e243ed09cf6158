package ark

import (
	"errors"
	"strings"
	"testing"
)

func TestVisitCheck(t *testing.T) {
	good := Visit{Place: "3幢501", Outcome: Met}
	with := func(change func(v *Visit)) Visit {
		v := good
		change(&v)
		return v
	}
	cases := []struct {
		name  string
		visit Visit
		want  error
	}{
		{"good", good, nil},
		{"no place", with(func(v *Visit) { v.Place = "" }), ErrNoPlace},
		{"no outcome", with(func(v *Visit) { v.Outcome = 0 }), ErrNoOutcome},
		{"outcome 5", with(func(v *Visit) { v.Outcome = Moved + 1 }), ErrNoOutcome},
		{"longest place", with(func(v *Visit) { v.Place = strings.Repeat("幢", MaxPlace) }), nil},
		{"place too long", with(func(v *Visit) { v.Place = strings.Repeat("幢", MaxPlace+1) }), ErrTooLong},
		{"longest need", with(func(v *Visit) { v.Need = strings.Repeat("修", MaxWords) }), nil},
		{"need too long", with(func(v *Visit) { v.Need = strings.Repeat("修", MaxWords+1) }), ErrTooLong},
		{"note too long", with(func(v *Visit) { v.Note = strings.Repeat("x", MaxWords+1) }), ErrTooLong},
		{"person too long", with(func(v *Visit) { v.Person = strings.Repeat("王", MaxPerson+1) }), ErrTooLong},
		{"name of crew too long", with(func(v *Visit) { v.By = strings.Repeat("李", MaxPerson+1) }), ErrTooLong},
		{"most services", with(func(v *Visit) { v.Services = make([]Service, MaxServices) }), nil},
		{"too many services", with(func(v *Visit) { v.Services = make([]Service, MaxServices+1) }), ErrTooLong},
		{"a service nobody knows", with(func(v *Visit) { v.Services = []Service{"pedicure"} }), nil},
		{"service too long", with(func(v *Visit) { v.Services = []Service{Service(strings.Repeat("k", MaxPerson+1))} }), ErrTooLong},
		{"not UTF-8", with(func(v *Visit) { v.Note = "\xff" }), ErrNotText},
		{"cut in a character", with(func(v *Visit) { v.Place = "幢"[:2] }), ErrNotText},
		{"a NUL", with(func(v *Visit) { v.Need = "a\x00b" }), ErrNotText},
		{"a service with a NUL", with(func(v *Visit) { v.Services = []Service{"\x00"} }), ErrNotText},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.visit.Check(); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			encoded, err := EncodeBody(KindVisit, c.visit)
			if err != nil {
				return // bytes that are no text do not even encode
			}
			if _, err := DecodeBody(KindVisit, encoded); (err == nil) != (c.want == nil) {
				t.Errorf("decoded: %v, want %v", err, c.want)
			}
		})
	}
}

func TestOutcomesReadAndWrite(t *testing.T) {
	for _, o := range Outcomes {
		if back, err := ParseOutcome(o.String()); err != nil || back != o {
			t.Errorf("%s: %v, %v", o, back, err)
		}
	}
	for _, s := range []string{"", "unknown", "Met", "5"} {
		if o, err := ParseOutcome(s); err == nil {
			t.Errorf("%q is %v", s, o)
		}
	}
}
