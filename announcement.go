package ark

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"time"
)

// Hash names content by its SHA-256.
type Hash [sha256.Size]byte

// HashOf is the name of the content.
func HashOf(content []byte) Hash { return sha256.Sum256(content) }

// String is 64 hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes 64 hexadecimal digits.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(h) {
		return fmt.Errorf("hash %q: want 64 hexadecimal digits", text)
	}
	copy(h[:], b)
	return nil
}

// SampleRate is the one rate at which vans keep and play sound: 48,000 mono
// frames a second. A frame is one sample.
const SampleRate = 48_000

// AnnouncementID names an announcement in the library: 1 to 32 of a-z, 0-9
// and hyphen, such as "welcome".
type AnnouncementID string

// Announcement is one message, spoken once in each of several languages. It
// is immutable: a change is a new Version.
type Announcement struct {
	ID         AnnouncementID `cbor:"1,keyasint" json:"id"`
	Version    int            `cbor:"2,keyasint" json:"version"`
	Title      Text           `cbor:"3,keyasint" json:"title"`
	Recordings []Recording    `cbor:"4,keyasint" json:"recordings"` // in the order in which they are played
	Chime      bool           `cbor:"5,keyasint,omitempty" json:"chime"`
	GapMillis  int            `cbor:"6,keyasint,omitempty" json:"gap_ms"` // silence between recordings, 0 to MaxGap
	Class      Class          `cbor:"7,keyasint,omitempty" json:"class,omitempty"`
	Repeats    int            `cbor:"8,keyasint,omitempty" json:"repeats,omitempty"`      // how often after the first time, 0 to MaxRepeats; music: RepeatForever goes round until it is stopped
	RestMillis int            `cbor:"9,keyasint,omitempty" json:"rest_ms,omitempty"`      // silence before each repeat, 0 to MaxRest
	MaxSeconds int            `cbor:"10,keyasint,omitempty" json:"max_seconds,omitempty"` // longest total length, repeats and gaps included; 0: no bound
	ValidFrom  UnixMilli      `cbor:"11,keyasint,omitempty" json:"valid_from,omitempty"`  // not played before; 0: always
	ValidUntil UnixMilli      `cbor:"12,keyasint,omitempty" json:"valid_until,omitempty"` // not played from then on; 0: for ever
}

// Limits of an announcement.
const (
	MaxGap         = 10_000  // ms
	MaxRest        = 600_000 // ms
	MaxRepeats     = 20
	RepeatForever  = -1
	MaxSecondsMost = 6 * 3600
	MaxTitle       = 60 // characters, each language
	MaxLanguages   = 8  // recordings of one announcement
)

// Gap is the silence between recordings.
func (a Announcement) Gap() time.Duration { return time.Duration(a.GapMillis) * time.Millisecond }

// Rest is the silence before each repeat.
func (a Announcement) Rest() time.Duration { return time.Duration(a.RestMillis) * time.Millisecond }

// Length is how long one round is, without the chime.
func (a Announcement) Length() time.Duration {
	frames := int64(0)
	for _, r := range a.Recordings {
		frames += r.Frames
	}
	return time.Duration(frames)*time.Second/SampleRate + time.Duration(max(len(a.Recordings)-1, 0))*a.Gap()
}

// Valid tells whether the announcement may be played at a time.
func (a Announcement) Valid(at UnixMilli) bool {
	return at >= a.ValidFrom && (a.ValidUntil == 0 || at < a.ValidUntil)
}

var announcementID = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// Check tells what is wrong with an announcement, if anything.
func (a Announcement) Check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("announcement %q: "+format, append([]any{string(a.ID)}, args...)...)
	}
	switch {
	case !announcementID.MatchString(string(a.ID)):
		return bad("want an id of 1 to 32 of a-z, 0-9 and -")
	case a.Version < 1:
		return bad("version %d", a.Version)
	case a.Title.Zh == "" || checkText(a.Title.Zh, MaxTitle) != nil || checkText(a.Title.En, MaxTitle) != nil:
		return bad("want a title of at most %d characters", MaxTitle)
	case len(a.Recordings) > MaxLanguages:
		return bad("%d recordings", len(a.Recordings))
	case a.GapMillis < 0 || a.GapMillis > MaxGap || a.RestMillis < 0 || a.RestMillis > MaxRest:
		return bad("gap %d ms, rest %d ms", a.GapMillis, a.RestMillis)
	case a.Repeats < 0 && !(a.Class == ClassMusic && a.Repeats == RepeatForever) || a.Repeats > MaxRepeats:
		return bad("%d repeats", a.Repeats)
	case a.MaxSeconds < 0 || a.MaxSeconds > MaxSecondsMost:
		return bad("longest %d s", a.MaxSeconds)
	case a.ValidFrom < 0 || a.ValidUntil < 0 || a.ValidUntil != 0 && a.ValidUntil <= a.ValidFrom:
		return bad("valid from %d until %d", a.ValidFrom, a.ValidUntil)
	}
	if err := a.Class.check(); err != nil {
		return bad("%w", err)
	}
	seen := map[Language]bool{}
	for _, r := range a.Recordings {
		if err := r.check(); err != nil {
			return bad("%w", err)
		}
		if seen[r.Language] {
			return bad("two recordings in %s", r.Language)
		}
		seen[r.Language] = true
	}
	return nil
}

// Recording is an announcement's sound in one language: mono, 48 kHz, 16 bit.
type Recording struct {
	Language Language `cbor:"1,keyasint" json:"language"`
	Content  Hash     `cbor:"2,keyasint" json:"content"`                      // of the file's bytes
	Frames   int64    `cbor:"3,keyasint" json:"frames"`                       // its length
	Size     int64    `cbor:"4,keyasint,omitempty" json:"size,omitempty"`     // of the file in bytes
	Loudness int      `cbor:"5,keyasint,omitempty" json:"loudness,omitempty"` // integrated, in hundredths of LUFS (ITU-R BS.1770-4), such as -1600; 0: not measured
	Peak     int      `cbor:"6,keyasint,omitempty" json:"peak,omitempty"`     // true peak in hundredths of dBTP; 0 with Loudness 0: not measured
	Machine  bool     `cbor:"7,keyasint,omitempty" json:"machine,omitempty"`  // a synthesiser speaks
}

// MaxRecordingFrames is the longest recording, ten minutes; music may have as
// many as it wants of them.
const MaxRecordingFrames = 10 * 60 * SampleRate

// language is a BCP 47 tag as far as it matters here.
var language = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,12}){0,6}$`)

// ParseLanguage accepts the form of a BCP 47 tag, such as cmn-Hans-CN or
// wuu-CN-x-hangzhou (RFC 5646, private use subtags may be a little longer).
func ParseLanguage(s string) (Language, error) {
	if !language.MatchString(s) || len(s) > 40 {
		return "", fmt.Errorf("language %q: want a BCP 47 tag such as cmn-Hans-CN or wuu-CN-x-hangzhou", s)
	}
	return Language(s), nil
}

func (r Recording) check() error {
	if _, err := ParseLanguage(string(r.Language)); err != nil {
		return err
	}
	if r.Frames < 1 || r.Frames > MaxRecordingFrames || r.Size < 0 || r.Size > 2*MaxRecordingFrames+1<<16 {
		return fmt.Errorf("recording in %s: %d frames, %d bytes", r.Language, r.Frames, r.Size)
	}
	return nil
}

// Text is a short text for people, in Chinese and English.
type Text struct {
	Zh string `cbor:"1,keyasint" json:"zh"`
	En string `cbor:"2,keyasint,omitempty" json:"en"`
}
