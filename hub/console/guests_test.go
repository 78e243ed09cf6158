package console

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ark"
	"ark/internal/browser"
	"ark/internal/web"
)

func TestTheLibraryIsForThoseWhoSignedIn(t *testing.T) {
	b := newShelf(t)
	e := b.saved(b.signedIn(), "停水通知")
	hash := b.history("a-20261124-1")[0].Recordings[0].Content.String()
	stranger := b.person()
	for _, path := range []string{"/library", "/library/new", e.path, "/library/languages", "/library/blobs/" + hash + "?of=a-20261124-1", "/library/waves/" + hash + "?of=a-20261124-1"} {
		if a := stranger.get(path); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/login") {
			t.Errorf("%s: got %d to %q", path, a.status, a.to)
		}
	}
	for _, path := range []string{"/library/edit", e.path + "/withdraw", e.path + "/restore", "/library/languages"} {
		if a := stranger.post(path, "language", "en"); a.to != "/login" {
			t.Errorf("POST %s: got %d to %q", path, a.status, a.to)
		}
	}
	stranger.get("/api/1/announcements").wants(t, http.StatusUnauthorized, "not-signed-in")
}

// Only what belongs to an announcement, or to this session's drafts, is given.
func TestOnlyWhatBelongsHereIsHeard(t *testing.T) {
	b := newShelf(t)
	p := b.signedIn()
	e := p.opens("/library/new")
	e.does("upload.en", "en", wavOf(1.3))
	at := regexp.MustCompile(`/library/blobs/[^"]+`).FindString(e.page.body)
	at = strings.ReplaceAll(at, "&amp;", "&")
	if a := p.get(at); a.status != http.StatusOK || len(a.body) < 90_000 {
		t.Errorf("one's own take: got %d, %d bytes", a.status, len(a.body))
	}
	if a := b.signedIn().get(at); a.status != http.StatusNotFound {
		t.Errorf("another session's take: got %d", a.status)
	}
	stray, _, err := b.parts.Blobs.Put(t.Context(), bytesOf([]byte("a manifest, say")), 1000)
	must(t, err)
	b.saved(p, "停水通知")
	for _, path := range []string{stray.String() + "?of=a-20261124-1", stray.String(), strings.Repeat("0", 64) + "?of=a-20261124-1", "..%2f..%2fhub.db?of=a-20261124-1", "x?of=../x"} {
		for _, kind := range []string{"/library/blobs/", "/library/waves/"} {
			if a := p.get(kind + path); a.status != http.StatusNotFound {
				t.Errorf("%s%s: got %d", kind, path, a.status)
			}
		}
	}
	b.pass(draftLife)
	if a := p.get(at); a.status != http.StatusNotFound {
		t.Errorf("a take an hour later: got %d", a.status)
	}
	e.does("save").page.wants(t, http.StatusOK, "刚才做的录音已经没有了")
}

// Takes that nobody saves are bounded for a session, and let go of with it.
func TestTakesAreBounded(t *testing.T) {
	b := newShelf(t)
	must(t, b.store.SetLanguages(t.Context(), []ark.Language{"en", "fr", "de", "it", "es", "ja"}, staff))
	p := b.signedIn()
	first, second := p.opens("/library/new"), p.opens("/library/new")
	fill := func(e *editor, tags ...any) *editor {
		var files []any
		for _, tag := range tags {
			files = append(files, tag, wavOf(0.6))
		}
		return e.does("upload", files...)
	}
	fill(first, "en", "fr", "de", "it", "es", "ja")
	fill(second, "en", "fr", "de", "it", "es").page.wants(t, http.StatusOK, "没保存的录音太多了")
	second.does("drop.en").does("upload.es", "es", wavOf(0.6))
	if strings.Contains(second.page.body, "没保存的录音太多了") {
		t.Error("there is no room after one was dropped")
	}
	for range maxDrafts {
		p.opens("/library/new").does("look")
	}
	if n := len(b.console.drafts.kept); n > maxDrafts {
		t.Errorf("%d drafts are kept, want at most %d", n, maxDrafts)
	}
	if left, err := os.ReadDir(b.console.c.Takes); err != nil || len(left) != 0 {
		t.Errorf("takes lie about under names: %v, %v", left, err)
	}
	b.pass(draftLife)
	b.console.drafts.sweep()
	if n := len(b.console.drafts.kept); n != 0 {
		t.Errorf("%d drafts are kept after an hour without use", n)
	}
}

