package files_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/files"
	"ark/internal/rig"
	"ark/internal/uploads"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// van is a folder of attachments behind a real server, where the header Phone
// says whose request it is.
type van struct {
	t           *testing.T
	dir         string
	book        *rig.Attachments
	free, total int64
	now         time.Time
	files       *files.Files
	url         string
}

func newVan(t *testing.T) *van {
	v := &van{t: t, dir: t.TempDir(), book: rig.NewAttachments(), free: 20 << 30, total: 32 << 30, now: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)}
	v.book.Now = func() time.Time { return v.now }
	v.files = files.New(files.Config{Dir: v.dir, Attachments: v.book, Disk: func() (int64, int64) { return v.free, v.total },
		Keep: 7 * 24 * time.Hour, Now: func() time.Time { return v.now }, Log: rig.Log})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := r.Header.Get("Phone"); name != "" {
			r = r.WithContext(agent.ByPhone(r.Context(), ark.Phone{ID: ark.ID{name[0]}}))
		}
		v.files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	v.url = server.URL
	return v
}

// send brings content as a phone does.
func (v *van) send(phone, kind string, data []byte) error {
	v.t.Helper()
	client := uploads.Client{HTTP: http.DefaultClient, URL: v.url + files.Base, Head: http.Header{"Phone": {phone}, "Accept-Language": {"en"}}}
	a := uploads.Announced{Hash: ark.HashOf(data), Size: int64(len(data)), Type: kind}
	at, err := client.Announce(v.t.Context(), a)
	if err == nil && at < a.Size {
		_, err = client.Send(v.t.Context(), a, at, a.Size-at, bytes.NewReader(data[at:]))
	}
	return err
}

func (v *van) where(data []byte) agent.Whereabouts {
	v.t.Helper()
	h := ark.HashOf(data)
	all, err := v.book.Where(v.t.Context(), []ark.Hash{h})
	must(v.t, err)
	return all[h]
}

func (v *van) get(phone string, data []byte) (*http.Response, []byte) {
	v.t.Helper()
	r, err := http.NewRequest("GET", v.url+files.Base+"/"+ark.HashOf(data).String(), nil)
	must(v.t, err)
	r.Header.Set("Phone", phone)
	res, err := http.DefaultClient.Do(r)
	must(v.t, err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	must(v.t, err)
	return res, got
}

// photo is a JPEG of some size.
func photo(t *testing.T, wide, high int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, wide, high))
	for i := range m.Pix {
		m.Pix[i] = byte(i * 7)
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, m, nil))
	return b.Bytes()
}

func signature(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 60, 30))
	m.Set(3, 3, color.Black)
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	return b.Bytes()
}

