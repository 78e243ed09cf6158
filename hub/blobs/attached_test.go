package blobs

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/internal/uploads"
)

// named is hub.Attachments: what visits of van-1 name.
type named struct {
	mu   sync.Mutex
	size map[ark.Hash]int64
	kept map[ark.Hash]int
}

func (n *named) Expected(_ context.Context, van ark.VanID, h ark.Hash) (int64, bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	size, ok := n.size[h]
	return size, ok && van == "van-1", nil
}

func (n *named) Kept(_ context.Context, h ark.Hash) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.kept[h]++
	return nil
}

func (n *named) Here(_ context.Context, hs []ark.Hash) (map[ark.Hash]bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	here := map[ark.Hash]bool{}
	for _, h := range hs {
		here[h] = n.kept[h] > 0
	}
	return here, nil
}

func (n *named) name(data []byte) uploads.Announced {
	n.mu.Lock()
	defer n.mu.Unlock()
	a := uploads.Announced{Hash: ark.HashOf(data), Size: int64(len(data)), Type: "image/jpeg"}
	n.size[a.Hash] = a.Size
	return a
}

// taking is a stand that takes attachments.
func taking(t *testing.T, disk func() (free, total int64)) (*stand, *named) {
	s := newStand(t, Limits{})
	n := &named{size: map[ark.Hash]int64{}, kept: map[ark.Hash]int{}}
	s.counter.c.Attachments, s.counter.c.Disk, s.counter.c.Log = n, disk, quiet
	files := s.counter.takeAttachments()
	s.counter.mux.Handle(attachedBase, files)
	s.counter.mux.Handle(attachedBase+"/", files)
	return s, n
}

func (s *stand) sender(cfg *tls.Config) *uploads.Client {
	return &uploads.Client{HTTP: s.client(cfg), URL: "https://" + s.addr + attachedBase}
}

func refusal(err error) (status int, word string) {
	var no *uploads.Refusal
	if !errors.As(err, &no) {
		return 0, ""
	}
	return no.Status, no.Word
}

func TestAnAttachmentIsTakenAndStays(t *testing.T) {
	s, n := taking(t, nil)
	data := content(100_000, 1)
	a := n.name(data)
	van := s.sender(s.ca.Van(t, "van-1"))
	at, err := van.Announce(t.Context(), a)
	must(t, err)
	at, err = van.Send(t.Context(), a, at, 40_000, bytes.NewReader(data[:40_000]))
	must(t, err)
	if n.kept[a.Hash] != 0 {
		t.Error("it was noted before it was whole")
	}
	at, err = van.Send(t.Context(), a, at, 60_000, bytes.NewReader(data[40_000:]))
	must(t, err)
	if at != 100_000 || n.kept[a.Hash] != 1 {
		t.Errorf("at %d, noted %d times", at, n.kept[a.Hash])
	}
	if at, err = van.Announce(t.Context(), a); err != nil || at != a.Size {
		t.Errorf("announced again: at %d, %v", at, err)
	}
	removed, err := s.dir.Sweep(t.Context(), nil)
	must(t, err)
	if removed != 0 || !bytes.Equal(s.dir.text(t, a.Hash), data) {
		t.Error("it did not stay")
	}
	res, err := s.get(s.client(s.ca.Van(t, "van-1")), "GET", "/blobs/"+ark.Hash(a.Hash).String())
	must(t, err)
	res.Body.Close()
	if res.StatusCode != 404 {
		t.Errorf("a van asks for an attachment: %d", res.StatusCode)
	}
}

// What lies here is noted again where the database forgot it, and nothing else.
func TestADatabaseThatForgot(t *testing.T) {
	s, n := taking(t, nil)
	van := s.sender(s.ca.Van(t, "van-1"))
	var all []ark.Hash
	for seed := range byte(3) {
		data := content(100, seed)
		a := n.name(data)
		_, err := van.Announce(t.Context(), a)
		must(t, err)
		_, err = van.Send(t.Context(), a, 0, a.Size, bytes.NewReader(data))
		must(t, err)
		all = append(all, a.Hash)
	}
	delete(n.kept, all[1])
	must(t, s.counter.Mend(t.Context()))
	for i, h := range all {
		if n.kept[h] != 1 {
			t.Errorf("%d: noted %d times", i, n.kept[h])
		}
	}
}

// A visit that names a content as larger than it is, by mistake or on purpose,
// keeps nobody from bringing it: its hash says what it is.
func TestAnotherVisitNamesItLarger(t *testing.T) {
	s, n := taking(t, nil)
	data := content(1000, 1)
	a := n.name(data)
	n.size[a.Hash] = 5000
	van := s.sender(s.ca.Van(t, "van-1"))
	_, err := van.Announce(t.Context(), a)
	must(t, err)
	if at, err := van.Send(t.Context(), a, 0, a.Size, bytes.NewReader(data)); err != nil || at != a.Size || n.kept[a.Hash] != 1 {
		t.Errorf("at %d, noted %d times, %v", at, n.kept[a.Hash], err)
	}
}

