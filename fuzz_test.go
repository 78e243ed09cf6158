package ark

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// Each decoder is fed rubbish: `make fuzz` for a while, and with every
// `go test` the golden files and what was once found, in testdata/fuzz.
// Besides not dying, what decodes must say the same after being encoded again.

// addGolden makes seeds of the golden files.
func addGolden(f *testing.F, kind string) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join(goldenDir, kind+"-*.bin"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no golden files of kind %s: %v", kind, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// coded insists that an error is one of those that a refusal can be chosen by.
func coded(t *testing.T, err error) {
	t.Helper()
	for _, known := range []error{ErrGarbage, ErrVersion, ErrTooBig, ErrUnknownDictionary, ErrUnknownKind} {
		if errors.Is(err, known) {
			return
		}
	}
	t.Fatalf("an error of no known sort: %v", err)
}

func FuzzDecodeFrame(f *testing.F) {
	addGolden(f, "frame")
	for _, b := range bombs() {
		f.Add(append([]byte{frameVersion, packZstd}, b[len(zstdMagic):]...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := DecodeFrame(data)
		if err != nil {
			coded(t, err)
			return
		}
		if len(a.Entries) > maxFrameEntries || a.First == 0 || a.Incarnation.IsZero() {
			t.Fatalf("decoded beyond the limits: %+v", a)
		}
		for _, plain := range []bool{false, true} {
			again, err := EncodeFrame(a, plain)
			if errors.Is(err, ErrTooBig) {
				continue // another encoder packed it tighter than we do
			}
			if err != nil {
				t.Fatal(err)
			}
			b, err := DecodeFrame(again)
			if err != nil {
				t.Fatalf("what was encoded again does not decode: %v", err)
			}
			same(t, b, a)
		}
	})
}

func FuzzDecodeReceipt(f *testing.F) {
	addGolden(f, "receipt")
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := DecodeReceipt(data)
		if err != nil {
			coded(t, err)
			return
		}
		again, err := EncodeReceipt(a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := DecodeReceipt(again)
		if err != nil {
			t.Fatalf("what was encoded again does not decode: %v", err)
		}
		same(t, b, a)
	})
}

func FuzzDecodeEntry(f *testing.F) {
	addGolden(f, "entry")
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := DecodeEntry(data)
		if err != nil {
			coded(t, err)
			return
		}
		again, err := EncodeEntry(a)
		if err != nil {
			if errors.Is(err, ErrTooBig) && len(data) > MaxEntry-64 {
				return
			}
			t.Fatalf("what was decoded does not encode: %v", err)
		}
		b, err := DecodeEntry(again)
		if err != nil {
			t.Fatalf("what was encoded again does not decode: %v", err)
		}
		same(t, b, a)
	})
}

func FuzzDecodeBody(f *testing.F) {
	for k, body := range goldenBodies {
		b, err := EncodeBody(k, body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint16(k), b)
	}
	f.Add(uint16(77), []byte{0xa0})
	f.Fuzz(func(t *testing.T, kind uint16, data []byte) {
		k := Kind(kind)
		a, err := DecodeBody(k, data)
		if err != nil {
			coded(t, err)
			return
		}
		first, err := EncodeBody(k, a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := DecodeBody(k, first)
		if err != nil {
			t.Fatalf("what was encoded again does not decode: %v", err)
		}
		second, err := EncodeBody(k, b)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%x, then %x: %v", first, second, err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add(pack([]byte("翠苑一区3幢2单元501室"))[2:])
	for _, b := range bombs() {
		f.Add(b[len(zstdMagic):])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := unpack(data)
		if err != nil {
			coded(t, err)
			return
		}
		if len(out) > MaxFrameDecoded {
			t.Fatalf("%d bytes came out", len(out))
		}
		back, err := unpack(pack(out)[2:])
		if err != nil || !bytes.Equal(back, out) {
			t.Fatalf("packed again and unpacked: %d bytes, want %d: %v", len(back), len(out), err)
		}
	})
}

func FuzzParseTopic(f *testing.F) {
	for _, c := range []Channel{Journal, JournalReceipt, Orders, OrdersReceipt, Presence, "x"} {
		f.Add(VanID("van-1").Topic(c))
	}
	for _, s := range []string{"", "ark/1/00/van-1/journal", "ark/2/" + VanID("van-1").Shard() + "/van-1/journal", "ark/1/+/#", "ark/1/a/b/c/d/e/f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		van, c, err := ParseTopic(s)
		if err == nil && (van.Topic(c) != s || strings.ContainsAny(s, "+#\x00")) {
			t.Fatalf("%q is van %q and channel %q, whose topic is %q", s, van, c, van.Topic(c))
		}
	})
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{goldenID(1).String(), goldenInc.String(), "", strings.ToUpper(goldenID(1).String()), "{" + goldenID(1).String() + "}", "urn:uuid:" + goldenID(1).String()} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err == nil && (!strings.EqualFold(id.String(), s) || id[6]>>4 != 7 || id.IsZero()) {
			t.Fatalf("%q is %s", s, id)
		}
	})
}

func FuzzParseVanID(f *testing.F) {
	for _, s := range []string{"van-1", "", "Van-1", "van/1", "van 1", strings.Repeat("a", 33), "方舟", "van-1\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		van, err := ParseVanID(s)
		if err == nil && (string(van) != s || len(s) > 32 || !utf8.ValidString(s) || strings.ContainsAny(s, "/+#\n\x00 ")) {
			t.Fatalf("%q is van %q", s, van)
		}
	})
}
