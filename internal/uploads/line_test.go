package uploads

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"ark/internal/tmpfs"
)

// raw opens a connection and sends the head of a PATCH.
func (s *stand) raw(owner string, data []byte, at int) net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	must(s.t, err)
	s.t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: van\r\nOwner: %s\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: %d\r\nContent-Length: %d\r\n\r\n",
		pathOf(data), owner, at, len(data)-at)
	return conn
}

// Who sends too little for too long is left, and what came is kept.
func TestTooSlow(t *testing.T) {
	s := newStand(t, Config{Limits: Limits{Stall: 200 * time.Millisecond}})
	data := content(piece+100, 1)
	s.announce("a", data)
	conn := s.raw("a", data, 0)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() { // a byte now and then keeps no place
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for i := 0; i < 1000; i++ {
			select {
			case <-stop:
				return
			case <-tick.C:
				if _, err := conn.Write(data[i : i+1]); err != nil {
					return
				}
			}
		}
	}()
	answer, err := io.ReadAll(io.LimitReader(conn, 15))
	close(stop)
	<-done
	if err != nil || !strings.Contains(string(answer), " 408") {
		t.Errorf("answer %q, %v", answer, err)
	}
	status, offset := s.do("a", "HEAD", pathOf(data), nil)
	if have, err := strconv.Atoi(offset); status != 200 || err != nil || have == 0 {
		t.Errorf("nothing of what came was kept: %d at %q", status, offset)
	}
}

// A connection that died without a word does not keep its phone from going on.
func TestTheNewerRequestGoesOn(t *testing.T) {
	s := newStand(t, Config{})
	data := content(2*piece, 2)
	s.announce("a", data)
	dead := s.raw("a", data, 0)
	_, err := dead.Write(data[:piece+10])
	must(t, err)
	for { // until the first piece is there
		parts, err := os.ReadDir(s.dir + "/part/a")
		must(t, err)
		st, err := parts[0].Info()
		must(t, err)
		if st.Size() >= piece {
			break
		}
	}
	status, offset := s.do("a", "HEAD", pathOf(data), nil)
	have, err := strconv.Atoi(offset)
	if status != 200 || err != nil || have < piece {
		t.Fatalf("%d at %q", status, offset)
	}
	if status, offset = s.patch("a", data, have, len(data)); status != 204 {
		t.Errorf("%d at %q", status, offset)
	}
	s.whole(data)
}

// Over HTTP/2, which the hub speaks, both hold as well: a sender
// that stalls is left, and the newer request goes on.
func TestOverHTTP2(t *testing.T) {
	s := newStand(t, Config{Limits: Limits{Stall: time.Minute}})
	two := httptest.NewUnstartedServer(s.server.Config.Handler)
	two.EnableHTTP2 = true
	two.StartTLS()
	t.Cleanup(two.Close)
	data := content(2*piece, 5)
	s.announce("a", data)
	body, more := io.Pipe()
	r, err := http.NewRequest("PATCH", two.URL+pathOf(data), body)
	must(t, err)
	for k, v := range map[string]string{"Owner": "a", "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": pieceType} {
		r.Header.Set(k, v)
	}
	answered := make(chan int, 1)
	go func() {
		status := 0
		if res, err := two.Client().Do(r); err == nil {
			status = res.StatusCode + 1000*(res.ProtoMajor-2)
			res.Body.Close()
		}
		answered <- status
	}()
	_, err = more.Write(data[:piece+10])
	must(t, err)
	for size := int64(0); size < piece; { // until the first piece is there
		p, err := s.server.Config.Handler.(*Handler).c.Folder.part("a", sha256.Sum256(data))
		must(t, err)
		size = p.have
	}
	status, offset := s.do("a", "HEAD", pathOf(data), nil)
	have, err := strconv.Atoi(offset)
	if status != 200 || err != nil || have < piece {
		t.Fatalf("%d at %q", status, offset)
	}
	if got := <-answered; got != 423 && got != 408 {
		t.Errorf("the older request was answered %d", got)
	}
	more.Close()
	if status, offset = s.patch("a", data, have, len(data)); status != 204 {
		t.Errorf("%d at %q", status, offset)
	}
	s.whole(data)
}

// A full disk is said, and gives back what the upload had of it.
func TestAFullDisk(t *testing.T) {
	s := newStand(t, Config{})
	s.dir = tmpfs.Mount(t, "1m")
	s.restart()
	data := content(2<<20, 3)
	s.announce("a", data)
	r, err := http.NewRequest("PATCH", s.url+pathOf(data), bytes.NewReader(data))
	must(t, err)
	for k, v := range map[string]string{"Owner": "a", "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"} {
		r.Header.Set(k, v)
	}
	r.Header.Set("Expect", "100-continue")
	if res, err := http.DefaultClient.Do(r); err == nil { // else it hung up before it read the answer
		res.Body.Close()
		if res.StatusCode != 507 {
			t.Errorf("%d, want 507", res.StatusCode)
		}
	}
	if status, _ := s.do("a", "HEAD", pathOf(data), nil); status != 404 {
		t.Errorf("the part is still there: %d", status)
	}
	small := content(500_000, 4)
	s.announce("a", small)
	if status, _ := s.patch("a", small, 0, len(small)); status != 204 {
		t.Errorf("what fits: %d", status)
	}
}
