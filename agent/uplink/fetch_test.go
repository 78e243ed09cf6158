package uplink

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ark"
	"ark/internal/process"
	"ark/internal/testca"
	"ark/internal/tmpfs"
)

func TestALibraryComesAndOnlyWhatIsMissing(t *testing.T) {
	o := newOffice(t)
	c := o.van(t.TempDir(), nil)
	one, m := o.publish(1, 3, 2, 1)
	c.fetcher.Want(one)
	first := c.await("the first word", func(ark.LibraryState) bool { return true })
	if first.Stage != ark.LibraryComing || first.Version != 1 || first.Held != 0 {
		t.Errorf("first it says %+v", first)
	}
	c.holds(one)
	sent := o.bodies.Load()
	if want := one.Size + m.Announcements[0].Recordings[0].Size + m.Announcements[1].Recordings[0].Size + m.Announcements[2].Recordings[0].Size; sent != want {
		t.Errorf("%d bytes were sent, want %d", sent, want)
	}
	// the next has one recording in place of two
	m.Version, m.Announcements = 2, m.Announcements[:1]
	data, err := ark.EncodeManifest(m)
	check(t, err)
	h, size, err := o.dir.Put(t.Context(), bytes.NewReader(data), 1<<20)
	check(t, err)
	two := ark.Library{Version: 2, Manifest: h, Size: size}
	c.fetcher.Want(two)
	c.holds(two)
	if got := o.bodies.Load() - sent; got != size {
		t.Errorf("%d bytes were sent for a manifest of %d", got, size)
	}
	c.stop() // after a restart nothing is fetched
	o.stop()
	again := o.van(c.dir, nil)
	again.fetcher.Want(two)
	again.holds(two)
}

// The hub goes away in the middle, again and again: what came is not sent
// twice.
func TestADownloadGoesOnWhereItWas(t *testing.T) {
	o := newOffice(t)
	l, m := o.publish(1, 20, 20)
	var cuts atomic.Int64
	o.set(func(w http.ResponseWriter, r *http.Request) bool {
		if cuts.Add(1)%3 == 0 {
			return false
		}
		o.counter.ServeHTTP(&cutOff{ResponseWriter: w, left: 300_000}, r)
		return true
	})
	c := o.van(t.TempDir(), nil)
	c.fetcher.Want(l)
	c.holds(l)
	total := l.Size
	for _, a := range m.Announcements {
		total += a.Recordings[0].Size
	}
	if sent := o.bodies.Load(); sent > total+total/3 || cuts.Load() < 4 {
		t.Errorf("%d bytes were sent for %d, in %d requests", sent, total, cuts.Load())
	}
}

// cutOff breaks the connection after some bytes.
type cutOff struct {
	http.ResponseWriter
	left int
}

