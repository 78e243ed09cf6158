package sound

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"ark"
)

func TestWAVRefusals(t *testing.T) {
	good := ark.EncodeWAV(noise(1, time.Millisecond))
	if _, err := parseWAV(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func([]byte) []byte{
		"empty": func(b []byte) []byte { return nil }, "cut": func(b []byte) []byte { return b[:50] },
		"stereo": func(b []byte) []byte { b[22] = 2; return b }, "rate": func(b []byte) []byte { b[24]++; return b },
		"8 bit": func(b []byte) []byte { b[34] = 8; return b }, "no data": func(b []byte) []byte { return b[:36] },
		"huge": func(b []byte) []byte { b[43] = 0xff; return b },
	} {
		if _, err := parseWAV(change(bytes.Clone(good))); !errors.Is(err, ErrWAV) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseWAV(f *testing.F) {
	f.Add(ark.EncodeWAV(noise(1, time.Millisecond)))
	f.Fuzz(func(t *testing.T, data []byte) {
		samples, err := parseWAV(data)
		if err == nil && len(samples)%2 != 0 {
			t.Fatal("half a frame")
		}
	})
}
