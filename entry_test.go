package ark

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestEntryKeepsWhatItIsGiven(t *testing.T) {
	id := goldenID(1)
	body := encoded(t, KindStop, Stop{NotAfter: 1})
	cases := []struct {
		name string
		at   Stamp
	}{
		{"trusted", Stamp{Wall: id.Time(), Boot: BootID{1}, Mono: 5 * time.Second, Trusted: true}},
		{"1970, and the id of later", Stamp{Wall: 3_000, Mono: time.Millisecond}},
		{"before 1970", Stamp{Wall: -5_000}},
		{"far ahead", Stamp{Wall: 1 << 50, Mono: 1 << 40 * time.Millisecond, Trusted: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := Entry{ID: id, Kind: KindStop, At: c.at, Body: body}
			got, err := DecodeEntry(encodedEntry(t, want))
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, want)
		})
	}
}

// shortened changes the length of the first byte string, of 16 bytes, by a
// byte: 0xa5 0x01 0x50 …
func shortened(raw []byte, by int) []byte {
	at := bytes.IndexByte(raw, 0x50)
	out := append(bytes.Clone(raw[:at]), byte(0x50+by))
	return append(append(out, raw[at+1:at+1+min(16, 16+by)]...), append(make([]byte, max(by, 0)), raw[at+17:]...)...)
}

func TestEntriesThatAreRefused(t *testing.T) {
	good := wireEntry{ID: goldenID(1), Kind: KindStop, Body: []byte{0xa0}}
	with := func(change func(w *wireEntry)) []byte {
		w := good
		change(&w)
		return mustMode(encMode.Marshal(w))
	}
	cases := []struct {
		name string
		raw  []byte
		want error
	}{
		{"good", with(func(*wireEntry) {}), nil},
		{"empty", nil, ErrGarbage},
		{"no id", with(func(w *wireEntry) { w.ID = ID{} }), ErrGarbage},
		{"an id of version 4", with(func(w *wireEntry) { w.ID[6] = 0x40 }), ErrGarbage},
		{"no kind", with(func(w *wireEntry) { w.Kind = 0 }), ErrGarbage},
		{"a kind of tomorrow", with(func(w *wireEntry) { w.Kind = 500 }), nil},
		{"no time a machine runs", with(func(w *wireEntry) { w.Mono = 1 << 63 }), ErrGarbage},
		{"too big", make([]byte, MaxEntry+1), ErrTooBig},
		{"an id of 15 bytes", shortened(with(func(*wireEntry) {}), -1), ErrGarbage},
		{"an id of 17 bytes", shortened(with(func(*wireEntry) {}), +1), ErrGarbage},
		{"something after it", append(with(func(*wireEntry) {}), 0), ErrGarbage},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := DecodeEntry(c.raw); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	large := append([]byte{0x59, MaxEntry >> 8, 0}, make([]byte, MaxEntry)...)
	if _, err := EncodeEntry(Entry{ID: goldenID(1), Kind: KindVisit, Body: large}); !errors.Is(err, ErrTooBig) {
		t.Errorf("an entry too big is encoded: %v", err)
	}
}