func (c *cutOff) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *cutOff) Write(b []byte) (int, error) {
	n := min(len(b), c.left)
	c.left -= n
	if n > 0 {
		c.ResponseWriter.Write(b[:n])
	}
	if c.left == 0 {
		http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, nil
}

// The van loses its power in the middle: what came is gone on with.
func TestAPartSurvivesARestart(t *testing.T) {
	o := newOffice(t)
	l, m := o.publish(1, 60)
	size := m.Announcements[0].Recordings[0].Size
	c := o.van(t.TempDir(), func(f *FetcherConfig) { f.Rate = 2 << 20 })
	c.fetcher.Want(l)
	part := c.shelf.Recording(m.Announcements[0].Recordings[0].Content) + ".part"
	waitUntil(t, "some of it", func() bool { st, err := os.Stat(part); return err == nil && st.Size() > 500_000 })
	c.stop()
	st, err := os.Stat(part)
	check(t, err)
	asked := make(chan string, 9)
	o.set(func(w http.ResponseWriter, r *http.Request) bool { asked <- r.Header.Get("Range"); return false })
	again := o.van(c.dir, nil)
	again.fetcher.Want(l)
	again.holds(l)
	if got, want := <-asked, fmt.Sprintf("bytes=%d-", st.Size()); got != want || len(asked) != 0 || st.Size() >= size {
		t.Errorf("it asked for %q, want %q, and %d times more", got, want, len(asked))
	}
}

// Whatever a hub gives that is not what was asked for is never used; once it
// gives the right thing the van has it.
func TestALyingHub(t *testing.T) {
	for name, lie := range map[string]func(w http.ResponseWriter, r *http.Request, right []byte){
		"wrong bytes": func(w http.ResponseWriter, _ *http.Request, right []byte) {
			wrong := bytes.Clone(right)
			wrong[len(wrong)/2] ^= 1
			w.Write(wrong)
		},
		"nothing":   func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(200) },
		"too short": func(w http.ResponseWriter, _ *http.Request, right []byte) { w.Write(right[:len(right)/2]) },
		"too long":  func(w http.ResponseWriter, _ *http.Request, right []byte) { w.Write(right); w.Write(right) },
		"without end": func(w http.ResponseWriter, _ *http.Request, right []byte) {
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		},
		"another range": func(w http.ResponseWriter, r *http.Request, right []byte) {
			w.Header().Set("Content-Range", "bytes 5-"+strconv.Itoa(len(right)-1)+"/"+strconv.Itoa(len(right)))
			w.WriteHeader(206)
			w.Write(right[5:])
		},
		"range of a giant": func(w http.ResponseWriter, r *http.Request, right []byte) {
			w.Header().Set("Content-Range", "bytes 0-9/999999999999")
			w.WriteHeader(206)
			w.Write(right)
		},
		"it is elsewhere": func(w http.ResponseWriter, r *http.Request, _ []byte) {
			http.Redirect(w, r, "https://127.0.0.1:1/blobs/x", http.StatusFound)
		},
		"not satisfiable": func(w http.ResponseWriter, r *http.Request, _ []byte) { w.WriteHeader(416) },
		"a page": func(w http.ResponseWriter, r *http.Request, _ []byte) {
			io.WriteString(w, "<html>please sign in</html>")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			l, m := o.publish(1, 1, 2)
			bad := m.Announcements[1].Recordings[0].Content
			var lies atomic.Int64
			o.set(func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, bad.String()) || lies.Add(1) > 3 {
					return false
				}
				b, err := o.dir.Open(bad)
				check(t, err)
				defer b.Close()
				right, err := io.ReadAll(b)
				check(t, err)
				lie(w, r, right)
				return true
			})
			c := o.van(t.TempDir(), nil)
			c.fetcher.Want(l)
			s := c.await("failed", func(s ark.LibraryState) bool { return s.Stage == ark.LibraryFailed })
			if s.Held != 0 || len(s.Missing) != 1 || s.Missing[0] != bad || s.Have <= 0 || s.Have >= s.Want {
				t.Errorf("says %+v", s)
			}
			c.holds(l)
			if lies.Load() < 4 {
				t.Errorf("it asked %d times", lies.Load())
			}
		})
	}
}

func TestALyingManifest(t *testing.T) {
	o := newOffice(t)
	l, m := o.publish(1, 1)
	m.Version = 7
	data, err := ark.EncodeManifest(m)
	check(t, err)
	h, size, err := o.dir.Put(t.Context(), bytes.NewReader(data), 1<<20)
	check(t, err)
	junk, junkSize, err := o.dir.Put(t.Context(), strings.NewReader("rubbish"), 1<<20)
	check(t, err)
	c := o.van(t.TempDir(), nil)
	for name, bad := range map[string]ark.Library{
		"of another version": {Version: 2, Manifest: h, Size: size}, "no manifest": {Version: 3, Manifest: junk, Size: junkSize},
		"not there": {Version: 4, Manifest: ark.Hash{1}, Size: 9}, "of another size": {Version: 1, Manifest: l.Manifest, Size: l.Size - 1},
	} {
		c.fetcher.Want(bad)
		c.await(name, func(s ark.LibraryState) bool { return s.Version == bad.Version && failed(ark.WhyRefused)(s) })
		if c.shelf.Held() != (ark.Library{}) {
			t.Errorf("%s: %+v is in use", name, c.shelf.Held())
		}
	}
	c.fetcher.Want(l)
	c.holds(l)
}

