package crew

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// upload sends a piece of an attachment to a bench whose folder takes
// everything; read is what the folder was given.
func (h *handset) upload(body io.Reader) (status, read int) {
	h.crew.c.Files = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		buf := make([]byte, 32<<10)
		for {
			n, err := r.Body.Read(buf)
			if read += n; err == io.EOF {
				return
			}
			if err != nil {
				w.WriteHeader(http.StatusRequestTimeout)
				return
			}
		}
	})
	r := httptest.NewRequest("PATCH", "http://van-1.local/api/2/files/x", body)
	r.Header.Set("Authorization", "Bearer "+h.token)
	w := httptest.NewRecorder()
	h.crew.Handler().ServeHTTP(w, r)
	return w.Code, read
}

// striker strikes a phone off once so much of an attachment was read.
type striker struct {
	io.Reader
	after int
	do    func()
}

func (s *striker) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	if s.after -= n; s.after <= 0 && s.do != nil {
		s.do()
		s.do = nil
	}
	return n, err
}

// A phone that is struck off in the middle of an attachment does not bring it
// to its end: it could be at it for hours.
func TestAPhoneIsStruckOffInTheMiddle(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	whole := strings.Repeat("x", 4*arrivingPart)
	if status, read := h.upload(strings.NewReader(whole)); status != http.StatusOK || read != len(whole) {
		t.Errorf("%d, %d bytes", status, read)
	}
	strike := func() {
		if err := b.store.Strike(t.Context(), h.id, "lin"); err != nil {
			t.Error(err)
		}
	}
	if status, read := h.upload(&striker{strings.NewReader(whole), 10, strike}); status != http.StatusRequestTimeout || read > arrivingPart+32<<10 {
		t.Errorf("%d, %d bytes", status, read)
	}
	if status, read := h.upload(strings.NewReader(whole)); status != http.StatusForbidden || read != 0 {
		t.Errorf("afterwards: %d, %d bytes", status, read)
	}
}

// One phone does not fill the card with attachments, and keeps nobody else from
// sending any.
func TestOnePhoneDoesNotFillTheCard(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	b.stands = b.clock.Now()
	for range arrivingBurst {
		b.crew.arriving.takes(h.id, b.stands.Mono)
	}
	if status, read := h.upload(strings.NewReader("x")); status != http.StatusTooManyRequests || read != 0 {
		t.Errorf("%d, %d bytes", status, read)
	}
	if status, _ := b.enrolled().upload(strings.NewReader("x")); status != http.StatusOK {
		t.Errorf("another phone: %d", status)
	}
	b.stands.Mono += arrivingEvery + time.Millisecond
	if status, _ := h.upload(strings.NewReader("x")); status != http.StatusOK {
		t.Errorf("later: %d", status)
	}
}