func TestFormsThatAreNotOurs(t *testing.T) {
	b := newShelf(t)
	p := b.signedIn()
	p.post("/library/edit", "do", "save").wants(t, http.StatusBadRequest, "看不懂")
	e := p.opens("/library/new")
	e.fields["note"] = strings.Repeat("x", maxField+1)
	e.send("save").wants(t, http.StatusBadRequest, "看不懂")
	delete(e.fields, "note")
	for i := range maxFields {
		e.fields[fmt.Sprint("f", i)] = ""
	}
	e.send("save").wants(t, http.StatusBadRequest, "看不懂")
	e = p.opens("/library/new")
	e.send("upload.x", "../../etc/passwd", wavOf(1)).wants(t, http.StatusBadRequest, "看不懂")
	e.fields["from"], e.fields["draft"] = "7", "another"
	e.fields["id"] = "nothing"
	e.send("save").wants(t, http.StatusServiceUnavailable)
	e = p.opens("/library/new")
	e.does("remove.xx").does("use.en").does("speak.tlh").does("nonsense").page.wants(t, http.StatusOK, "保存并发送到车上")
	if editions, err := b.store.Editions(t.Context()); err != nil || len(editions) != 0 {
		t.Errorf("%d editions, %v", len(editions), err)
	}
}

// The page on which the microphone is used is the only one that may.
func TestOnlyTheEditorHearsAndRecords(t *testing.T) {
	b := newShelf(t)
	p := b.signedIn()
	for path, may := range map[string]bool{"/library/new": true, "/library": false, "/": false, "/library/languages": false} {
		h := p.get(path).head
		if got := strings.Contains(h.Get("Permissions-Policy"), "microphone=(self)") && strings.Contains(h.Get("Content-Security-Policy"), "media-src 'self'"); got != may {
			t.Errorf("%s: microphone and sound: got %v, want %v: %q", path, got, may, h.Get("Permissions-Policy"))
		}
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: policy %q", path, h.Get("Content-Security-Policy"))
		}
	}
}

func TestLanguages(t *testing.T) {
	b := newShelf(t)
	p := b.signedIn()
	must(t, b.store.SetLanguages(t.Context(), []ark.Language{"cmn-Hans-CN", "en"}, staff))
	page := p.get("/library/languages?language=cmn-Hans-CN&language=en&do=add&typed=wuu-CN-x-hangzhou")
	page.wants(t, http.StatusOK, "普通话", "杭州话", "改动还没有保存")
	p.get("/library/languages?language=cmn-Hans-CN&language=en&do=add&typed=%3Cb%3E").wants(t, http.StatusOK, "请选一种语言", "&lt;b&gt;")
	p.get("/library/languages?language=cmn-Hans-CN&language=en&do=add&known=en").wants(t, http.StatusOK, "这种语言已经有了")
	up := p.get("/library/languages?language=cmn-Hans-CN&language=en&language=x&do=up.en")
	if i, j := strings.Index(up.body, `value="en"`), strings.Index(up.body, `value="cmn-Hans-CN"`); i < 0 || i > j {
		t.Error("English did not move up")
	}
	if got, err := b.store.Languages(t.Context()); err != nil || len(got) != 2 {
		t.Errorf("looking changed the languages to %v, %v", got, err)
	}
	p.post("/library/languages").wants(t, http.StatusUnprocessableEntity, "至少要有一种语言")
	if a := p.post("/library/languages", "language", "wuu-CN-x-hangzhou", "language", "xyz", "language", "xyz"); a.to != "/library/languages" {
		t.Fatalf("got %d to %q", a.status, a.to)
	}
	p.get("/library/languages").wants(t, http.StatusOK, "语言已保存", "杭州话", "xyz")
	if got, err := b.store.Languages(t.Context()); err != nil || fmt.Sprint(got) != "[wuu-CN-x-hangzhou xyz]" {
		t.Errorf("got %v, %v", got, err)
	}
	p.opens("/library/new").page.wants(t, http.StatusOK, "杭州话", "xyz")
}

// A whole library is listed at once.
func TestFiveHundredAnnouncements(t *testing.T) {
	b := newShelf(t)
	for i := range ark.MaxAnnouncements {
		_, err := b.store.AddEdition(t.Context(), ark.Announcement{ID: ark.AnnouncementID(fmt.Sprint("a-", i)), Title: ark.Text{Zh: fmt.Sprintf("第%d条<script>", i)}}, 0, staff)
		must(t, err)
	}
	p := b.signedIn()
	page := p.get("/library")
	page.wants(t, http.StatusOK, "第499条&lt;script&gt;", "全部 <b>500</b>")
	e := p.opens("/library/new")
	e.does("upload.en", "en", wavOf(1)).does("use.en").does("save").page.wants(t, http.StatusOK, "放不下了")
	must(t, b.store.Withdraw(t.Context(), "a-7", true, staff))
	e.does("save").page.wants(t, http.StatusOK, "已保存为第 1 版")
	p.get(p.post("/library/a-7/withdraw", "back", "1").to).wants(t, http.StatusOK, "放不下了", "已撤下的（1）")
}