func TestWhyALibraryDoesNotCome(t *testing.T) {
	o := newOffice(t)
	l, _ := o.publish(1, 1)
	o.revoked = true
	c := o.van(t.TempDir(), nil)
	c.fetcher.Want(l)
	c.await("revoked", failed(ark.WhyRefused))
	o.stop()
	c.await("gone", failed(ark.WhyUnreachable))
	o.mu.Lock()
	o.revoked = false
	o.mu.Unlock()
	o.again()
	c.holds(l)
}

func TestACertificateThatIsNoneIsRefused(t *testing.T) {
	o := newOffice(t)
	l, _ := o.publish(1, 1)
	foreign := testca.New(t).Van(t, "van-1")
	foreign.RootCAs = o.ca.Van(t, "van-1").RootCAs
	for name, bad := range map[string]*tls.Config{"expired": o.ca.Expired(t, "van-1"), "another authority's": foreign} {
		c := o.van(t.TempDir(), func(f *FetcherConfig) { f.TLS = func() (*tls.Config, error) { return bad.Clone(), nil } })
		c.fetcher.Want(l)
		c.await(name, failed(ark.WhyRefused))
		c.stop()
	}
}

// A later wish ends an earlier one, however long that would have taken.
func TestALaterLibraryTakesThePlaceOfAnEarlier(t *testing.T) {
	o := newOffice(t)
	big, m := o.publish(1, 60)
	small, _ := o.publish(2, 1)
	slow := m.Announcements[0].Recordings[0].Content.String()
	hanging := make(chan struct{})
	o.set(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, slow) {
			return false
		}
		close(hanging)
		<-r.Context().Done()
		return true
	})
	c := o.van(t.TempDir(), nil)
	c.fetcher.Want(big)
	<-hanging
	c.fetcher.Want(small)
	c.holdsAtLast(small)
}

// holdsAtLast is holds where parts of an earlier wish may lie.
func (c *fetching) holdsAtLast(l ark.Library) {
	c.t.Helper()
	s := c.await("held", func(s ark.LibraryState) bool { return s.Stage == ark.LibraryHeld })
	if s.Version != l.Version || c.shelf.Held() != l {
		c.t.Errorf("held: %+v", s)
	}
}

func TestAStalledHubIsLeft(t *testing.T) {
	o := newOffice(t)
	l, m := o.publish(1, 10)
	slow := m.Announcements[0].Recordings[0].Content.String()
	var asked atomic.Int64
	o.set(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, slow) || asked.Add(1) > 1 {
			return false
		}
		w.Header().Set("Content-Length", "960044")
		w.Write(make([]byte, 10))
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
		return true
	})
	c := o.van(t.TempDir(), func(f *FetcherConfig) { f.Tries.Stall = 200 * time.Millisecond })
	c.fetcher.Want(l)
	c.await("stalled", failed(ark.WhyUnreachable))
	c.await("held", func(s ark.LibraryState) bool { return s.Stage == ark.LibraryHeld })
}

// A full card keeps the library it has and says so; with room it takes the
// next.
func TestAFullCard(t *testing.T) {
	o := newOffice(t)
	one, _ := o.publish(1, 1)
	two, _ := o.publish(2, 30)
	for name, disk := range map[string]func(dir string) func() (int64, int64){
		"seen before":   func(dir string) func() (int64, int64) { return func() (int64, int64) { return process.Free(dir) } },
		"found by want": func(string) func() (int64, int64) { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			dir := tmpfs.Mount(t, "5m")
			o.t = t
			c := o.van(dir, func(f *FetcherConfig) { f.Disk = disk(dir) })
			c.fetcher.Want(one)
			c.holds(one)
			ballast := filepath.Join(dir, "ballast")
			check(t, os.WriteFile(ballast, make([]byte, 3<<20), 0o600))
			c.fetcher.Want(two)
			if s := c.await("full", failed(ark.WhyDiskFull)); s.Held != 1 || c.shelf.Held() != one {
				t.Errorf("says %+v; %+v is in use", s, c.shelf.Held())
			}
			check(t, os.Remove(ballast))
			c.holds(two)
		})
	}
}

func TestARateIsKept(t *testing.T) {
	began := time.Now()
	r := newRate(1 << 20)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range 4 {
				check(t, r.wait(t.Context(), 32<<10))
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("256 kB at 1 MB/s took %v", took)
	}
}
