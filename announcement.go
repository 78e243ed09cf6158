package ark

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
	GapMillis  int            `cbor:"6,keyasint,omitempty" json:"gap_ms"` // silence between recordings, 0 to 10,000 ms
}

// Gap is the silence between recordings.
func (a Announcement) Gap() time.Duration { return time.Duration(a.GapMillis) * time.Millisecond }

// Recording is an announcement's sound in one language: mono, 48 kHz, 16 bit.
type Recording struct {
	Language Language `cbor:"1,keyasint" json:"language"`
	Content  Hash     `cbor:"2,keyasint" json:"content"` // of the file's bytes
	Frames   int64    `cbor:"3,keyasint" json:"frames"`  // its length
}

// Text is a short text for people, in Chinese and English.
type Text struct {
	Zh string `cbor:"1,keyasint" json:"zh"`
	En string `cbor:"2,keyasint,omitempty" json:"en"`
}
