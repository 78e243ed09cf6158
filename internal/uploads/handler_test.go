package uploads

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func content(n int, seed byte) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// stand is a handler behind a real server. restart makes both anew on the same
// folder, as after a power cut.
type stand struct {
	t      *testing.T
	dir    string
	config Config
	url    string
	server *httptest.Server

	mu      sync.Mutex
	arrived []Announced
	fail    error // of Arrived
}

func newStand(t *testing.T, c Config) *stand {
	s := &stand{t: t, dir: t.TempDir(), config: c}
	s.restart()
	t.Cleanup(func() { s.server.Close() })
	return s
}

func (s *stand) restart() {
	s.t.Helper()
	if s.server != nil {
		s.server.CloseClientConnections()
		s.server.Close()
	}
	folder, err := OpenFolder(s.dir, time.Now)
	must(s.t, err)
	c := s.config
	c.Folder, c.Base, c.Log = folder, "/files", quiet
	if c.Most == 0 {
		c.Most = 10 << 20
	}
	c.Owner = func(r *http.Request) (string, bool) { return r.Header.Get("Owner"), r.Header.Get("Owner") != "" }
	c.Arrived = func(_ context.Context, a Announced) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.arrived = append(s.arrived, a)
		return s.fail
	}
	s.server = httptest.NewServer(New(c))
	s.url = s.server.URL
}

func (s *stand) failing(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *stand) came() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.arrived)
}

// do asks as an owner, and gives the status and the offset of the answer.
func (s *stand) do(owner, method, path string, body io.Reader, head ...string) (status int, offset string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	must(s.t, err)
	r.Header.Set("Tus-Resumable", "1.0.0")
	r.Header.Set("Owner", owner)
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Header.Get("Upload-Offset")
}

func pathOf(data []byte) string {
	h := sha256.Sum256(data)
	return "/files/" + hex.EncodeToString(h[:])
}

func metadata(data []byte) string {
	h := sha256.Sum256(data)
	return "sha256 " + base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(h[:]))) + ",type " + base64.StdEncoding.EncodeToString([]byte("image/jpeg"))
}

func (s *stand) announce(owner string, data []byte) (int, string) {
	s.t.Helper()
	return s.do(owner, "POST", "/files", nil, "Upload-Length", strconv.Itoa(len(data)), "Upload-Metadata", metadata(data))
}

func (s *stand) patch(owner string, data []byte, from, to int) (int, string) {
	s.t.Helper()
	return s.do(owner, "PATCH", pathOf(data), bytes.NewReader(data[from:to]), "Upload-Offset", strconv.Itoa(from), "Content-Type", "application/offset+octet-stream")
}

// whole checks that content lies there, alone, and that nothing grows.
func (s *stand) whole(data []byte) {
	s.t.Helper()
	var all []string
	must(s.t, filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, path)
		}
		return err
	}))
	if len(all) != 1 {
		s.t.Fatalf("files: %v", all)
	}
	got, err := os.ReadFile(all[0])
	must(s.t, err)
	if !bytes.Equal(got, data) {
		s.t.Error("something else was kept")
	}
}

func TestContentComesInPieces(t *testing.T) {
	s := newStand(t, Config{})
	data := content(100_000, 1)
	check := func(what string, status int, offset string, wantStatus int, want string) {
		t.Helper()
		if status != wantStatus || offset != want {
			t.Errorf("%s: %d at %q, want %d at %q", what, status, offset, wantStatus, want)
		}
	}
	status, offset := s.announce("a", data)
	check("announced", status, offset, 201, "0")
	status, offset = s.patch("a", data, 0, 40_000)
	check("a piece", status, offset, 204, "40000")
	status, offset = s.announce("a", data)
	check("announced again", status, offset, 201, "40000")
	s.restart()
	status, offset = s.do("a", "HEAD", pathOf(data), nil)
	check("after a restart", status, offset, 200, "40000")
	status, offset = s.patch("a", data, 0, 10)
	check("from elsewhere", status, offset, 409, "40000")
	if s.came() != 0 {
		t.Error("it was said to be whole")
	}
	status, offset = s.patch("a", data, 40_000, 100_000)
	check("the rest", status, offset, 204, "100000")
	s.whole(data)
	if s.came() != 1 {
		t.Errorf("noted %d times", s.came())
	}
	status, offset = s.announce("b", data)
	check("what is there, by another", status, offset, 200, "100000")
	status, offset = s.patch("b", data, 0, 100_000)
	check("and who sends it all the same", status, offset, 204, "100000")
	s.whole(data)
}

