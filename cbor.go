package ark

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/fxamacker/cbor/v2"
)

// One encoding for everything that crosses the wire or enters a digest: CBOR
// with integer keys in core deterministic form (RFC 8949, 4.2.1). Keys are
// never renumbered; a decoder passes over keys it does not know, so that an
// older hub reads a newer van.
var (
	encMode = mustMode(cbor.CoreDetEncOptions().EncMode())
	decMode = mustMode(cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		MaxNestedLevels:  8,
		MaxArrayElements: maxFrameEntries,
		MaxMapPairs:      64,
		UTF8:             cbor.UTF8RejectInvalid,
	}.DecMode())
)

func mustMode[M any](mode M, err error) M {
	if err != nil {
		panic(err)
	}
	return mode
}

// Errors of the decoders. They are stable: a refusal on the wire and a page
// are chosen by them.
var (
	ErrGarbage           = errors.New("not decodable")
	ErrVersion           = errors.New("unknown version")
	ErrTooBig            = errors.New("over the size limit")
	ErrUnknownDictionary = errors.New("unknown compression dictionary")
	ErrUnknownKind       = errors.New("unknown kind of entry")
)

// decode reads exactly one item and refuses what stands after it.
func decode(data []byte, into any) error {
	if err := decMode.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%w: %v", ErrGarbage, err)
	}
	return nil
}

// fixed reads a byte string of exactly the length of into. By itself the CBOR
// library cuts longer ones and fills up shorter ones in silence: an id that
// is none would pass for one.
func fixed(into, data []byte) error {
	head := []byte{0x40 | byte(len(into))}
	if len(into) > 23 {
		head = []byte{0x58, byte(len(into))} // RFC 8949, 3
	}
	body, ok := bytes.CutPrefix(data, head)
	if !ok || len(body) != len(into) {
		return fmt.Errorf("want a byte string of %d bytes", len(into))
	}
	copy(into, body)
	return nil
}

// UnmarshalCBOR reads exactly 16 bytes.
func (id *ID) UnmarshalCBOR(data []byte) error { return fixed(id[:], data) }

// UnmarshalCBOR reads exactly 16 bytes.
func (i *Incarnation) UnmarshalCBOR(data []byte) error { return fixed(i[:], data) }

// UnmarshalCBOR reads exactly 16 bytes.
func (d *Digest) UnmarshalCBOR(data []byte) error { return fixed(d[:], data) }

// UnmarshalCBOR reads exactly 8 bytes.
func (k *FrameKey) UnmarshalCBOR(data []byte) error { return fixed(k[:], data) }

// UnmarshalCBOR reads exactly 8 bytes.
func (b *BootID) UnmarshalCBOR(data []byte) error { return fixed(b[:], data) }

// UnmarshalCBOR reads exactly 32 bytes.
func (h *Hash) UnmarshalCBOR(data []byte) error { return fixed(h[:], data) }

var bodyTypes = sync.OnceValue(func() map[Kind]reflect.Type {
	m := make(map[Kind]reflect.Type, len(kinds))
	for k, row := range kinds {
		m[k] = reflect.TypeOf(row.body)
	}
	return m
})

// EncodeBody encodes the body of an entry. It refuses a body that is not the
// type the kind has.
func EncodeBody(k Kind, body any) ([]byte, error) {
	if t, ok := bodyTypes()[k]; !ok || reflect.TypeOf(body) != t {
		return nil, fmt.Errorf("encode body of kind %d: %w (have %T)", k, ErrUnknownKind, body)
	}
	return encMode.Marshal(body)
}

// DecodeBody decodes the body of an entry into the type its kind has, by
// value: Visit, AsRun, PlayNow … An unknown kind is ErrUnknownKind, a body
// that does not fit is ErrGarbage: either sends the entry to quarantine.
func DecodeBody(k Kind, body []byte) (any, error) {
	t, ok := bodyTypes()[k]
	if !ok {
		return nil, fmt.Errorf("decode body of kind %d: %w", k, ErrUnknownKind)
	}
	v := reflect.New(t)
	if err := decode(body, v.Interface()); err != nil {
		return nil, fmt.Errorf("decode body of kind %d: %w", k, err)
	}
	value := v.Elem().Interface()
	if checked, ok := value.(interface{ Check() error }); ok {
		if err := checked.Check(); err != nil {
			return nil, fmt.Errorf("decode body of kind %d: %w: %v", k, ErrGarbage, err)
		}
	}
	return value, nil
}

// EncodeCanonical is the one encoding of a value, for what is hashed and kept
// and never crosses the wire. Keys of structures follow the rules above.
func EncodeCanonical(v any) ([]byte, error) { return encMode.Marshal(v) }

// DecodeCanonical reads what EncodeCanonical made; ErrGarbage.
func DecodeCanonical(data []byte, into any) error { return decode(data, into) }
