package ark

import (
	"errors"
	"fmt"
	"regexp"
)

// Form is the body of an order: what a visit is asked. It is data, so that
// staff change it without a new program; a visit keeps the version it was
// made with. The place, the outcome, who was met, note and consent are part of
// every form and not listed.
type Form struct {
	Version  int64    `cbor:"1,keyasint" json:"version"`                      // 0: the one in the program
	Services []Choice `cbor:"2,keyasint,omitempty" json:"services,omitempty"` // what is done at the door
	Needs    []Choice `cbor:"3,keyasint,omitempty" json:"needs,omitempty"`    // categories of needs
	Fields   []Field  `cbor:"4,keyasint,omitempty" json:"fields,omitempty"`   // further questions
	Notice   Notice   `cbor:"5,keyasint" json:"notice"`                       // what people are told before they consent
	Amend    int64    `cbor:"6,keyasint,omitempty" json:"amend_s,omitempty"`  // seconds in which crew may amend or withdraw their own visit; 0: DefaultAmend
}

// DefaultAmend is how long a visit may be amended where the form is silent, in
// seconds: three days. One that staff returned may be amended at any time.
const DefaultAmend = 3 * 24 * 3600

// Choice is something to tick: its code is kept, its text is shown.
type Choice struct {
	Code string `cbor:"1,keyasint" json:"code"` // 1 to 32 of a-z, 0-9 and hyphen
	Say  Text   `cbor:"2,keyasint" json:"say"`
	Off  bool   `cbor:"3,keyasint,omitempty" json:"off,omitempty"` // not offered any more; old visits still show its text
}

// Notice is the text that is read to people before they consent.
type Notice struct {
	Version int64 `cbor:"1,keyasint" json:"version"`
	Say     Text  `cbor:"2,keyasint" json:"say"`
}

// FieldType is what kind of answer a question takes.
type FieldType uint8

// The types of answers. Numbers are on the wire.
const (
	FieldText   FieldType = 1
	FieldNumber FieldType = 2 // decimal, at most 15 digits
	FieldYesNo  FieldType = 3 // "yes" or "no"
	FieldOne    FieldType = 4 // one code of the choices
	FieldMany   FieldType = 5 // codes of the choices
	FieldDate   FieldType = 6 // 2026-11-26
)

// Field is a further question.
type Field struct {
	Code     string    `cbor:"1,keyasint" json:"code"` // 1 to 32 of a-z, 0-9 and hyphen
	Ask      Text      `cbor:"2,keyasint" json:"ask"`
	Type     FieldType `cbor:"3,keyasint" json:"type"`
	Choices  []Choice  `cbor:"4,keyasint,omitempty" json:"choices,omitempty"`
	Required bool      `cbor:"5,keyasint,omitempty" json:"required,omitempty"`
	When     []When    `cbor:"6,keyasint,omitempty" json:"when,omitempty"` // asked only if all hold
}

// When is a skip rule: a question before has one of these answers. Of "outcome"
// the answers are Outcome's words, of "services" and "needs" their codes.
type When struct {
	Of  string   `cbor:"1,keyasint" json:"of"`
	Any []string `cbor:"2,keyasint" json:"any"`
}

// Answer is what was said to a further question.
type Answer struct {
	Code   string   `cbor:"1,keyasint" json:"code"`
	Values []string `cbor:"2,keyasint" json:"values"`
}

// Limits of a form.
const (
	MaxChoices = 60
	MaxFields  = 40
	MaxAsk     = 200  // characters of a question or choice, each language
	MaxNotice  = 2000 // characters of the notice, each language
	maxAmend   = 366 * 24 * 3600
)

// ErrForm says that a form, or an answer to one, is not as it must be; what
// follows says why.
var ErrForm = errors.New("form")

var formCode = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// Check tells what is wrong with a form, if anything.
func (f Form) Check() error {
	if f.Version < 0 || f.Amend < 0 || f.Amend > maxAmend || len(f.Fields) > MaxFields || f.Notice.Version < 0 {
		return fmt.Errorf("%w: version %d, %d fields", ErrForm, f.Version, len(f.Fields))
	}
	if err := allText(MaxNotice, f.Notice.Say.Zh, MaxNotice, f.Notice.Say.En); err != nil {
		return fmt.Errorf("%w: notice: %w", ErrForm, err)
	}
	for _, list := range [][]Choice{f.Services, f.Needs} {
		if err := checkChoices(list); err != nil {
			return err
		}
	}
	asked := map[string]bool{"outcome": true, "services": true, "needs": true}
	for _, field := range f.Fields {
		if err := field.check(asked); err != nil {
			return err
		}
		asked[field.Code] = true
	}
	if err := fits("form", f); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	return nil
}

func checkChoices(list []Choice) error {
	if len(list) > MaxChoices {
		return fmt.Errorf("%w: %d choices", ErrForm, len(list))
	}
	seen := map[string]bool{}
	for _, c := range list {
		if !formCode.MatchString(c.Code) || seen[c.Code] || c.Say.Zh == "" {
			return fmt.Errorf("%w: choice %q", ErrForm, c.Code)
		}
		seen[c.Code] = true
		if err := allText(MaxAsk, c.Say.Zh, MaxAsk, c.Say.En); err != nil {
			return fmt.Errorf("%w: choice %q: %w", ErrForm, c.Code, err)
		}
	}
	return nil
}

// check looks at a field that comes after those asked before.
func (f Field) check(asked map[string]bool) error {
	switch {
	case !formCode.MatchString(f.Code) || asked[f.Code]:
		return fmt.Errorf("%w: field %q: want a code of its own", ErrForm, f.Code)
	case f.Ask.Zh == "" || allText(MaxAsk, f.Ask.Zh, MaxAsk, f.Ask.En) != nil:
		return fmt.Errorf("%w: field %q: want a question of at most %d characters", ErrForm, f.Code, MaxAsk)
	case f.Type < FieldText || f.Type > FieldDate:
		return fmt.Errorf("%w: field %q: type %d", ErrForm, f.Code, f.Type)
	case (f.Type == FieldOne || f.Type == FieldMany) != (len(f.Choices) > 0):
		return fmt.Errorf("%w: field %q: %d choices", ErrForm, f.Code, len(f.Choices))
	case len(f.When) > 4:
		return fmt.Errorf("%w: field %q: %d conditions", ErrForm, f.Code, len(f.When))
	}
	for _, w := range f.When {
		if !asked[w.Of] || len(w.Any) == 0 || len(w.Any) > MaxChoices {
			return fmt.Errorf("%w: field %q: a condition on %q, which is not asked before", ErrForm, f.Code, w.Of)
		}
		for _, value := range w.Any {
			if value == "" || checkText(value, MaxAsk) != nil {
				return fmt.Errorf("%w: field %q: a condition on a value that is none", ErrForm, f.Code)
			}
		}
	}
	return checkChoices(f.Choices)
}

// AmendWithin is how long crew may amend or withdraw their own visit, in
// seconds.
func (f Form) AmendWithin() int64 {
	if f.Amend == 0 {
		return DefaultAmend
	}
	return f.Amend
}
