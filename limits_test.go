package ark

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("not the same after encoding and decoding: %+v, want %+v", got, want)
	}
}

// bombs are small zstd frames that become large: of one run, of many blocks
// without a size in front, and of several frames one after the other.
func bombs() [][]byte {
	big := make([]byte, 64<<20)
	plain := mustMode(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest)))
	sized := plain.EncodeAll(big[:MaxFrameDecoded+1], nil)
	large := plain.EncodeAll(big, nil)
	var unsized bytes.Buffer
	w := mustMode(zstd.NewWriter(&unsized, zstd.WithWindowSize(1<<10)))
	for range 64 {
		w.Write(big[:64<<10])
	}
	w.Close()
	return [][]byte{sized, large, unsized.Bytes(), bytes.Repeat(plain.EncodeAll(big[:512<<10], nil), 40)}
}

func TestBombIsRefusedInLittleMemory(t *testing.T) {
	for i, b := range bombs() {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			data := append([]byte{frameVersion, packZstd}, b[len(zstdMagic):]...)
			if len(data) > MaxFrame {
				t.Fatalf("the bomb is no bomb: %d bytes", len(data))
			}
			unpack(pack(nil)[2:]) // the decoder itself
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := DecodeFrame(data)
			runtime.ReadMemStats(&after)
			if !errors.Is(err, ErrTooBig) || RefusalOf(err) != RefusedSize {
				t.Errorf("%d bytes: %v, want %v", len(data), err, ErrTooBig)
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > 8*MaxFrameDecoded {
				t.Errorf("it took %d kB", got>>10)
			}
		})
	}
}

// nested makes arrays in arrays.
func nested(levels int) []byte {
	return append(bytes.Repeat([]byte{0x81}, levels), 0x00)
}

