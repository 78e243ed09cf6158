package console

import (
	"context"
	"os"
	"testing"
	"time"

	"ark"
	"ark/internal/browser"
)

// shelve fills the library with some of everything, and answers the id of an
// announcement that has all.
func (b *bench) shelve() {
	b.t.Helper()
	put := func(l ark.Language, seconds float64, machine bool) ark.Recording {
		data := wavOf(seconds)
		h, size, err := b.parts.Blobs.Put(context.Background(), bytesOf(data), int64(len(data)))
		must(b.t, err)
		return ark.Recording{Language: l, Content: h, Frames: int64(seconds * ark.SampleRate), Size: size, Loudness: -1600, Peak: -310, Machine: machine}
	}
	zh, wu, en := put("cmn-Hans-CN", 9.4, false), put("wuu-CN-x-hangzhou", 11.2, false), put("en", 8.1, true)
	now := b.clock()
	for _, a := range []ark.Announcement{
		{ID: "welcome", Title: ark.Text{Zh: "方舟到了", En: "The van is here"}, Recordings: []ark.Recording{zh, wu, en}, Chime: true, GapMillis: 800},
		{ID: "water", Title: ark.Text{Zh: "停水通知", En: "Water will be off"}, Recordings: []ark.Recording{zh}, ValidUntil: ark.Milli(now.Add(50 * time.Hour)), Repeats: 2, RestMillis: 2000},
		{ID: "storm", Title: ark.Text{Zh: "暴雨红色预警，请留在家中不要外出", En: "Red warning of heavy rain: stay at home"}, Class: ark.ClassEmergencyUpper, Recordings: []ark.Recording{zh, en}, Repeats: 4},
		{ID: "lift", Title: ark.Text{Zh: "电梯困人", En: ""}, Class: ark.ClassEmergencyLocal, Recordings: []ark.Recording{zh, wu}, ValidFrom: ark.Milli(now.Add(100 * time.Hour))},
		{ID: "flu", Title: ark.Text{Zh: "流感疫苗接种", En: "Flu vaccination"}, Class: ark.ClassScheduled, Recordings: []ark.Recording{zh, wu, en}, ValidUntil: ark.Milli(now.Add(-time.Hour))},
		{ID: "waltz", Title: ark.Text{Zh: "广场舞曲", En: "Dance music"}, Class: ark.ClassMusic, Recordings: []ark.Recording{zh}, Repeats: ark.RepeatForever},
		{ID: "old", Title: ark.Text{Zh: "去年的通知", En: "Last year's notice"}, Recordings: []ark.Recording{zh}},
	} {
		_, err := b.store.AddEdition(b.t.Context(), a, 0, staff)
		must(b.t, err)
	}
	must(b.t, b.store.Withdraw(b.t.Context(), "old", true, staff))
	a := ark.Announcement{ID: "welcome", Title: ark.Text{Zh: "方舟到了", En: "The ark is here"}, Recordings: []ark.Recording{zh, wu, en}, GapMillis: 800}
	_, err := b.store.AddEdition(b.t.Context(), a, 1, "陈老师")
	must(b.t, err)
}

// TestLibraryPictures makes pictures of the library's pages where ARK_SHOTS
// names a folder, for people to look at.
func TestLibraryPictures(t *testing.T) {
	if os.Getenv("ARK_SHOTS") == "" {
		t.Skip("ARK_SHOTS names no folder")
	}
	b, empty := newShelf(t), newShelf(t)
	b.shelve()
	for name, o := range pictureSizes {
		p := b.browse(o)
		for page, path := range map[string]string{"library": "/library", "library-undo": "/library?withdrawn=old", "edit": "/library/welcome", "edit-new": "/library/new",
			"languages": "/library/languages?do=add&known=yue-Hant-HK&language=cmn-Hans-CN&language=wuu-CN-x-hangzhou&language=en"} {
			p.Go(b.server.URL + path)
			p.Await(`document.readyState === "complete"`)
			p.Shot(page + "-" + name)
		}
		p.Go(b.server.URL + "/library/water")
		browser.Value[int](p, `document.querySelectorAll("details").forEach((d) => { d.open = true; }), 1`)
		p.Shot("edit-open-" + name)
		p.Go(b.server.URL + "/library/new")
		p.Type("#zh", "周五停水")
		p.Choose("#f-cmn-Hans-CN", file(t, "notice.wav", wavOf(4)))
		p.Click(`button[value="upload.cmn-Hans-CN"]`)
		p.Await(`document.querySelector(".offer")`)
		plays(p, ".offer")
		p.Shot("edit-offer-" + name)
		e := empty.browse(o)
		e.Go(empty.server.URL + "/library")
		e.Shot("library-empty-" + name)
	}
}
