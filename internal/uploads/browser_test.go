package uploads

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"ark/internal/browser"
)

// pageContent is what client.js sends.
func pageContent(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

// cutting hangs up on every third of the large pieces, after some of it was
// taken.
func cutting(h http.Handler, cuts *atomic.Int64) http.Handler {
	var pieces atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch && r.ContentLength > 100_000 && pieces.Add(1)%3 == 2 {
			cuts.Add(1)
			r.Body = struct {
				io.Reader
				io.Closer
			}{io.LimitReader(r.Body, 50_000), r.Body}
			h.ServeHTTP(mute{w}, r)
			panic(http.ErrAbortHandler)
		}
		h.ServeHTTP(w, r)
	})
}

// mute says nothing.
type mute struct{ http.ResponseWriter }

func (m mute) Write(b []byte) (int, error) { return len(b), nil }
func (m mute) WriteHeader(int)             {}
func (m mute) Unwrap() http.ResponseWriter { return m.ResponseWriter }

// A client that others keep gets its content here, over a line that is cut,
// and understands what it is told.
func TestTusJSClient(t *testing.T) {
	folder, err := OpenFolder(t.TempDir(), time.Now)
	must(t, err)
	files := New(Config{Folder: folder, Base: "/files", Most: 10 << 20, Log: quiet,
		Owner: func(r *http.Request) (string, bool) { return r.Header.Get("Owner"), r.Header.Get("Owner") != "" }})
	var cuts atomic.Int64
	m := http.NewServeMux()
	m.Handle("/files", files)
	m.Handle("/files/", cutting(files, &cuts))
	m.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `<!doctype html><link rel="icon" href="data:,"><script src="tus-js-client/tus.min.js"></script><script src="client.js"></script>`)
	})
	m.Handle("/", http.FileServer(http.Dir("testdata")))
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	page := browser.Open(t, browser.Desk)
	page.Go(server.URL + "/")
	data := pageContent(1_500_000)
	h := sha256.Sum256(data)
	sum := hex.EncodeToString(h[:])
	ask := func(call, want string) {
		t.Helper()
		page.Await(fmt.Sprintf("(%s, true)", call))
		page.Await("said !== ''")
		page.Await(fmt.Sprintf("said === %q || (() => { throw new Error(said) })()", want))
	}
	ask(fmt.Sprintf("upload(1500000, %q)", sum), "done")
	c, err := folder.Open(h)
	must(t, err)
	defer c.Close()
	if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, data) {
		t.Errorf("something else came: %d bytes, %v", len(got), err)
	}
	if cuts.Load() == 0 {
		t.Error("nothing was cut: this proves less than it says")
	}
	ask(fmt.Sprintf("upload(1500000, %q)", sum), "done") // it is there already
	ask(fmt.Sprintf("upload(1000, %q)", sum[:62]+"00"), "error 460")
	other := sha256.Sum256(pageContent(900_000))
	ask(fmt.Sprintf("giveUp(900000, %q)", hex.EncodeToString(other[:])), "given up")
	if n, err := folder.count(); n != 0 || err != nil {
		t.Errorf("%d uploads are left, %v", n, err)
	}
}
