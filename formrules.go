package ark

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// FieldError says which part of a visit is not as the form wants it. It is an
// ErrForm.
type FieldError struct {
	Field string // "services", "needs", or the code of a question
	Why   string // one of the Why… words
}

// What can be wrong with an answer. They are stable: pages translate them.
const (
	WhyRequired = "required" // an answer is wanted and there is none
	WhyUnknown  = "unknown"  // the form has no such question or choice
	WhyType     = "type"     // not an answer of the question's type
	WhyTwice    = "twice"    // answered more than once
)

// Error is for logs.
func (e *FieldError) Error() string { return fmt.Sprintf("form: %s: %s", e.Field, e.Why) }

// Unwrap makes it an ErrForm.
func (e *FieldError) Unwrap() error { return ErrForm }

// Asks lists the further questions that are asked of a visit as it is, in
// their order: those of which all conditions hold. An answer to a question
// that is itself not asked counts for nothing.
func (f Form) Asks(v Visit) []Field {
	said := map[string][]string{"outcome": {v.Outcome.String()}}
	for _, s := range v.Services {
		said["services"] = append(said["services"], string(s))
	}
	for _, n := range v.Needs {
		said["needs"] = append(said["needs"], n.Category)
	}
	var asked []Field
	for _, field := range f.Fields {
		holds := func(w When) bool {
			return slices.ContainsFunc(w.Any, func(s string) bool { return slices.Contains(said[w.Of], s) })
		}
		if slices.ContainsFunc(field.When, func(w When) bool { return !holds(w) }) {
			continue
		}
		asked = append(asked, field)
		for _, a := range v.Answers {
			if a.Code == field.Code {
				said[field.Code] = a.Values
			}
		}
	}
	return asked
}

// CheckVisit tells what of a visit is not as the form wants it: a choice or a
// question that it does not have, an answer of another type, or none where one
// is required, which holds only if somebody was met and the question is asked.
// Choices that are off are taken, since a phone that was away still offers
// them, and so are answers to questions that are not asked: they were when
// they were given. A visit that was made with another version is not judged
// by this one. The error is a *FieldError, thus an ErrForm.
func (f Form) CheckVisit(v Visit) error {
	if v.Form != f.Version {
		return nil
	}
	for _, s := range v.Services {
		if !offers(f.Services, string(s)) {
			return &FieldError{"services", WhyUnknown}
		}
	}
	for _, n := range v.Needs {
		if !offers(f.Needs, n.Category) {
			return &FieldError{"needs", WhyUnknown}
		}
	}
	answered := map[string]bool{}
	for _, a := range v.Answers {
		i := slices.IndexFunc(f.Fields, func(field Field) bool { return field.Code == a.Code })
		switch {
		case i < 0:
			return &FieldError{a.Code, WhyUnknown}
		case answered[a.Code]:
			return &FieldError{a.Code, WhyTwice}
		case len(a.Values) == 0:
			continue
		}
		if err := f.Fields[i].checkAnswer(a.Values); err != nil {
			return err
		}
		answered[a.Code] = true
	}
	for _, field := range f.Asks(v) {
		if field.Required && v.Outcome == Met && !answered[field.Code] {
			return &FieldError{field.Code, WhyRequired}
		}
	}
	return nil
}

func offers(list []Choice, code string) bool {
	return slices.ContainsFunc(list, func(c Choice) bool { return c.Code == code })
}

var decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

const maxDigits = 15

// checkAnswer looks at an answer of one value or more.
func (f Field) checkAnswer(values []string) error {
	if f.Type != FieldMany && len(values) != 1 {
		return &FieldError{f.Code, WhyType}
	}
	one := values[0]
	fits := true
	switch f.Type {
	case FieldText:
		fits = strings.TrimSpace(one) != ""
	case FieldNumber:
		fits = decimal.MatchString(one) && len(strings.Trim(strings.Replace(one, ".", "", 1), "-")) <= maxDigits
	case FieldYesNo:
		fits = one == "yes" || one == "no"
	case FieldDate:
		_, err := time.Parse(time.DateOnly, one)
		fits = err == nil
	case FieldOne, FieldMany:
		for i, value := range values {
			if !offers(f.Choices, value) {
				return &FieldError{f.Code, WhyUnknown}
			}
			if slices.Contains(values[:i], value) {
				return &FieldError{f.Code, WhyTwice}
			}
		}
	}
	if !fits {
		return &FieldError{f.Code, WhyType}
	}
	return nil
}
