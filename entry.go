package ark

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Seq is an entry's place in its incarnation: 1, 2, 3 … without gaps. Zero
// stands before the first entry.
type Seq uint64

// MaxEntry is the most bytes of one encoded entry.
const MaxEntry = 48 << 10

// MaxBody is the most bytes of an entry's body: what is around it takes less
// than the rest. A body that passes its Check is never larger.
const MaxBody = MaxEntry - 128

// Entry is one fact in a journal. Its place is not part of it: the same entry
// may stand at another Seq in a later incarnation, and is known by its ID.
type Entry struct {
	ID   ID
	Kind Kind
	At   Stamp
	Body []byte // CBOR of the kind's body type
}

// wireEntry is how an entry is stored, sent and digested. The wall time is
// left out where the ID tells it, which is nearly always.
type wireEntry struct {
	ID        ID              `cbor:"1,keyasint"`
	Kind      Kind            `cbor:"2,keyasint"`
	Boot      BootID          `cbor:"3,keyasint"`
	Mono      uint64          `cbor:"4,keyasint"` // ms
	Body      cbor.RawMessage `cbor:"5,keyasint"`
	Wall      int64           `cbor:"6,keyasint,omitempty"` // ms, minus the ID's
	Untrusted bool            `cbor:"7,keyasint,omitempty"`
}

// EncodeEntry makes the bytes that are stored, sent and digested.
func EncodeEntry(e Entry) ([]byte, error) {
	w := wireEntry{
		ID: e.ID, Kind: e.Kind, Boot: e.At.Boot, Mono: uint64(max(e.At.Mono, 0) / time.Millisecond),
		Body: e.Body, Wall: int64(e.At.Wall - e.ID.Time()), Untrusted: !e.At.Trusted,
	}
	raw, err := encMode.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encode entry: %w", err)
	}
	if len(raw) > MaxEntry {
		return nil, fmt.Errorf("encode entry: %w: %d bytes, at most %d", ErrTooBig, len(raw), MaxEntry)
	}
	return raw, nil
}

// fits refuses a body that would not fit into an entry with ErrTooBig.
func fits(name string, body any) error {
	raw, err := encMode.Marshal(body)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(raw) > MaxBody {
		return fmt.Errorf("%s: %w: %d bytes, at most %d", name, ErrTooBig, len(raw), MaxBody)
	}
	return nil
}

// DecodeEntry reads what EncodeEntry wrote, of any earlier or later release.
// It does not look into the body: DecodeBody does.
func DecodeEntry(raw []byte) (Entry, error) {
	if len(raw) > MaxEntry {
		return Entry{}, fmt.Errorf("decode entry: %w: %d bytes, at most %d", ErrTooBig, len(raw), MaxEntry)
	}
	var w wireEntry
	if err := decode(raw, &w); err != nil {
		return Entry{}, fmt.Errorf("decode entry: %w", err)
	}
	const maxMono = uint64(1<<63-1) / uint64(time.Millisecond)
	if w.ID[6]>>4 != 7 || w.Kind == 0 || len(w.Body) == 0 || w.Mono > maxMono {
		return Entry{}, fmt.Errorf("decode entry: %w: a field is missing or out of range", ErrGarbage)
	}
	at := Stamp{
		Wall: w.ID.Time() + UnixMilli(w.Wall), Boot: w.Boot,
		Mono: time.Duration(w.Mono) * time.Millisecond, Trusted: !w.Untrusted,
	}
	return Entry{ID: w.ID, Kind: w.Kind, At: at, Body: w.Body}, nil
}

// Digest is a running digest of a journal: SHA-256 of the digest before it
// and the entry's bytes, cut to 128 bits (FIPS 180-4; SP 800-107, 5.1). Equal
// digests at one Seq mean equal histories up to there.
type Digest [16]byte

// String is 32 hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Cursor is a place in an incarnation together with the digest there.
type Cursor struct {
	Seq    Seq
	Digest Digest
}

// Start is the cursor before the first entry of an incarnation.
func (i Incarnation) Start() Cursor {
	sum := sha256.Sum256(append([]byte("ark journal 1"), i[:]...))
	return Cursor{Digest: Digest(sum[:16])}
}

// Next is the cursor after one more entry, given as EncodeEntry made it.
func (c Cursor) Next(raw []byte) Cursor {
	h := sha256.New()
	h.Write(c.Digest[:])
	h.Write(raw)
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return Cursor{Seq: c.Seq + 1, Digest: Digest(sum[:16])}
}