// Wherever the line or the power is cut, what came is kept, and the rest makes
// it whole.
func TestCutAnywhere(t *testing.T) {
	data := content(3*piece+17, 2)
	for _, at := range []int{0, 1, piece - 1, piece, piece + 1, 2 * piece, len(data) - 1, len(data)} {
		t.Run(strconv.Itoa(at), func(t *testing.T) {
			s := newStand(t, Config{})
			s.announce("a", data)
			conn := s.raw("a", data, 0)
			conn.Write(data[:at])
			conn.(*net.TCPConn).CloseWrite() // the server reads what came and then the end
			io.Copy(io.Discard, conn)
			s.restart()
			if status, offset := s.do("a", "HEAD", pathOf(data), nil); status != 200 || offset != strconv.Itoa(at) {
				t.Fatalf("%d at %q after a cut at %d", status, offset, at)
			}
			if at < len(data) {
				if status, offset := s.patch("a", data, at, len(data)); status != 204 || offset != strconv.Itoa(len(data)) {
					t.Fatalf("the rest: %d at %q", status, offset)
				}
			}
			s.whole(data)
		})
	}
}

// The power may go after all bytes came and before the file has its name, and
// after that and before it is noted.
func TestCutAtTheEnd(t *testing.T) {
	data := content(piece+5, 3)
	for _, ask := range []func(*stand) (int, string){
		func(s *stand) (int, string) { return s.do("a", "HEAD", pathOf(data), nil) },
		func(s *stand) (int, string) { return s.announce("a", data) },
		func(s *stand) (int, string) { return s.patch("a", data, len(data), len(data)) },
	} {
		s := newStand(t, Config{})
		s.announce("a", data)
		parts, err := filepath.Glob(filepath.Join(s.dir, partial, "a", "*.part"))
		must(t, err)
		must(t, os.WriteFile(parts[0], data, 0o600)) // whole, without its name
		s.failing(errors.New("the power goes"))
		if status, _ := ask(s); status != 503 {
			t.Errorf("%d, though it is not noted", status)
		}
		s.restart()
		s.failing(nil)
		if status, offset := ask(s); status/100 != 2 || offset != strconv.Itoa(len(data)) {
			t.Errorf("%d at %q", status, offset)
		}
		if s.came() != 2 {
			t.Errorf("noted %d times", s.came())
		}
		s.whole(data)
	}
}

func TestWhatIsNotTaken(t *testing.T) {
	no := &Refusal{Status: 422, Word: "no"}
	s := newStand(t, Config{Most: 1000, Accept: func(_ context.Context, a Announced, here bool) error {
		if a.Size == 666 && !here {
			return no
		}
		return nil
	}, Check: func(a Announced, f *os.File) error {
		if a.Size == 667 {
			return no
		}
		return nil
	}})
	small := content(500, 4)
	zero := "sha256 " + base64.StdEncoding.EncodeToString([]byte("00"))
	for what, c := range map[string]struct {
		method, path string
		want         int
		head         []string
	}{
		"no version":         {"POST", "/files", 412, []string{"Tus-Resumable", "0.2.2"}},
		"a stranger":         {"POST", "/files", 403, []string{"Owner", ""}},
		"no length":          {"POST", "/files", 400, []string{"Upload-Metadata", metadata(small)}},
		"nothing":            {"POST", "/files", 400, []string{"Upload-Metadata", metadata(small), "Upload-Length", "0"}},
		"less than nothing":  {"POST", "/files", 400, []string{"Upload-Metadata", metadata(small), "Upload-Length", "-1"}},
		"too large":          {"POST", "/files", 413, []string{"Upload-Metadata", metadata(small), "Upload-Length", "1001"}},
		"no hash":            {"POST", "/files", 400, []string{"Upload-Length", "5"}},
		"half a hash":        {"POST", "/files", 400, []string{"Upload-Length", "5", "Upload-Metadata", zero}},
		"not base64":         {"POST", "/files", 400, []string{"Upload-Length", "5", "Upload-Metadata", "sha256 %%%"}},
		"judged":             {"POST", "/files", 422, []string{"Upload-Metadata", metadata(small), "Upload-Length", "666"}},
		"not announced":      {"PATCH", pathOf([]byte("x")), 404, []string{"Upload-Offset", "0", "Content-Type", "application/offset+octet-stream"}},
		"another media type": {"PATCH", pathOf([]byte("x")), 415, []string{"Upload-Offset", "0"}},
		"no offset":          {"PATCH", pathOf([]byte("x")), 400, []string{"Content-Type", "application/offset+octet-stream"}},
		"nothing there":      {"HEAD", pathOf([]byte("x")), 404, nil},
		"nothing to give up": {"DELETE", pathOf([]byte("x")), 404, nil},
		"a way out":          {"HEAD", "/files/..%2f..%2fetc", 404, nil},
		"a hash in capitals": {"HEAD", "/files/" + fmt.Sprintf("%064X", 10), 404, nil},
		"the list":           {"DELETE", "/files", 405, nil},
		"another method":     {"PUT", pathOf([]byte("x")), 405, nil},
	} {
		if status, _ := s.do("a", c.method, c.path, nil, c.head...); status != c.want {
			t.Errorf("%s: %d, want %d", what, status, c.want)
		}
	}
	if status, _ := s.do("A/..", "POST", "/files", nil, "Upload-Metadata", metadata(small), "Upload-Length", "5"); status != 503 {
		t.Errorf("an owner that is no name: %d", status)
	}
	judged := content(667, 5)
	s.announce("a", judged)
	if status, _ := s.patch("a", judged, 0, 667); status != 422 {
		t.Errorf("judged when it is whole: %d", status)
	}
	s.empty()
}