// A van brings what its own visits name, no larger than that, and nothing else:
// it cannot even learn what others brought.
func TestOnlyWhatAVisitOfTheVanNames(t *testing.T) {
	s, n := taking(t, nil)
	data := content(1000, 1)
	a := n.name(data)
	own, other := s.sender(s.ca.Van(t, "van-1")), s.sender(s.ca.Van(t, "van-2"))
	strange, larger := a, a
	strange.Hash[0]++
	larger.Size++
	for what, c := range map[string]struct {
		by     *uploads.Client
		a      uploads.Announced
		status int
		word   string
	}{
		"no visit names it":  {own, strange, 404, "not-expected"},
		"another van's":      {other, a, 404, "not-expected"},
		"larger than named":  {own, larger, 422, "wrong-size"},
		"larger than may be": {own, uploads.Announced{Hash: a.Hash, Size: ark.MaxAttachment + 1}, 413, "too-large"},
	} {
		_, err := c.by.Announce(t.Context(), c.a)
		if status, word := refusal(err); status != c.status || word != c.word {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := own.Announce(t.Context(), a)
	must(t, err)
	_, err = own.Send(t.Context(), a, 0, a.Size, bytes.NewReader(data))
	must(t, err)
	if _, err := other.Announce(t.Context(), a); err == nil {
		t.Error("another van learns that it is there")
	}
	r, err := http.NewRequest("HEAD", other.URL+"/"+ark.Hash(a.Hash).String(), nil)
	must(t, err)
	res, err := other.HTTP.Do(r)
	must(t, err)
	res.Body.Close()
	if res.StatusCode != 404 {
		t.Errorf("another van asks for it: %d", res.StatusCode)
	}
}

func TestAttachmentsLeaveRoom(t *testing.T) {
	free := int64(60 << 20)
	s, n := taking(t, func() (int64, int64) { return free, 1 << 30 })
	a := n.name(content(1000, 1))
	van := s.sender(s.ca.Van(t, "van-1"))
	_, err := van.Announce(t.Context(), a)
	must(t, err)
	free = 50 << 20
	_, err = van.Send(t.Context(), a, 0, a.Size, bytes.NewReader(content(1000, 1)))
	if status, word := refusal(err); status != 507 || word != "full" {
		t.Errorf("%v", err)
	}
}

// A piece is ended when its certificate is revoked, and what came before is
// kept for nobody.
// A van in wrong hands fills the disk no faster than by its ration, and others
// have theirs.
func TestAVanHasItsRation(t *testing.T) {
	s, n := taking(t, nil)
	s.counter.c.Limits.Daily = 250_000
	van := s.sender(s.ca.Van(t, "van-1"))
	bring := func(part byte) error {
		data := content(100_000, part)
		a := n.name(data)
		at, err := van.Announce(t.Context(), a)
		if err == nil && at < a.Size {
			_, err = van.Send(t.Context(), a, at, a.Size-at, bytes.NewReader(data[at:]))
		}
		return err
	}
	must(t, bring(1))
	must(t, bring(2))
	if status, word := refusal(bring(3)); status != 507 || word != "ration" {
		t.Errorf("answered %d %s", status, word)
	}
	must(t, bring(1)) // what is here is not brought again
	r := rations{spent: map[ark.VanID]int64{}}
	noon := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	r.spend("van-1", 100, noon)
	if r.left("van-1", 1, 100, noon) || !r.left("van-2", 100, 100, noon) || !r.left("van-1", 100, 100, noon.AddDate(0, 0, 1)) {
		t.Errorf("rations %+v", r.spent)
	}
}

func TestRevokedWhileItSends(t *testing.T) {
	s, n := taking(t, nil)
	data := content(1<<20, 1)
	a := n.name(data)
	cfg := s.ca.Van(t, "van-1")
	van := s.sender(cfg)
	_, err := van.Announce(t.Context(), a)
	must(t, err)
	body := io.MultiReader(bytes.NewReader(data[:1<<19]), &then{func() { s.gate.revoke(cfg) }}, bytes.NewReader(data[1<<19:]))
	if _, err = van.Send(t.Context(), a, 0, a.Size, body); err == nil {
		t.Error("it was taken to its end")
	}
	if _, err = van.Announce(t.Context(), a); err == nil || n.kept[a.Hash] != 0 {
		t.Errorf("%v, noted %d times", err, n.kept[a.Hash])
	}
}

// then does something when the reading comes to it.
type then struct{ do func() }

func (r *then) Read([]byte) (int, error) { r.do(); return 0, io.EOF }

func TestTooManyUploadsAtATime(t *testing.T) {
	s, n := taking(t, nil)
	cfg := s.ca.Van(t, "van-1")
	var held []*io.PipeWriter
	var sending sync.WaitGroup
	for seed := range byte(2) {
		data := content(1000, seed)
		a := n.name(data)
		van := s.sender(cfg)
		_, err := van.Announce(t.Context(), a)
		must(t, err)
		r, w := io.Pipe()
		held = append(held, w)
		sending.Go(func() { van.Send(t.Context(), a, 0, a.Size, r) })
		_, err = w.Write(data[:10])
		must(t, err)
	}
	third := n.name(content(1000, 9))
	for range 1000 { // until both are on their way
		_, err := s.sender(cfg).Announce(t.Context(), third)
		if status, word := refusal(err); status == 503 && strings.Contains(word, "too many") {
			break
		}
	}
	_, err := s.sender(cfg).Announce(t.Context(), third)
	if status, _ := refusal(err); status != 503 {
		t.Errorf("a third at a time: %v", err)
	}
	if _, err := s.sender(s.ca.Van(t, "van-2")).Announce(t.Context(), third); err == nil || strings.Contains(err.Error(), "too many") {
		t.Errorf("another van: %v", err)
	}
	for _, w := range held {
		w.CloseWithError(errors.New("gone"))
	}
	sending.Wait()
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
