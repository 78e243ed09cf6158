package console

import (
	"bytes"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"ark"
)

// newShelf is a bench with an announcement library: store, studio and blobs.
func newShelf(t testing.TB) *bench {
	t.Helper()
	b := newBench(t)
	b.console.c.Takes = t.TempDir()
	return b
}

// tone440 is so many seconds of a tone that swells and fades.
func tone440(seconds float64) []int16 {
	samples := make([]int16, int(seconds*ark.SampleRate))
	for i := range samples {
		at := float64(i) / ark.SampleRate
		samples[i] = int16(9000 * math.Sin(2*math.Pi*440*at) * math.Abs(math.Sin(2*math.Pi*at)))
	}
	return samples
}

// wavOf is a file of a tone.
func bytesOf(b []byte) io.Reader { return bytes.NewReader(b) }

func wavOf(seconds float64) []byte {
	var b bytes.Buffer
	writeWAV(&b, tone440(seconds)) // a buffer takes everything
	return b.Bytes()
}

// fields of a page's form, by name.
var hiddenField = regexp.MustCompile(`<input type="hidden" name="(key|draft|from|takes|theirs)" value="([^"]*)"`)

// editor is somebody who fills in an editor's form.
type editor struct {
	*person
	path   string
	fields map[string]string
	page   answer
}

// opens opens an editor.
func (p *person) opens(path string) *editor {
	p.t.Helper()
	e := &editor{person: p, fields: map[string]string{"zh": "停水通知", "en": "Water will be off", "class": "routine", "times": "1", "gap": "0.5", "rest": "2"}}
	e.follow(path)
	return e
}

// follow reads the form that a page has.
func (e *editor) follow(path string) {
	e.t.Helper()
	e.path, e.page = path, e.get(path)
	e.page.wants(e.t, http.StatusOK)
	for _, m := range hiddenField.FindAllStringSubmatch(e.page.body, -1) {
		e.fields[m[1]] = m[2]
	}
	if m := regexp.MustCompile(`name="id"[^>]* value="([^"]*)"`).FindStringSubmatch(e.page.body); m != nil {
		e.fields["id"] = m[1]
	}
}

// send posts the form with what do says, and files by language.
func (e *editor) send(do string, files ...any) answer {
	e.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, value := range e.fields {
		must(e.t, form.WriteField(name, value))
	}
	for i := 0; i+1 < len(files); i += 2 {
		w, err := form.CreateFormFile("file-"+files[i].(string), "x.wav")
		must(e.t, err)
		w.Write(files[i+1].([]byte)) // a buffer takes everything
	}
	must(e.t, form.WriteField("do", do))
	must(e.t, form.Close())
	r, err := http.NewRequestWithContext(e.t.Context(), http.MethodPost, e.b.server.URL+"/library/edit", &b)
	must(e.t, err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return e.do(r)
}

// does sends the form and follows where it leads.
func (e *editor) does(do string, files ...any) *editor {
	e.t.Helper()
	a := e.send(do, files...)
	if a.status != http.StatusSeeOther {
		e.t.Fatalf("%s: got %d:\n%s", do, a.status, a.body)
	}
	to, _, _ := strings.Cut(a.to, "#")
	e.follow(to)
	return e
}

func TestUploadPreviewSaveListListen(t *testing.T) {
	b := newShelf(t)
	p := b.signedIn()
	p.get("/library").wants(t, http.StatusOK, "还没有广播稿", "新建广播稿")
	e := p.opens("/library/new")
	e.page.wants(t, http.StatusOK, "a-20261124-1", "保存并发送到车上")
	e.does("upload.cmn-Hans-CN", "cmn-Hans-CN", wavOf(2))
	e.page.wants(t, http.StatusOK, "先听一听", "原来 -1", "调整后 -16.0 LUFS", "停水通知")
	e.does("save").page.wants(t, http.StatusOK, "还没决定用不用")
	e.does("use.cmn-Hans-CN").page.wants(t, http.StatusOK, "新的，还没保存")
	e.does("save").page.wants(t, http.StatusOK, "已保存为第 1 版")
	if e.path != "/library/a-20261124-1" {
		t.Errorf("saving leads to %s", e.path)
	}
	p.get("/library").wants(t, http.StatusOK, "停水通知", "✓ 普通话", "缺 英语", "0:02", "第 1 版", staff, "/play?announcement=a-20261124-1")
	src := regexp.MustCompile(`src="(/library/blobs/[^"]+)"`).FindStringSubmatch(e.page.body)
	if src == nil {
		t.Fatal("nothing to listen to")
	}
	at := strings.ReplaceAll(src[1], "&amp;", "&")
	a := p.get(at, "Range", "bytes=0-43")
	if a.status != http.StatusPartialContent || a.head.Get("Content-Type") != "audio/wav" || len(a.body) != 44 || a.body[:4] != "RIFF" {
		t.Errorf("got %d, %s, %d bytes", a.status, a.head.Get("Content-Type"), len(a.body))
	}
	p.get(strings.Replace(at, "/blobs/", "/waves/", 1)).wants(t, http.StatusOK, "<svg")
}
