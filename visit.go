package ark

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Outcome is what a visit came to. Numbers are on the wire.
type Outcome uint8

// The outcomes of a visit.
const (
	Met      Outcome = 1 // 已见面
	NoAnswer Outcome = 2 // 无人
	Refused  Outcome = 3 // 拒访
	Moved    Outcome = 4 // 已搬走
)

// Outcomes lists them in the order in which people are offered them.
var Outcomes = []Outcome{Met, NoAnswer, Refused, Moved}

// String is a stable English word for forms, logs and tests.
func (o Outcome) String() string {
	words := [...]string{"", "met", "no-answer", "refused", "moved"}
	if int(o) >= len(words) || o == 0 {
		return "unknown"
	}
	return words[o]
}

// ParseOutcome reads what String wrote.
func ParseOutcome(s string) (Outcome, error) {
	for _, o := range Outcomes {
		if o.String() == s {
			return o, nil
		}
	}
	return 0, fmt.Errorf("outcome %q: unknown", s)
}

// Service is the code of a small service done at the door or at the van.
type Service string

// Services lists the codes offered, in the order in which people see them.
// The hub takes others too: the form of a van may have its own.
var Services = []Service{"knives", "umbrella", "haircut", "shoes", "appliance", "other"}

// Visit is one door, once: the body of a visit entry. Its id is the entry's.
type Visit struct {
	Place    string    `cbor:"1,keyasint"`           // as said at the door: 3幢2单元501室
	Person   string    `cbor:"2,keyasint,omitempty"` // who was met
	Outcome  Outcome   `cbor:"3,keyasint"`
	Services []Service `cbor:"4,keyasint,omitempty"`
	Need     string    `cbor:"5,keyasint,omitempty"` // what the household needs, in words
	Note     string    `cbor:"6,keyasint,omitempty"`
	By       string    `cbor:"7,keyasint,omitempty"` // the crew member

	Household   ID           `cbor:"8,keyasint,omitzero" json:",omitzero"`  // zero: of none that is written down
	Where       Place        `cbor:"9,keyasint,omitzero" json:",omitzero"`  // Place in its parts, as far as known
	Member      ID           `cbor:"10,keyasint,omitzero" json:",omitzero"` // the crew member; By is the name
	Phone       ID           `cbor:"11,keyasint,omitzero" json:",omitzero"` // on which it was written
	Form        int64        `cbor:"12,keyasint,omitempty"`                 // version of the form
	Needs       []Need       `cbor:"13,keyasint,omitempty"`
	Consent     []Consent    `cbor:"14,keyasint,omitempty"`
	Geo         *Geo         `cbor:"15,keyasint,omitempty"` // where the phone was
	Attachments []Attachment `cbor:"16,keyasint,omitempty"`
	Answers     []Answer     `cbor:"17,keyasint,omitempty"` // to the form's further questions
	Age         int64        `cbor:"18,keyasint,omitempty"` // ms that had passed since it was made when the van wrote it down, by the phone's clock
	Off         int64        `cbor:"19,keyasint,omitempty"` // ms by which the phone's clock was ahead of the van's then
	Return      bool         `cbor:"20,keyasint,omitempty"` // the crew means to call again
}

// Limits of a visit, in characters.
const (
	MaxPlace    = 100
	MaxPerson   = 50
	MaxWords    = 2000 // need and note, each
	MaxServices = 16
)

// Errors of Visit.Check. They are stable: pages translate them.
var (
	ErrNoPlace   = errors.New("visit: no place")
	ErrNoOutcome = errors.New("visit: no outcome")
	ErrTooLong   = errors.New("visit: too long")
	ErrNotText   = errors.New("visit: not text")
)

// Check tells what is wrong with a visit, if anything: a missing place or
// outcome, a text over its limit, or bytes that are not UTF-8 or hold a NUL.
func (v Visit) Check() error {
	if v.Place == "" {
		return ErrNoPlace
	}
	if v.Outcome < Met || v.Outcome > Moved {
		return ErrNoOutcome
	}
	if len(v.Services) > MaxServices {
		return fmt.Errorf("%w: %d services", ErrTooLong, len(v.Services))
	}
	for _, t := range [...]struct {
		name, s string
		most    int
	}{
		{"place", v.Place, MaxPlace}, {"person", v.Person, MaxPerson}, {"by", v.By, MaxPerson},
		{"need", v.Need, MaxWords}, {"note", v.Note, MaxWords},
	} {
		if err := checkText(t.s, t.most); err != nil {
			return fmt.Errorf("%w: %s", err, t.name)
		}
	}
	for _, s := range v.Services {
		if err := checkText(string(s), MaxPerson); err != nil {
			return fmt.Errorf("%w: service", err)
		}
	}
	if err := v.checkMore(); err != nil {
		return err
	}
	return v.checkSize(v)
}

// checkText bounds a text in characters, of which there are never more than
// bytes.
func checkText(s string, most int) error {
	switch {
	case !utf8.ValidString(s), strings.IndexByte(s, 0) >= 0:
		return ErrNotText
	case len(s) > most && utf8.RuneCountInString(s) > most:
		return ErrTooLong
	}
	return nil
}
