package ark

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
)

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
