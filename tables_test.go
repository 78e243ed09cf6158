package ark

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestVisitCheck(t *testing.T) {
	good := Visit{Place: "3幢501", Outcome: Met}
	with := func(change func(v *Visit)) Visit {
		v := good
		change(&v)
		return v
	}
	cases := []struct {
		name  string
		visit Visit
		want  error
	}{
		{"good", good, nil},
		{"no place", with(func(v *Visit) { v.Place = "" }), ErrNoPlace},
		{"no outcome", with(func(v *Visit) { v.Outcome = 0 }), ErrNoOutcome},
		{"outcome 5", with(func(v *Visit) { v.Outcome = Moved + 1 }), ErrNoOutcome},
		{"longest place", with(func(v *Visit) { v.Place = strings.Repeat("幢", MaxPlace) }), nil},
		{"place too long", with(func(v *Visit) { v.Place = strings.Repeat("幢", MaxPlace+1) }), ErrTooLong},
		{"longest need", with(func(v *Visit) { v.Need = strings.Repeat("修", MaxWords) }), nil},
		{"need too long", with(func(v *Visit) { v.Need = strings.Repeat("修", MaxWords+1) }), ErrTooLong},
		{"note too long", with(func(v *Visit) { v.Note = strings.Repeat("x", MaxWords+1) }), ErrTooLong},
		{"person too long", with(func(v *Visit) { v.Person = strings.Repeat("王", MaxPerson+1) }), ErrTooLong},
		{"name of crew too long", with(func(v *Visit) { v.By = strings.Repeat("李", MaxPerson+1) }), ErrTooLong},
		{"most services", with(func(v *Visit) { v.Services = make([]Service, MaxServices) }), nil},
		{"too many services", with(func(v *Visit) { v.Services = make([]Service, MaxServices+1) }), ErrTooLong},
		{"a service nobody knows", with(func(v *Visit) { v.Services = []Service{"pedicure"} }), nil},
		{"service too long", with(func(v *Visit) { v.Services = []Service{Service(strings.Repeat("k", MaxPerson+1))} }), ErrTooLong},
		{"not UTF-8", with(func(v *Visit) { v.Note = "\xff" }), ErrNotText},
		{"cut in a character", with(func(v *Visit) { v.Place = "幢"[:2] }), ErrNotText},
		{"a NUL", with(func(v *Visit) { v.Need = "a\x00b" }), ErrNotText},
		{"a service with a NUL", with(func(v *Visit) { v.Services = []Service{"\x00"} }), ErrNotText},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.visit.Check(); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			encoded, err := EncodeBody(KindVisit, c.visit)
			if err != nil {
				return // bytes that are no text do not even encode
			}
			if _, err := DecodeBody(KindVisit, encoded); (err == nil) != (c.want == nil) {
				t.Errorf("decoded: %v, want %v", err, c.want)
			}
		})
	}
}

func TestOutcomesReadAndWrite(t *testing.T) {
	for _, o := range Outcomes {
		if back, err := ParseOutcome(o.String()); err != nil || back != o {
			t.Errorf("%s: %v, %v", o, back, err)
		}
	}
	for _, s := range []string{"", "unknown", "Met", "5"} {
		if o, err := ParseOutcome(s); err == nil {
			t.Errorf("%q is %v", s, o)
		}
	}
}

func TestTimeWord(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	foreign := ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", 32)))
	pub := key.Public().(ed25519.PublicKey)
	nonce := [8]byte{1, 2, 3}
	word := SignTime(key, "van-1", nonce, 1_790_000_000_000)
	changed := func(change func(w *TimeWord)) TimeWord {
		w := word
		w.Signature = append([]byte(nil), word.Signature...)
		change(&w)
		return w
	}
	cases := []struct {
		name string
		word TimeWord
		van  VanID
		key  ed25519.PublicKey
		want error
	}{
		{"good", word, "van-1", pub, nil},
		{"for another van", word, "van-2", pub, ErrTimeWord},
		{"of another hub", SignTime(foreign, "van-1", nonce, word.Wall), "van-1", pub, ErrTimeWord},
		{"a millisecond later", changed(func(w *TimeWord) { w.Wall++ }), "van-1", pub, ErrTimeWord},
		{"another nonce", changed(func(w *TimeWord) { w.Nonce[7]++ }), "van-1", pub, ErrTimeWord},
		{"a bit of the signature", changed(func(w *TimeWord) { w.Signature[9] ^= 1 }), "van-1", pub, ErrTimeWord},
		{"half a signature", changed(func(w *TimeWord) { w.Signature = w.Signature[:32] }), "van-1", pub, ErrTimeWord},
		{"no signature", TimeWord{Nonce: nonce, Wall: word.Wall}, "van-1", pub, ErrTimeWord},
		{"no key", word, "van-1", nil, ErrTimeWord},
		{"the van's name ends in the nonce", SignTime(key, "van-1\x00\x01", nonce, word.Wall), "van-1", pub, ErrTimeWord},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.word.Verify(c.key, c.van); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

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
