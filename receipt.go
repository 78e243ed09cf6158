package ark

import (
	"errors"
	"fmt"
)

// MaxReceipt is the most bytes of an encoded receipt.
const MaxReceipt = 1 << 10

// Receipt is a receiver's word: all entries of this incarnation up to Cursor
// are committed in my database, and their running digest is this. It is made
// only after that commit. Nothing else counts as delivered.
type Receipt struct {
	Incarnation Incarnation
	Cursor      Cursor
	Round       uint32  // of the frame that it answers
	Refusal     Refusal // why the frame was of no use, if so; Incarnation may then be unknown
	Time        *TimeWord
}

// Refusal says why a receiver could make nothing of a frame. It loses
// nothing: the sender keeps the entries.
type Refusal uint8

// The refusals. Numbers are on the wire.
const (
	RefusedNot        Refusal = 0
	RefusedDictionary Refusal = 1 // unknown dictionary: send plain
	RefusedVersion    Refusal = 2 // made by a newer release than the receiver's
	RefusedGarbage    Refusal = 3 // not decodable
	RefusedSize       Refusal = 4 // over a limit
	RefusedVan        Refusal = 5 // the incarnation belongs to another van
	RefusedIncarnate  Refusal = 6 // the van has had too many incarnations; a person must look
	RefusedStore      Refusal = 7 // the receiver cannot write just now (its disk is full, say)
)

// String is a stable English word for logs.
func (r Refusal) String() string {
	words := [...]string{"", "dictionary", "version", "garbage", "size", "wrong-van", "incarnations", "store"}
	if int(r) >= len(words) {
		return "unknown"
	}
	return words[r]
}

type wireReceipt struct {
	Incarnation Incarnation `cbor:"1,keyasint,omitzero"`
	Seq         Seq         `cbor:"2,keyasint,omitempty"`
	Digest      Digest      `cbor:"3,keyasint,omitzero"`
	Round       uint32      `cbor:"4,keyasint,omitempty"`
	Refusal     Refusal     `cbor:"5,keyasint,omitempty"`
	Time        *TimeWord   `cbor:"6,keyasint,omitempty"`
}

// EncodeReceipt packs a receipt.
func EncodeReceipt(r Receipt) ([]byte, error) {
	body, err := encMode.Marshal(wireReceipt{r.Incarnation, r.Cursor.Seq, r.Cursor.Digest, r.Round, r.Refusal, r.Time})
	if err != nil {
		return nil, fmt.Errorf("encode receipt: %w", err)
	}
	return append([]byte{frameVersion}, body...), nil
}

// DecodeReceipt unpacks a receipt of any release. Errors are ErrTooBig,
// ErrVersion and ErrGarbage.
func DecodeReceipt(data []byte) (Receipt, error) {
	if len(data) > MaxReceipt {
		return Receipt{}, fmt.Errorf("decode receipt: %w: %d bytes", ErrTooBig, len(data))
	}
	if len(data) == 0 {
		return Receipt{}, fmt.Errorf("decode receipt: %w: empty", ErrGarbage)
	}
	if data[0] != frameVersion {
		return Receipt{}, fmt.Errorf("decode receipt: %w: %d", ErrVersion, data[0])
	}
	var w wireReceipt
	if err := decode(data[1:], &w); err != nil {
		return Receipt{}, fmt.Errorf("decode receipt: %w", err)
	}
	if w.Incarnation.IsZero() && w.Refusal == RefusedNot {
		return Receipt{}, fmt.Errorf("decode receipt: %w: no incarnation", ErrGarbage)
	}
	return Receipt{w.Incarnation, Cursor{w.Seq, w.Digest}, w.Round, w.Refusal, w.Time}, nil
}

// RefusalOf is the refusal for an error of DecodeFrame.
func RefusalOf(err error) Refusal {
	for _, row := range refusals {
		if errors.Is(err, row.err) {
			return row.refusal
		}
	}
	return RefusedGarbage
}

var refusals = []struct {
	err     error
	refusal Refusal
}{
	{ErrUnknownDictionary, RefusedDictionary},
	{ErrVersion, RefusedVersion},
	{ErrTooBig, RefusedSize},
}
