package ark

import (
	"fmt"
)

// Library is the body of an order: from now on the van's announcements are
// those of this manifest. The manifest is a blob like the recordings: an
// order stays small however many there are.
type Library struct {
	Version  int64 `cbor:"1,keyasint"` // the hub's number; a later library has a greater one
	Manifest Hash  `cbor:"2,keyasint"`
	Size     int64 `cbor:"3,keyasint"` // of the manifest in bytes, at most MaxManifest
}

// MaxManifest is the most bytes of a manifest, MaxAnnouncements the most
// announcements in it.
const (
	MaxManifest      = 1 << 20
	MaxAnnouncements = 500
)

// Check tells what is wrong with an order for a library, if anything.
func (l Library) Check() error {
	if l.Version < 1 || l.Size < 1 || l.Size > MaxManifest {
		return fmt.Errorf("library: version %d, manifest of %d bytes", l.Version, l.Size)
	}
	return nil
}

// Manifest is all announcements of a library, whole. Its name is the hash of
// what EncodeManifest makes of it.
type Manifest struct {
	Version       int64          `cbor:"1,keyasint"`
	Languages     []Language     `cbor:"2,keyasint,omitempty"` // what an announcement should have, in the order of playing
	Announcements []Announcement `cbor:"3,keyasint,omitempty"`
}

// EncodeManifest encodes a manifest: the same manifest always gives the same
// bytes.
func EncodeManifest(m Manifest) ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	data, err := encMode.Marshal(m)
	if err == nil && len(data) > MaxManifest {
		return nil, fmt.Errorf("manifest: %w: %d bytes", ErrTooBig, len(data))
	}
	return data, err
}

// DecodeManifest reads a manifest and checks it: ErrTooBig, ErrGarbage.
func DecodeManifest(data []byte) (Manifest, error) {
	var m Manifest
	if len(data) > MaxManifest {
		return m, fmt.Errorf("manifest: %w: %d bytes", ErrTooBig, len(data))
	}
	if err := decode(data, &m); err != nil {
		return Manifest{}, fmt.Errorf("manifest: %w", err)
	}
	if err := m.Check(); err != nil {
		return Manifest{}, fmt.Errorf("%w: %v", ErrGarbage, err)
	}
	return m, nil
}

// Check tells what is wrong with a manifest, if anything.
func (m Manifest) Check() error {
	if len(m.Announcements) > MaxAnnouncements || len(m.Languages) > MaxLanguages {
		return fmt.Errorf("manifest: %d announcements, %d languages", len(m.Announcements), len(m.Languages))
	}
	for _, l := range m.Languages {
		if _, err := ParseLanguage(string(l)); err != nil {
			return fmt.Errorf("manifest: %w", err)
		}
	}
	seen := map[AnnouncementID]bool{}
	for _, a := range m.Announcements {
		if err := a.Check(); err != nil {
			return fmt.Errorf("manifest: %w", err)
		}
		if seen[a.ID] {
			return fmt.Errorf("manifest: announcement %q stands twice", a.ID)
		}
		seen[a.ID] = true
	}
	return nil
}

// LibraryStage is how far a van has a library.
type LibraryStage uint8

// The stages. Numbers are on the wire.
const (
	LibraryComing LibraryStage = 1 // being fetched
	LibraryHeld   LibraryStage = 2 // in use, whole
	LibraryFailed LibraryStage = 3 // not to be had for now: Why says; the one before stays in use
)

// Reasons for which a library does not come. They cross the wire.
const (
	WhyDiskFull    = "disk-full"
	WhyUnreachable = "unreachable" // the hub's blobs cannot be fetched
	WhyRefused     = "refused"     // the hub does not give them: an old certificate, or they are gone
)

// LibraryState is the body of the entry by which a van tells how far it has a
// library.
type LibraryState struct {
	Version  int64        `cbor:"1,keyasint"` // of the library that is wanted, or held
	Manifest Hash         `cbor:"2,keyasint"`
	Stage    LibraryStage `cbor:"3,keyasint"`
	Why      string       `cbor:"4,keyasint,omitempty"`
	Have     int64        `cbor:"5,keyasint,omitempty"` // bytes of its recordings that are on the van
	Want     int64        `cbor:"6,keyasint,omitempty"` // bytes of them in all
	Held     int64        `cbor:"7,keyasint,omitempty"` // version that is in use meanwhile; 0: the van's own demonstration
	Missing  []Hash       `cbor:"8,keyasint,omitempty"` // recordings that are not there, at most MaxMissing of them
}

// MaxMissing is how many missing recordings a van names.
const MaxMissing = 64

// Check tells what is wrong with a van's word of its library, if anything.
func (s LibraryState) Check() error {
	if s.Stage < LibraryComing || s.Stage > LibraryFailed {
		return fmt.Errorf("library state: stage %d: unknown", s.Stage)
	}
	if s.Version < 0 || s.Held < 0 || s.Have < 0 || s.Want < 0 || len(s.Missing) > MaxMissing {
		return fmt.Errorf("library state: version %d, %d missing", s.Version, len(s.Missing))
	}
	return told(s.Why)
}
