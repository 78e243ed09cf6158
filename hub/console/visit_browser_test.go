package console

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"strings"
	"testing"

	"ark"
	"ark/hub"
	"ark/internal/browser"
)

// picture is a photo that a browser can show.
func picture(t testing.TB) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for x := range 320 {
		for y := range 240 {
			m.Set(x, y, color.RGBA{uint8(x), uint8(y), 120, 255})
		}
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, m, nil))
	return b.Bytes()
}

// tiny is a signature: one black pixel.
func tiny(t testing.TB) []byte {
	t.Helper()
	png, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADAgH/p9l3WQAAAABJRU5ErkJggg==")
	must(t, err)
	return png
}

// desk is a visit with a history, and others beside it.
func (b *bench) desk() ark.ID {
	b.t.Helper()
	v := b.door()
	sign := ark.Attachment{Content: ark.HashOf(tiny(b.t)), Size: 70, Type: "image/png", Role: ark.RoleSignature}
	voice := ark.Attachment{Content: ark.HashOf([]byte("voice")), Size: 5, Type: "audio/webm", Role: ark.RoleVoice}
	v.Attachments = []ark.Attachment{photoOf(picture(b.t)), photoOf(exe), sign, voice}
	v.Off = 3 * 3600_000
	id := b.deliver("van-1", true, v)[0]
	must(b.t, b.store.SetReview(b.t.Context(), hub.Everything, ark.Review{Visit: id, Entry: id, State: ark.ReviewReturned, Comment: "门牌对吗？502 住的是李家。", By: staff, At: ark.Milli(b.clock())}, hub.AnyReview))
	v.Place, v.Note, v.Services = "3幢2单元502室", "下午在家，敲门要响一点", v.Services[:1]
	b.deliver("van-1", true, ark.Amend{Visit: id, Now: v, Why: "门牌看错了"})
	b.arrive(picture(b.t))
	b.arrive(tiny(b.t))
	b.deliver("van-2", true, ark.Visit{Place: "塘苗路小区1幢101室", Outcome: ark.NoAnswer, By: "李师傅"})
	more := b.deliver("van-2", false, ark.Visit{Place: strings.Repeat("很长的地址", 10), Outcome: ark.Refused, Note: strings.Repeat("没有空格的长话", 40), By: "李师傅"},
		ark.Visit{Place: "8幢301室", Outcome: ark.Met, Person: "陈伯", By: "李师傅"})
	must(b.t, b.store.SetReview(b.t.Context(), hub.Everything, ark.Review{Visit: more[1], Entry: more[1], State: ark.ReviewApproved, By: staff, At: ark.Milli(b.clock())}, hub.AnyReview))
	for _, words := range []string{"这家上个月搬过一次，先问问社区。", strings.Repeat("没有空格的长话", 20)} {
		must(b.t, b.store.AddComment(b.t.Context(), hub.Everything, id, hub.VisitComment{By: staff, Words: words, At: ark.Milli(b.clock())}))
	}
	for name, query := range map[string]string{"每天先看": "order=time&state=new", strings.Repeat("长", hub.MaxViewName): "van=van-2"} {
		must(b.t, b.store.SaveView(b.t.Context(), hub.SavedView{ID: b.console.newID(), Owner: staff, Name: name, Query: query, Shared: true, First: query == "van=van-2"}))
	}
	must(b.t, b.store.SetAssigned(b.t.Context(), hub.Everything, id, hub.Assignment{To: staff}, ""))
	b.deliver("van-2", true, ark.Withdrawal{Visit: more[0], Why: "敲错门", Name: "李师傅"})
	return id
}