// empty checks that nothing lies there.
func (s *stand) empty() {
	s.t.Helper()
	must(s.t, filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			s.t.Errorf("left over: %s", path)
		}
		return err
	}))
}

func TestSomethingElseIsRemovedAndSaid(t *testing.T) {
	s := newStand(t, Config{})
	data := content(50_000, 6)
	wrong := bytes.Clone(data)
	wrong[49_999]++
	s.announce("a", data)
	head := []string{"Upload-Offset", "0", "Content-Type", "application/offset+octet-stream"}
	if status, _ := s.do("a", "PATCH", pathOf(data), bytes.NewReader(wrong), head...); status != 460 {
		t.Errorf("%d, want 460", status)
	}
	s.empty()
	s.announce("a", data)
	if status, _ := s.do("a", "PATCH", pathOf(data), bytes.NewReader(append(wrong, 1)), head...); status != 413 {
		t.Errorf("longer than announced: %d", status)
	}
	if s.came() != 0 {
		t.Error("it was noted")
	}
}

// Two phones send the same: each has its own upload, so that neither spoils
// the other's, and it is kept once.
func TestTwoSendTheSame(t *testing.T) {
	s := newStand(t, Config{})
	data := content(80_000, 7)
	s.announce("a", data)
	s.announce("b", data)
	wrong := content(40_000, 8)
	s.do("b", "PATCH", pathOf(data), bytes.NewReader(wrong), "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	if status, offset := s.patch("a", data, 0, 80_000); status != 204 || offset != "80000" {
		t.Errorf("%d at %s", status, offset)
	}
	if status, offset := s.do("b", "HEAD", pathOf(data), nil); status != 200 || offset != "80000" {
		t.Errorf("the other: %d at %s", status, offset)
	}
	s.whole(data)
	if status, _ := s.do("a", "DELETE", pathOf(data), nil); status != 403 {
		t.Errorf("what is kept cannot be given up: %d", status)
	}
}

func TestUploadsAreBounded(t *testing.T) {
	s := newStand(t, Config{Limits: Limits{Each: 2, All: 3}})
	for i, c := range []struct {
		owner string
		seed  byte
		want  int
	}{{"a", 1, 201}, {"a", 2, 201}, {"a", 3, 201}, {"b", 1, 201}, {"b", 2, 503}, {"c", 1, 503}} {
		if status, _ := s.announce(c.owner, content(100, c.seed)); status != c.want {
			t.Errorf("step %d: %d, want %d", i, status, c.want)
		}
	}
	if status, _ := s.do("a", "HEAD", pathOf(content(100, 1)), nil); status != 404 {
		t.Errorf("the oldest made no room: %d", status)
	}
	if status, _ := s.do("a", "DELETE", pathOf(content(100, 2)), nil); status != 204 {
		t.Errorf("giving one up: %d", status)
	}
	if status, _ := s.announce("b", content(100, 2)); status != 201 {
		t.Errorf("after one was given up: %d", status)
	}
	folder, err := OpenFolder(s.dir, func() time.Time { return time.Now().Add(time.Hour) })
	must(t, err)
	if n, err := folder.SweepParts(2 * time.Hour); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := folder.SweepParts(time.Hour); n != 3 || err != nil {
		t.Errorf("%d, %v, want 3", n, err)
	}
	s.empty()
}
