package ark

import (
	"errors"
	"fmt"
	"slices"
)

// Urgency is how soon a need is to be seen to. Numbers are on the wire.
type Urgency uint8

// The urgencies.
const (
	UrgencyCanWait Urgency = 1
	UrgencySoon    Urgency = 2
	UrgencyNow     Urgency = 3
)

// Need is something that a household needs.
type Need struct {
	Category string  `cbor:"1,keyasint" json:"category"` // a code of Form.Needs
	Words    string  `cbor:"2,keyasint,omitempty" json:"words,omitempty"`
	Urgency  Urgency `cbor:"3,keyasint,omitempty" json:"urgency,omitempty"` // 0: not said
}

// ConsentHow is how somebody consented.
type ConsentHow string

// The ways to consent.
const (
	ConsentSpoken ConsentHow = "spoken"
	ConsentSigned ConsentHow = "signed" // an attachment of role signature has it
)

// Consent is what a person agreed to or refused at the door.
type Consent struct {
	What   string     `cbor:"1,keyasint" json:"what"`             // "data" (to keep what is written down), "photo", "voice"
	Notice int64      `cbor:"2,keyasint,omitempty" json:"notice"` // version of Form.Notice that was read to them
	Given  bool       `cbor:"3,keyasint,omitempty" json:"given"`
	How    ConsentHow `cbor:"4,keyasint,omitempty" json:"how,omitempty"`
	At     UnixMilli  `cbor:"5,keyasint,omitempty" json:"at"` // by the phone's clock, which Visit.Off corrects
}

// Consents lists what may be consented to.
var Consents = []string{"data", "photo", "voice"}

// Role is what an attachment is.
type Role string

// The roles of an attachment.
const (
	RolePhoto     Role = "photo"
	RoleVoice     Role = "voice"
	RoleSignature Role = "signature"
)

// Attachment is content that belongs to a visit and travels after it, by its
// hash.
type Attachment struct {
	Content Hash      `cbor:"1,keyasint" json:"content"`
	Size    int64     `cbor:"2,keyasint" json:"size"` // bytes, at most MaxAttachment
	Type    string    `cbor:"3,keyasint" json:"type"` // one of AttachmentTypes of its role
	Role    Role      `cbor:"4,keyasint" json:"role"`
	Taken   UnixMilli `cbor:"5,keyasint,omitempty" json:"taken,omitempty"` // by the phone's clock
}

// AttachmentTypes are the media types that each role may have.
var AttachmentTypes = map[Role][]string{
	RolePhoto:     {"image/jpeg", "image/webp"},
	RoleVoice:     {"audio/webm", "audio/ogg", "audio/mp4"},
	RoleSignature: {"image/png"},
}

// Limits of the parts of a visit.
const (
	MaxNeeds       = 20
	MaxAttachments = 12
	MaxAttachment  = 10 << 20               // bytes
	MaxAge         = 366 * 24 * 3600 * 1000 // ms between a visit and the van's entry of it
)

// Errors of Visit.Check about its parts.
var (
	ErrNoSuchChoice  = errors.New("visit: no such choice")
	ErrTooMany       = errors.New("visit: too many")
	ErrBadAttachment = errors.New("visit: attachment")
)

// checkMore looks at what a visit has beside words.
func (v Visit) checkMore() error {
	if len(v.Needs) > MaxNeeds || len(v.Consent) > len(Consents) || len(v.Answers) > MaxFields || len(v.Attachments) > MaxAttachments {
		return ErrTooMany
	}
	if v.Age < 0 || v.Age > MaxAge || v.Form < 0 {
		return fmt.Errorf("%w: age %d ms, form %d", ErrNoSuchChoice, v.Age, v.Form)
	}
	if err := v.Where.Check(); err != nil {
		return fmt.Errorf("%w: place", ErrTooLong)
	}
	if v.Geo != nil {
		if err := v.Geo.Check(); err != nil {
			return fmt.Errorf("%w: %w", ErrNoSuchChoice, err)
		}
	}
	for _, n := range v.Needs {
		if !formCode.MatchString(n.Category) || n.Urgency > UrgencyNow {
			return fmt.Errorf("%w: need %q", ErrNoSuchChoice, n.Category)
		}
		if err := checkText(n.Words, MaxWords); err != nil {
			return fmt.Errorf("%w: need", err)
		}
	}
	seen := map[string]bool{}
	for _, c := range v.Consent {
		if !slices.Contains(Consents, c.What) || seen[c.What] || c.How != "" && c.How != ConsentSpoken && c.How != ConsentSigned || c.Notice < 0 {
			return fmt.Errorf("%w: consent %q", ErrNoSuchChoice, c.What)
		}
		seen[c.What] = true
	}
	return v.checkAnswers()
}

func (v Visit) checkAnswers() error {
	for _, a := range v.Answers {
		if !formCode.MatchString(a.Code) || len(a.Values) > MaxChoices {
			return fmt.Errorf("%w: answer %q", ErrNoSuchChoice, a.Code)
		}
		for _, value := range a.Values {
			if err := checkText(value, MaxWords); err != nil {
				return fmt.Errorf("%w: answer", err)
			}
		}
	}
	for _, a := range v.Attachments {
		if a.Content == (Hash{}) || a.Size < 1 || a.Size > MaxAttachment || !slices.Contains(AttachmentTypes[a.Role], a.Type) {
			return fmt.Errorf("%w: %s, %s, %d bytes", ErrBadAttachment, a.Role, a.Type, a.Size)
		}
	}
	return nil
}

// checkSize refuses a visit whose parts are each within their bounds and whose
// whole does not fit into an entry, with ErrTooLong. In is the body that it is
// in. Most visits are so small that their texts' lengths tell.
func (v Visit) checkSize(in any) error {
	rough := len(v.Place) + len(v.Person) + len(v.Need) + len(v.Note) + len(v.By)
	for _, n := range v.Needs {
		rough += len(n.Words)
	}
	for _, a := range v.Answers {
		for _, value := range a.Values {
			rough += len(value) + 3
		}
	}
	if rough < MaxBody/2 {
		return nil
	}
	if err := fits("visit", in); err != nil {
		return fmt.Errorf("%w: %w", ErrTooLong, err)
	}
	return nil
}

// MadeAt is when the visit was made, by the stamp of its entry: a phone that
// was out of reach hands it in later.
func (v Visit) MadeAt(at Stamp) UnixMilli { return at.Wall - UnixMilli(v.Age) }

// Behind is the visit and the stamp of its entry once it is known by how many
// ms the van's clock was behind then: what the phone's clock seemed to be ahead
// was the van's fault.
func (v Visit) Behind(at Stamp, step int64) (Visit, Stamp) {
	at.Wall += UnixMilli(step)
	at.Trusted = true
	if v.Off != 0 { // 0: nobody compared them
		v.Off -= step
	}
	return v, at
}

// PhoneDoubt is how far a phone's clock may be from the van's before its
// visits are said to have a doubtful time, in milliseconds.
const PhoneDoubt = 2 * 60 * 1000

// Doubtful tells whether the time of a visit is to be doubted: the van's clock
// was not to be believed, or the phone's was far from it.
func (v Visit) Doubtful(at Stamp) bool {
	return !at.Trusted || v.Off > PhoneDoubt || v.Off < -PhoneDoubt
}
