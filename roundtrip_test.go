package ark

import "testing"

// A visit from its journal into a frame, out of it, and its receipt back.
func TestFrameRoundTrip(t *testing.T) {
	inc := NewIncarnation([16]byte{1})
	body, err := EncodeBody(KindVisit, Visit{Place: "3幢501", Outcome: Met})
	if err != nil {
		t.Fatal(err)
	}
	e := Entry{ID: NewID(1_790_000_000_000, [10]byte{7}), Kind: KindVisit, Body: body, At: Stamp{Wall: 1_790_000_000_000, Mono: 5e9, Trusted: true}}
	raw, err := EncodeEntry(e)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSender(DefaultPolicy, inc, inc.Start(), inc.Start(), inc.Start().Next(raw))
	s.Connected(9, 0)
	ask, ok := s.Next(0)
	if !ok || ask.From != 1 {
		t.Fatal(ask, ok)
	}
	data, err := EncodeFrame(Frame{Incarnation: inc, First: 1, Prev: inc.Start().Digest.Key(), Entries: [][]byte{raw}, Round: ask.Round}, false)
	if err != nil {
		t.Fatal(err)
	}
	s.Sent(1, 0)
	f, err := DecodeFrame(data)
	if err != nil {
		t.Fatal(err)
	}
	r := NewReceiver(inc, inc.Start())
	got, err := r.Take(f, nil)
	if err != nil || len(got.Entries) != 1 {
		t.Fatal(got, err)
	}
	r.Commit()
	h, err := s.Received(r.Receipt(), 0, nil)
	if err != nil || h != HeardProgress || !s.Settled() {
		t.Fatal(h, err, s.Settled())
	}
}