// Staff return a visit from the keyboard, and see what the crew makes of it
// without asking; what is being typed stays.
func TestReviewingInABrowser(t *testing.T) {
	b := newDesk(t)
	id := b.desk()
	p := b.browse(browser.Desk)
	p.Click(`.views a[href="/?"]`) // what opens first is a view
	p.Click(`a[href="/visits/` + id.String() + `"]`)
	p.Await(`document.getElementById("review")`)
	live(p)
	p.Await(`[...document.querySelectorAll(".files img")].some((i) => i.complete && i.naturalWidth === 320)`)
	if n := browser.Value[int](p, `document.querySelectorAll(".files .coming").length`); n != 2 {
		t.Errorf("%d attachments are on their way, want 2", n)
	}
	b.arrive(exe) // a photo that is none: nothing of it runs
	p.Await(`document.querySelectorAll(".files .coming").length === 1`)
	p.Type("#comment", "请补上电话")
	v := b.told(id)
	v.Note = "又改了"
	b.deliver("van-1", true, ark.Amend{Visit: id, Now: v, After: b.last(id)})
	p.AwaitText("又改了")
	if got := browser.Value[string](p, `document.getElementById("comment").value`); got != "请补上电话" {
		t.Errorf("what was typed is %q", got)
	}
	p.Submit(`button[value=returned]`)
	p.AwaitText("队员刚刚又改了这条走访")
	if !browser.Value[bool](p, `document.activeElement.id === "comment"`) {
		t.Error("whoever has no mouse is not where the trouble is")
	}
	p.Reach("button[value=returned]")
	p.Press("\r")
	p.AwaitText("已记下：已退回")
	p.AwaitText("请补上电话")
	r, err := b.store.VisitRecord(t.Context(), hub.Everything, id)
	if must(t, err); r.State != ark.ReviewReturned || len(r.Reviews) != 2 {
		t.Errorf("state %v, reviews %+v", r.State, r.Reviews)
	}
	for _, f := range p.Faults() {
		if !strings.Contains(f, "415") && !strings.Contains(f, "409") { // the photo that is none, and what was stale
			t.Errorf("the pages complained: %q", f)
		}
	}
}

func (b *bench) told(id ark.ID) ark.Visit {
	b.t.Helper()
	r, err := b.store.VisitRecord(b.t.Context(), hub.Everything, id)
	must(b.t, err)
	return r.Visit.Visit
}

func (b *bench) last(id ark.ID) ark.ID {
	b.t.Helper()
	r, err := b.store.VisitRecord(b.t.Context(), hub.Everything, id)
	must(b.t, err)
	return r.Last
}

// Pages of visits are not wider than a phone, and everything can be hit.
func TestVisitsOnAPhone(t *testing.T) {
	b := newDesk(t)
	id := b.desk()
	for _, o := range []browser.Options{{Width: 320, Height: 700}, {Width: 390, Height: 844, Lang: "en"}} {
		p := b.browse(o)
		for _, path := range []string{"/?", "/visits/" + id.String()} {
			p.Go(b.server.URL + path)
			if w := browser.Value[int](p, "document.documentElement.scrollWidth"); int64(w) > o.Width {
				wide := browser.Value[[]string](p, `[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + "." + e.className).slice(0, 8)`)
				t.Errorf("%s is %d px wide on %d: %v", path, w, o.Width, wide)
			}
			if thin := browser.Value[[]string](p, `[...document.querySelectorAll(".facts dd")].filter((e) => e.offsetWidth < 130).map((e) => e.innerText)`); len(thin) > 0 {
				t.Errorf("%s leaves no room for %q", path, thin)
			}
			low := browser.Value[[]string](p, `[...document.querySelectorAll("a.btn, button, nav a, textarea")].filter((e) => e.offsetHeight && e.offsetHeight < 40).map((e) => e.outerHTML)`)
			if len(low) > 0 {
				t.Errorf("%s has targets under 40 px: %q", path, low)
			}
		}
		unfaulted(t, p)
	}
}

// TestVisitPictures makes pictures of these pages where ARK_SHOTS names a
// folder, for people to look at.
func TestVisitPictures(t *testing.T) {
	if os.Getenv("ARK_SHOTS") == "" {
		t.Skip("ARK_SHOTS names no folder")
	}
	b := newDesk(t)
	id := b.desk()
	for name, o := range pictureSizes {
		p := b.browse(o)
		for page, path := range map[string]string{"visits": "/?", "views": "/views", "visit": "/visits/" + id.String()} {
			p.Go(b.server.URL + path)
			p.Await(`document.readyState === "complete"`)
			p.Shot(page + "-" + name)
		}
		p.Go(b.server.URL + "/")
		live(p)
		browser.Value[int](p, `document.querySelectorAll("details").forEach((d) => { d.open = true; }), 1`)
		p.Press("j")
		p.Press("x")
		p.Shot("visits-open-" + name)
	}
}
