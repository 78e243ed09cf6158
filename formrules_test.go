package ark

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ruled is a form with a question of each type.
func ruled() Form {
	f := DefaultForm()
	f.Version = 4
	yes := []Choice{{Code: "a", Say: Text{Zh: "甲"}}, {Code: "b", Say: Text{Zh: "乙"}, Off: true}}
	f.Fields = []Field{
		{Code: "alone", Ask: Text{Zh: "独居？"}, Type: FieldYesNo, Required: true},
		{Code: "since", Ask: Text{Zh: "从何时起？"}, Type: FieldDate, When: []When{{"alone", []string{"yes"}}}},
		{Code: "years", Ask: Text{Zh: "几年？"}, Type: FieldNumber, Required: true, When: []When{{"since", []string{"2020-01-01"}}}},
		{Code: "one", Ask: Text{Zh: "哪个？"}, Type: FieldOne, Choices: yes, When: []When{{"outcome", []string{"met", "moved"}}, {"needs", []string{"meals"}}}},
		{Code: "many", Ask: Text{Zh: "哪些？"}, Type: FieldMany, Choices: yes, When: []When{{"services", []string{"knives", "shoes"}}}},
		{Code: "words", Ask: Text{Zh: "还有？"}, Type: FieldText, When: []When{{"outcome", []string{"refused"}}}},
	}
	return f
}

func TestDefaultForm(t *testing.T) {
	f := DefaultForm()
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	if f.Version != 0 || f.Notice.Version != 1 || f.Notice.Say.Zh == "" || f.Notice.Say.En == "" {
		t.Errorf("version %d, notice %+v", f.Version, f.Notice)
	}
	var codes []Service
	for _, c := range append(f.Services, f.Needs...) {
		if c.Say.En == "" || c.Off {
			t.Errorf("%s has no English, or is off", c.Code)
		}
	}
	for _, c := range f.Services {
		codes = append(codes, Service(c.Code))
	}
	if diff := cmp.Diff(Services, codes); diff != "" {
		t.Errorf("services of old visits, and of the form: %s", diff)
	}
	if err := ruled().Check(); err != nil {
		t.Error(err)
	}
}

func TestAsks(t *testing.T) {
	cases := []struct {
		name  string
		visit Visit
		want  string
	}{
		{"at first", Visit{}, "alone"},
		{"alone", Visit{Answers: []Answer{{"alone", []string{"yes"}}}}, "alone since"},
		{"not alone", Visit{Answers: []Answer{{"alone", []string{"no"}}}}, "alone"},
		{"one leads to another", Visit{Answers: []Answer{{"since", []string{"2020-01-01"}}, {"alone", []string{"yes"}}}}, "alone since years"},
		{"what is not asked leads nowhere", Visit{Answers: []Answer{{"since", []string{"2020-01-01"}}}}, "alone"},
		{"both conditions", Visit{Outcome: Met, Needs: []Need{{Category: "meals"}}}, "alone one"},
		{"one of two conditions", Visit{Outcome: Met}, "alone"},
		{"a service", Visit{Outcome: NoAnswer, Services: []Service{"haircut", "shoes"}}, "alone many"},
		{"refused", Visit{Outcome: Refused}, "alone words"},
	}
	for _, c := range cases {
		var codes []string
		for _, f := range ruled().Asks(c.visit) {
			codes = append(codes, f.Code)
		}
		if got := strings.Join(codes, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestCheckVisit(t *testing.T) {
	alone := Answer{"alone", []string{"no"}}
	visit := func(o Outcome, answers ...Answer) Visit { return Visit{Form: 4, Outcome: o, Answers: answers} }
	of := func(code string, values ...string) Visit { return visit(Met, alone, Answer{code, values}) }
	cases := []struct {
		name  string
		visit Visit
		want  FieldError // zero: none
	}{
		{"good", visit(Met, alone), FieldError{}},
		{"required", visit(Met), FieldError{"alone", WhyRequired}},
		{"nobody was there to ask", visit(NoAnswer), FieldError{}},
		{"an empty answer is none", visit(Met, Answer{Code: "alone"}), FieldError{"alone", WhyRequired}},
		{"required and not asked", visit(Met, alone, Answer{"since", []string{"2020-01-01"}}), FieldError{}},
		{"required by an answer", visit(Met, Answer{"alone", []string{"yes"}}, Answer{"since", []string{"2020-01-01"}}), FieldError{"years", WhyRequired}},
		{"twice", visit(Met, alone, alone), FieldError{"alone", WhyTwice}},
		{"no such question", of("height", "3"), FieldError{"height", WhyUnknown}},
		{"yes or no", visit(Met, Answer{"alone", []string{"maybe"}}), FieldError{"alone", WhyType}},
		{"yes and no", visit(Met, Answer{"alone", []string{"yes", "no"}}), FieldError{"alone", WhyType}},
		{"a date", of("since", "2024-02-29"), FieldError{}},
		{"no date", of("since", "2023-02-29"), FieldError{"since", WhyType}},
		{"a number", of("years", "-12.50"), FieldError{}},
		{"fifteen digits", of("years", "123456789012.345"), FieldError{}},
		{"sixteen digits", of("years", "1234567890123456"), FieldError{"years", WhyType}},
		{"no number", of("years", "1e9"), FieldError{"years", WhyType}},
		{"half a number", of("years", "."), FieldError{"years", WhyType}},
		{"a choice", of("one", "a"), FieldError{}},
		{"a choice that is off", of("one", "b"), FieldError{}},
		{"no such choice", of("one", "c"), FieldError{"one", WhyUnknown}},
		{"two of one", of("one", "a", "b"), FieldError{"one", WhyType}},
		{"two of many", of("many", "a", "b"), FieldError{}},
		{"one twice", of("many", "a", "a"), FieldError{"many", WhyTwice}},
		{"spaces are no words", of("words", " \n"), FieldError{"words", WhyType}},
		{"no such service", Visit{Form: 4, Outcome: NoAnswer, Services: []Service{"pedicure"}}, FieldError{"services", WhyUnknown}},
		{"no such need", Visit{Form: 4, Outcome: NoAnswer, Needs: []Need{{Category: "yacht"}}}, FieldError{"needs", WhyUnknown}},
		{"another version", Visit{Form: 3, Outcome: Met, Services: []Service{"pedicure"}}, FieldError{}},
	}
	for _, c := range cases {
		err := ruled().CheckVisit(c.visit)
		var field *FieldError
		switch {
		case c.want == FieldError{} && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != FieldError{} && (!errors.As(err, &field) || *field != c.want || !errors.Is(err, ErrForm)):
			t.Errorf("%s: %v, want %v", c.name, err, &c.want)
		}
	}
}