func TestDecodersKeepTheirLimits(t *testing.T) {
	visit := encoded(t, KindVisit, Visit{Place: "1", Outcome: Met})
	long := bytes.Repeat([]byte{'x'}, MaxEntry)
	cases := []struct {
		name string
		body []byte
		kind Kind
		want error
	}{
		{"good", visit, KindVisit, nil},
		{"empty", nil, KindVisit, ErrGarbage},
		{"something after it", append(bytes.Clone(visit), 0), KindVisit, ErrGarbage},
		{"not a map", []byte{0x01}, KindVisit, ErrGarbage},
		{"a key twice", []byte{0xa3, 0x01, 0x61, '1', 0x03, 0x01, 0x03, 0x02}, KindVisit, ErrGarbage},
		{"indefinite length", []byte{0xbf, 0x01, 0x61, '1', 0x03, 0x01, 0xff}, KindVisit, ErrGarbage},
		{"a tag", []byte{0xa2, 0x01, 0x61, '1', 0x03, 0xc1, 0x01}, KindVisit, ErrGarbage},
		{"broken UTF-8", []byte{0xa2, 0x01, 0x61, 0xff, 0x03, 0x01}, KindVisit, ErrGarbage},
		{"a NUL", []byte{0xa2, 0x01, 0x61, 0x00, 0x03, 0x01}, KindVisit, ErrGarbage},
		{"outcome 5", []byte{0xa2, 0x01, 0x61, '1', 0x03, 0x05}, KindVisit, ErrGarbage},
		{"outcome 300", []byte{0xa2, 0x01, 0x61, '1', 0x03, 0x19, 0x01, 0x2c}, KindVisit, ErrGarbage},
		{"unknown key with 7 levels", append([]byte{0xa3, 0x01, 0x61, '1', 0x03, 0x01, 0x18, 0x63}, nested(7)...), KindVisit, nil},
		{"unknown key with 9 levels", append([]byte{0xa3, 0x01, 0x61, '1', 0x03, 0x01, 0x18, 0x63}, nested(9)...), KindVisit, ErrGarbage},
		{"65 keys", manyKeys(65), KindHealth, ErrGarbage},
		{"an array that lies about its length", []byte{0xa3, 0x01, 0x61, '1', 0x03, 0x01, 0x04, 0x9a, 0xff, 0xff, 0xff, 0xff}, KindVisit, ErrGarbage},
		{"a place too long", append([]byte{0xa2, 0x03, 0x01, 0x01, 0x79, 0xc0, 0x00}, long...), KindVisit, ErrGarbage},
		{"kind 0", visit, 0, ErrUnknownKind},
		{"kind 77", visit, 77, ErrUnknownKind},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := DecodeBody(c.kind, c.body); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func manyKeys(n byte) []byte {
	b := []byte{0xb8, n}
	for i := range n {
		b = append(b, 0x18, 0x80+i, 0x00)
	}
	return b
}

func TestFrameKeepsItsLimits(t *testing.T) {
	entry := goldenEntry(t, KindStop, Stop{NotAfter: 1, By: "somebody at the office"})
	many := func(n int) (all [][]byte) {
		for range n {
			all = append(all, entry)
		}
		return all
	}
	big := func(n int) []byte { // an entry of n bytes that does not compress
		b := append([]byte{0x5a, 0, 0, byte(n >> 8), byte(n)}, make([]byte, n)...)
		h := HashOf(nil)
		for i := 5; i < len(b); i += len(h) {
			h = HashOf(h[:])
			copy(b[i:], h[:])
		}
		return b
	}
	cases := []struct {
		name    string
		entries [][]byte
		plain   bool
		want    error
	}{
		{"most entries", many(maxFrameEntries), false, nil},
		{"one entry more", many(maxFrameEntries + 1), false, ErrTooBig},
		{"most entries, plain", many(maxFrameEntries), true, ErrTooBig},
		{"largest entry", [][]byte{big(MaxEntry - 5)}, false, nil},
		{"more than a frame", [][]byte{big(40 << 10), big(40 << 10)}, false, ErrTooBig},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data, err := EncodeFrame(Frame{Incarnation: goldenInc, First: 1, Entries: c.entries}, c.plain)
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if err == nil {
				if f, err := DecodeFrame(data); err != nil || len(f.Entries) != len(c.entries) {
					t.Errorf("%d entries, %v", len(f.Entries), err)
				}
			}
		})
	}
	tooBigEntry, err := EncodeFrame(Frame{Incarnation: goldenInc, First: 1, Entries: [][]byte{big(MaxEntry + 1)}}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeFrame(tooBigEntry); !errors.Is(err, ErrTooBig) {
		t.Errorf("an entry over its limit: %v", err)
	}
}

func TestFramesThatAreRefused(t *testing.T) {
	good, err := EncodeFrame(Frame{Incarnation: goldenInc, First: 5, Prev: FrameKey{1}}, true)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(w wireFrame) []byte {
		return append([]byte{frameVersion, packPlain}, mustMode(encMode.Marshal(w))...)
	}
	foreign := bytes.Clone(readDictionaries()[0])
	binary.LittleEndian.PutUint32(foreign[4:], 99) // its number (RFC 8878, 6)
	other := mustMode(zstd.NewWriter(nil, zstd.WithEncoderDict(foreign))).EncodeAll(good[2:], nil)
	cases := []struct {
		name string
		data []byte
		want error
		says Refusal
	}{
		{"empty", nil, ErrGarbage, RefusedGarbage},
		{"one byte", []byte{frameVersion}, ErrGarbage, RefusedGarbage},
		{"version 2", append([]byte{2}, good[1:]...), ErrVersion, RefusedVersion},
		{"packing 2", append([]byte{1, 2}, good[2:]...), ErrVersion, RefusedVersion},
		{"over the limit", make([]byte, MaxFrame+1), ErrTooBig, RefusedSize},
		{"cut off", good[:len(good)-1], ErrGarbage, RefusedGarbage},
		{"not zstd", []byte{frameVersion, packZstd, 0x20, 5, 0xff, 0xff, 0xff, 0xff}, ErrGarbage, RefusedGarbage},
		{"unknown dictionary", append([]byte{frameVersion, packZstd}, other[len(zstdMagic):]...), ErrUnknownDictionary, RefusedDictionary},
		{"no incarnation", frame(wireFrame{First: 1}), ErrGarbage, RefusedGarbage},
		{"first entry 0", frame(wireFrame{Incarnation: goldenInc}), ErrGarbage, RefusedGarbage},
		{"first entry beyond reason", frame(wireFrame{Incarnation: goldenInc, First: 1 << 63}), ErrGarbage, RefusedGarbage},
		{"a loss of nothing", frame(wireFrame{Incarnation: goldenInc, First: 3, LostFrom: 3, Lost: Digest{1}, Prev: FrameKey{1}}), ErrGarbage, RefusedGarbage},
		{"a loss with another digest", frame(wireFrame{Incarnation: goldenInc, First: 3, LostFrom: 1, Lost: Digest{2}, Prev: FrameKey{1}}), ErrGarbage, RefusedGarbage},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := DecodeFrame(c.data)
			if !errors.Is(err, c.want) || RefusalOf(err) != c.says {
				t.Errorf("%v, refused with %q; want %v, %q", err, RefusalOf(err), c.want, c.says)
			}
		})
	}
}
