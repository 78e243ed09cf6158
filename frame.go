package ark

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"
)

// frameVersion is the first byte of every frame and receipt.
const frameVersion = 1

// The second byte of a frame: how the rest is packed.
const (
	packPlain = 0
	packZstd  = 1 // a zstd frame (RFC 8878) without its magic number; it names its dictionary itself
)

// FrameKey is the front of a digest: what a frame carries of it. 64 bits find
// every accidental fork, and both ends compare whole digests in receipts.
type FrameKey [8]byte

// Key is the front of the digest.
func (d Digest) Key() FrameKey { return FrameKey(d[:8]) }

// Frame is a run of a journal's entries on its way. Without entries it is a
// question: what have you got?
type Frame struct {
	Incarnation Incarnation
	First       Seq      // of the first entry; without entries, of the one that would come next
	Prev        FrameKey // of the digest before First
	Entries     [][]byte // as EncodeEntry made them
	// LostFrom, if not zero, says that the sender no longer has the entries
	// LostFrom … First-1 and never will: go on from First, and say so.
	LostFrom Seq
	// Lost accompanies LostFrom: the whole digest before First.
	Lost Digest
	// Round is echoed by the receipt, so that the sender knows which of its
	// words the receiver had heard when it answered.
	Round uint32
	// Ahead is how many entries the journal holds after this frame, so that
	// the receiver can show the backlog.
	Ahead uint64
	// AskTime, if not zero, asks for a signed word of time about this nonce.
	AskTime [8]byte
}

type wireFrame struct {
	Incarnation Incarnation       `cbor:"1,keyasint"`
	First       Seq               `cbor:"2,keyasint"`
	Prev        FrameKey          `cbor:"3,keyasint"`
	Entries     []cbor.RawMessage `cbor:"4,keyasint,omitempty"`
	LostFrom    Seq               `cbor:"5,keyasint,omitempty"`
	Lost        Digest            `cbor:"6,keyasint,omitzero"`
	Round       uint32            `cbor:"7,keyasint,omitempty"`
	AskTime     [8]byte           `cbor:"8,keyasint,omitzero"`
	Ahead       uint64            `cbor:"9,keyasint,omitempty"`
}

// Last is the Seq of the frame's last entry, or First-1.
func (f Frame) Last() Seq { return f.First + Seq(len(f.Entries)) - 1 }

// EncodeFrame packs a frame. With plain, no compression: what a receiver asks
// for that does not know the dictionary. ErrTooBig: over MaxFrame bytes, or
// too many entries; send fewer.
func EncodeFrame(f Frame, plain bool) ([]byte, error) {
	if len(f.Entries) > maxFrameEntries {
		return nil, fmt.Errorf("encode frame: %w: %d entries", ErrTooBig, len(f.Entries))
	}
	w := wireFrame{Incarnation: f.Incarnation, First: f.First, Prev: f.Prev,
		LostFrom: f.LostFrom, Lost: f.Lost, Round: f.Round, AskTime: f.AskTime, Ahead: f.Ahead}
	for _, raw := range f.Entries {
		w.Entries = append(w.Entries, raw)
	}
	body, err := encMode.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encode frame: %w", err)
	}
	if len(body) > MaxFrameDecoded {
		return nil, fmt.Errorf("encode frame: %w: %d bytes before compression", ErrTooBig, len(body))
	}
	out := append([]byte{frameVersion, packPlain}, body...)
	if !plain {
		if packed := pack(body); len(packed) < len(out) {
			out = packed
		}
	}
	if len(out) > MaxFrame {
		return nil, fmt.Errorf("encode frame: %w: %d bytes", ErrTooBig, len(out))
	}
	return out, nil
}

// DecodeFrame unpacks a frame of any release. Errors are ErrTooBig,
// ErrVersion, ErrUnknownDictionary and ErrGarbage.
func DecodeFrame(data []byte) (Frame, error) {
	if len(data) > MaxFrame {
		return Frame{}, fmt.Errorf("decode frame: %w: %d bytes", ErrTooBig, len(data))
	}
	if len(data) < 2 {
		return Frame{}, fmt.Errorf("decode frame: %w: %d bytes", ErrGarbage, len(data))
	}
	if data[0] != frameVersion {
		return Frame{}, fmt.Errorf("decode frame: %w: %d", ErrVersion, data[0])
	}
	body := data[2:]
	switch data[1] {
	case packPlain:
	case packZstd:
		var err error
		if body, err = unpack(body); err != nil {
			return Frame{}, fmt.Errorf("decode frame: %w", err)
		}
	default:
		return Frame{}, fmt.Errorf("decode frame: %w: packing %d", ErrVersion, data[1])
	}
	var w wireFrame
	if err := decode(body, &w); err != nil {
		return Frame{}, fmt.Errorf("decode frame: %w", err)
	}
	return w.frame()
}

func (w wireFrame) frame() (Frame, error) {
	f := Frame{Incarnation: w.Incarnation, First: w.First, Prev: w.Prev,
		LostFrom: w.LostFrom, Lost: w.Lost, Round: w.Round, AskTime: w.AskTime, Ahead: w.Ahead}
	const most = Seq(1) << 62
	switch {
	case f.Incarnation.IsZero(), f.First == 0, f.First > most:
		return Frame{}, fmt.Errorf("decode frame: %w: no place in a journal", ErrGarbage)
	case f.LostFrom != 0 && (f.LostFrom >= f.First || f.Lost.Key() != f.Prev):
		return Frame{}, fmt.Errorf("decode frame: %w: a loss that is none", ErrGarbage)
	}
	for _, raw := range w.Entries {
		if len(raw) > MaxEntry {
			return Frame{}, fmt.Errorf("decode frame: %w: an entry of %d bytes", ErrTooBig, len(raw))
		}
		f.Entries = append(f.Entries, raw)
	}
	return f, nil
}

var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// pack compresses with the newest dictionary.
func pack(body []byte) []byte {
	out := packer().EncodeAll(body, make([]byte, 0, len(body)/2+64))
	packed := out[len(zstdMagic)-2:] // make room for our two bytes where the magic number was
	packed[0], packed[1] = frameVersion, packZstd
	return packed
}

// unpack bounds what comes out by MaxFrameDecoded.
func unpack(body []byte) ([]byte, error) {
	in := append(append(make([]byte, 0, len(zstdMagic)+len(body)), zstdMagic...), body...)
	out, err := unpacker().DecodeAll(in, nil)
	switch {
	case errors.Is(err, zstd.ErrUnknownDictionary):
		return nil, ErrUnknownDictionary
	case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		return nil, fmt.Errorf("%w: more than %d bytes after decompression", ErrTooBig, MaxFrameDecoded)
	case err != nil:
		return nil, fmt.Errorf("%w: %v", ErrGarbage, err)
	case len(out) > MaxFrameDecoded:
		return nil, fmt.Errorf("%w: %d bytes after decompression", ErrTooBig, len(out))
	}
	return out, nil
}