func TestALibraryInTroubleIsSaid(t *testing.T) {
	b := newShelf(t)
	p := b.signedIn()
	e := p.opens("/library/new")
	b.store.Close()
	for _, path := range []string{"/library", "/library/new", "/library/welcome", "/library/languages"} {
		p.get(path).wants(t, http.StatusServiceUnavailable, "现在读不出数据")
	}
	e.send("save").wants(t, http.StatusServiceUnavailable, "现在读不出数据")
	p.post("/library/languages", "language", "en").wants(t, http.StatusServiceUnavailable)
	p.get("/api/1/announcements").wants(t, http.StatusServiceUnavailable, `"error":"store"`)
}

// posting is a client that posts a form of so many bytes as the write function
// says, in a bubble's time; it answers what the server said and when.
func posting(t *testing.T, write func(io.Writer)) (status string, took time.Duration) {
	t.Helper()
	c := &Console{spools: make(chan struct{}, 1)}
	ours, theirs := net.Pipe()
	conns := make(chan net.Conn, 1)
	conns <- theirs
	server := &http.Server{ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, Handler: web.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := c.readPosted(w, r)
		defer c.release(p)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		time.Sleep(2 * time.Minute) // the studio's work, in the bubble's time
		if r.Context().Err() != nil {
			w.WriteHeader(http.StatusGone)
		}
	}))}
	done := make(chan struct{})
	go func() { defer close(done); server.Serve(&oneConn{conns: conns, closed: make(chan struct{})}) }()
	began := time.Now()
	var writing sync.WaitGroup
	writing.Go(func() {
		fmt.Fprint(ours, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n")
		write(ours)
	})
	line, _ := bufio.NewReader(ours).ReadString('\n') // a connection that ends has said nothing
	took = time.Since(began)
	ours.Close()
	server.Close()
	writing.Wait()
	<-done
	return strings.TrimSpace(line), took
}

// oneConn is a listener of one connection.
type oneConn struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *oneConn) Close() error   { close(l.closed); return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// An upload may take long as long as it comes on; one that stops, or that
// trickles to hold a place, is ended.
func TestSlowUploads(t *testing.T) {
	const head = "--b\r\nContent-Disposition: form-data; name=\"file-en\"; filename=\"x\"\r\n\r\n"
	chunk := func(w io.Writer, s string) error { _, err := fmt.Fprintf(w, "%x\r\n%s\r\n", len(s), s); return err }
	steady := func(n int, size int, every time.Duration) func(io.Writer) {
		return func(w io.Writer) {
			chunk(w, head)
			for range n {
				time.Sleep(every)
				if chunk(w, strings.Repeat("x", size)) != nil {
					return
				}
			}
			chunk(w, "\r\n--b--\r\n")
			fmt.Fprint(w, "0\r\n\r\n")
		}
	}
	for name, c := range map[string]struct {
		write func(io.Writer)
		want  string
		least time.Duration
	}{
		"ten minutes at 32 KB/s": {steady(600, 32<<10, time.Second), "HTTP/1.1 200 OK", 12 * time.Minute},
		"a pause of 20 s":        {steady(2, 100, 20*time.Second), "HTTP/1.1 200 OK", 40 * time.Second},
		"nothing more":           {func(w io.Writer) { chunk(w, head) }, "HTTP/1.1 400 Bad Request", 0},
		"a byte now and then":    {steady(600, 1, 5*time.Second), "HTTP/1.1 400 Bad Request", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				status, took := posting(t, c.write)
				if status != c.want || took < c.least || c.least == 0 && took > 2*time.Minute {
					t.Errorf("got %q after %v, want %q", status, took, c.want)
				}
			})
		})
	}
}

// Titles of any kind widen no page and run nowhere.
func TestTitlesOfAnyKind(t *testing.T) {
	b := newShelf(t)
	for i, title := range []string{`"'></title><img src=x onerror="window.spoiled=1">{{.}}`, strings.Repeat("W", ark.MaxTitle), strings.Repeat("长", ark.MaxTitle), "\u202e反过来"} {
		_, err := b.store.AddEdition(t.Context(), ark.Announcement{ID: ark.AnnouncementID(fmt.Sprint("t", i)), Title: ark.Text{Zh: title, En: title}}, 0, strings.Repeat("W", 60))
		must(t, err)
	}
	p := b.browse(browser.Phone)
	for _, path := range []string{"/library", "/library/t0", "/library/t1", "/library/t2", "/library/t3", "/library?withdrawn=t1"} {
		p.Go(b.server.URL + path)
		if w := browser.Value[int](p, "document.documentElement.scrollWidth"); w > 390 {
			wide := browser.Value[[]string](p, `[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > 390).map((e) => e.tagName + "." + e.className)`)
			t.Errorf("%s is %d px wide: %v", path, w, wide)
		}
		if browser.Value[bool](p, `window.spoiled === 1 || document.querySelector("main img:not(.wave)") !== null`) {
			t.Errorf("%s runs a title", path)
		}
	}
	unfaulted(t, p)
}