func TestAPhotoIsTakenAndGivenBack(t *testing.T) {
	v := newVan(t)
	data := photo(t, 200, 100)
	must(t, v.send("a", "image/jpeg", data))
	if !v.where(data).OnVan {
		t.Error("it is not noted")
	}
	must(t, v.send("b", "image/jpeg", data))
	res, got := v.get("b", data)
	if res.StatusCode != 200 || !bytes.Equal(got, data) || res.Header.Get("Content-Type") != "image/jpeg" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d, %v", res.StatusCode, res.Header)
	}
	if res, _ := v.get("b", photo(t, 1, 1)); res.StatusCode != 404 {
		t.Errorf("what is not there: %d", res.StatusCode)
	}
	if res, _ := v.get("", data); res.StatusCode != 404 {
		t.Errorf("to nobody: %d", res.StatusCode)
	}
	must(t, v.send("a", "image/png", signature(t)))
	must(t, v.send("a", "audio/ogg", []byte("OggS\x00 a voice")))
	must(t, v.send("a", "audio/mp4", []byte("\x00\x00\x00\x18ftypM4A  a voice")))
	must(t, v.send("a", "audio/webm", []byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm a voice")))
}

// exif is a JPEG with EXIF of one field, which is of a camera or leads to a
// place.
func exif(data []byte, order string, tag uint16) []byte {
	field := []byte{byte(tag), byte(tag >> 8), 4, 0, 1, 0, 0, 0, 26, 0, 0, 0}
	tiff := append([]byte("II*\x00\x08\x00\x00\x00\x01\x00"), field...)
	if order == "MM" {
		tiff = append([]byte("MM\x00*\x00\x00\x00\x08\x00\x01"), byte(tag>>8), byte(tag), 0, 4, 0, 0, 0, 1, 0, 0, 0, 26)
	}
	return segment(data, append([]byte("Exif\x00\x00"), append(tiff, 0, 0, 0, 0)...))
}

func segment(data, body []byte) []byte {
	n := len(body) + 2
	return bytes.Join([][]byte{data[:2], {0xff, 0xe1, byte(n >> 8), byte(n)}, body, data[2:]}, nil)
}

func TestWhatIsRefusedAndWhy(t *testing.T) {
	v := newVan(t)
	good := photo(t, 200, 100)
	huge := bytes.Clone(good)
	at := bytes.Index(huge, []byte{0xff, 0xc0})
	copy(huge[at+5:], []byte{0xff, 0xff, 0xff, 0xff}) // 65,535 x 65,535
	webp := func(chunk string) []byte { return []byte("RIFF\x00\x01\x00\x00WEBP" + chunk) }
	for what, c := range map[string]struct {
		kind string
		data []byte
		word string
	}{
		"a program called a photo": {"image/jpeg", []byte("MZ\x90\x00 this program"), "not-its-type"},
		"a page called a photo":    {"image/jpeg", []byte("<html><script>"), "not-its-type"},
		"a photo called a voice":   {"audio/ogg", good, "not-its-type"},
		"another type":             {"text/html", []byte("<html>"), "type"},
		"no type":                  {"", good, "type"},
		"a head alone":             {"image/jpeg", good[:20], "damaged"},
		"no size":                  {"image/webp", webp("VP8X\x04\x00\x00\x00abcd"), "damaged"},
		"too many pixels":          {"image/jpeg", huge, "dimensions"},
		"where it was":             {"image/jpeg", exif(good, "II", 0x8825), "location"},
		"where it was, the other":  {"image/jpeg", exif(good, "MM", 0x8825), "location"},
		"in XMP":                   {"image/jpeg", segment(good, []byte("http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='30,16N'/>")), "location"},
		"in a second picture":      {"image/jpeg", append(bytes.Clone(good), exif(good, "II", 0x8825)...), "location"},
		"EXIF that cannot be read": {"image/jpeg", segment(good, []byte("Exif\x00\x00??")), "location"},
		"in a WebP":                {"image/webp", webp("VP8X\x0a\x00\x00\x00\x08\x00\x00\x00\x63\x00\x00\x63\x00\x00EXIF\x1a\x00\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x25\x88\x04\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00\x00\x00\x00"), "location"},
	} {
		err := v.send("a", c.kind, c.data)
		var no *uploads.Refusal
		if !errors.As(err, &no) {
			t.Errorf("%s: %v", what, err)
			continue
		}
		var said struct{ Error, Message string }
		must(t, json.Unmarshal([]byte(no.Word), &said))
		if said.Error != c.word || said.Message == "" || strings.HasPrefix(said.Message, "file.") {
			t.Errorf("%s: %+v, want %s", what, said, c.word)
		}
		if v.where(c.data).OnVan {
			t.Errorf("%s: it was kept", what)
		}
	}
	must(t, v.send("a", "image/jpeg", exif(good, "II", 0x010f)))
	must(t, v.send("a", "image/webp", webp("VP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x63\x00\x00\x63\x00\x00")))
}

// With little room photos are refused first, then voice; what is there already
// still answers.
func TestLowWater(t *testing.T) {
	v := newVan(t)
	data, voice := photo(t, 200, 100), []byte("OggS\x00 a voice")
	there := photo(t, 10, 10)
	must(t, v.send("a", "image/jpeg", there))
	for _, c := range []struct {
		free, total int64
		photo       string
		voice       string
	}{
		{2 << 30, 32 << 30, "", ""},
		{1 << 30, 32 << 30, "low-photo", ""},
		{500 << 20, 32 << 30, "low-photo", "low-voice"},
		{60 << 20, 1 << 30, "", ""}, // a small card
		{50 << 20, 1 << 30, "low-photo", ""},
		{20 << 20, 1 << 30, "low-photo", "low-voice"},
		{0, 0, "", ""}, // nobody knows
	} {
		v.free, v.total = c.free, c.total
		for _, one := range []struct {
			kind, want string
			data       []byte
		}{{"image/jpeg", c.photo, data}, {"audio/ogg", c.voice, voice}} {
			client := uploads.Client{HTTP: http.DefaultClient, URL: v.url + files.Base, Head: http.Header{"Phone": {"a"}}}
			_, err := client.Announce(t.Context(), uploads.Announced{Hash: ark.HashOf(one.data), Size: int64(len(one.data)), Type: one.kind})
			if got := ""; err != nil {
				got = err.Error()
				if !strings.Contains(got, `"`+one.want+`"`) || one.want == "" {
					t.Errorf("%d of %d free, %s: %s, want %q", c.free, c.total, one.kind, got, one.want)
				}
			} else if one.want != "" {
				t.Errorf("%d of %d free: %s is taken", c.free, c.total, one.kind)
			}
		}
		must(t, v.send("b", "image/jpeg", there))
	}
}

// What the hub has had for a week goes, and what no visit names; the others
// stay, also one that the power kept from being noted.
func TestWhatGoesAndWhatStays(t *testing.T) {
	v := newVan(t)
	sent, orphan, owed, unnoted := photo(t, 20, 10), photo(t, 30, 10), photo(t, 40, 10), photo(t, 50, 10)
	for _, data := range [][]byte{sent, orphan, owed, unnoted} {
		must(t, v.send("a", "image/jpeg", data))
	}
	v.book.Name(agent.Owed{Content: ark.HashOf(sent), Size: int64(len(sent))})
	v.book.Name(agent.Owed{Content: ark.HashOf(owed), Size: int64(len(owed))})
	v.book.Name(agent.Owed{Content: ark.HashOf(unnoted), Size: int64(len(unnoted))})
	must(t, v.book.Removed(t.Context(), ark.HashOf(unnoted)))
	must(t, v.book.Delivered(t.Context(), ark.HashOf(sent)))
	v.now = v.now.Add(7*24*time.Hour - time.Second)
	must(t, v.files.Tidy(t.Context()))
	if !v.where(sent).OnVan || !v.where(orphan).OnVan || !v.where(unnoted).OnVan {
		t.Error("something went too soon, or what lies there was not noted")
	}
	v.now = v.now.Add(time.Second)
	must(t, v.files.Tidy(t.Context()))
	for what, c := range map[string]struct {
		data []byte
		want bool
	}{"sent": {sent, false}, "orphan": {orphan, false}, "owed": {owed, true}, "unnoted": {unnoted, true}} {
		_, err := v.files.Content(ark.HashOf(c.data))
		if got := !errors.Is(err, os.ErrNotExist); got != c.want || v.where(c.data).OnVan != c.want {
			t.Errorf("%s: there is %v, noted %v", what, got, v.where(c.data).OnVan)
		}
	}
}
