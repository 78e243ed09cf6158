package e2e

import (
	"bytes"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	hubstore "ark/hub/store"
	"ark/internal/rig"
)

// clerk is somebody at the office, with a browser that is no more than it
// must be.
type clerk struct {
	h    *fleet
	http *http.Client
}

// hire makes an account and signs in.
func (h *fleet) hire() *clerk {
	h.t.Helper()
	const password = "a password of the office"
	passwd := exec.Command(binary(h.t, "ark-hub"), "passwd", "lin", "--stdin", "--config", filepath.Join(h.dir, "hub.toml"))
	passwd.Stdin = strings.NewReader(password + "\n")
	if out, err := passwd.CombinedOutput(); err != nil {
		h.t.Fatalf("make an account: %v\n%s", err, out)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	c := &clerk{h, &http.Client{Jar: jar, Timeout: 30 * time.Second}}
	c.ask(c.http.PostForm("http://"+h.console+"/login", url.Values{"name": {"lin"}, "password": {password}}))
	return c
}

// ask reads an answer that must be a page.
func (c *clerk) ask(res *http.Response, err error) string {
	c.h.t.Helper()
	if err != nil {
		c.h.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || res.Request.URL.Path == "/login" {
		c.h.t.Fatalf("%s: %s, %v\n%s", res.Request.URL, res.Status, err, body)
	}
	return string(body)
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)

// edit fills the editor of a page in and sends it; what comes back is a page
// again.
func (c *clerk) edit(page string, fields map[string]string, file []byte) string {
	c.h.t.Helper()
	all := map[string]string{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		all[m[1]] = m[2]
	}
	maps.Copy(all, fields)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, value := range all {
		form.WriteField(name, value) // a buffer takes everything
	}
	if file != nil {
		w, err := form.CreateFormFile("file-en", "x.wav")
		if err != nil {
			c.h.t.Fatal(err)
		}
		w.Write(file)
	}
	form.Close()
	return c.ask(c.http.Post("http://"+c.h.console+"/library/edit", form.FormDataContentType(), &b))
}

// uses is the manifest that the van's card says is in use; false: none of the
// hub's.
func (v *van) uses() (m ark.Manifest, ok bool) {
	text, err := os.ReadFile(filepath.Join(v.data, "library", "current"))
	if err != nil {
		return m, false
	}
	data, err := os.ReadFile(filepath.Join(v.data, "library", strings.TrimSpace(string(text))+".manifest"))
	if err != nil {
		v.h.t.Fatalf("current names what is not there: %v", err)
	}
	if m, err = ark.DecodeManifest(data); err != nil {
		v.h.t.Fatalf("current names what is none: %v", err)
	}
	return m, true
}

// TestALibraryReachesTheVan is a change at the office on its way to a van
// whose link is slow and whose agent is killed in the middle: the van goes on
// with what it has, and has the new library in the end, whole, and says so.
func TestALibraryReachesTheVan(t *testing.T) {
	slow(t)
	h := newFleet(t, 1, "")
	v := h.vans[0]
	config := filepath.Join(v.card, "agent.toml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, bytes.Replace(text, []byte("blobs_rate = 0"), []byte("blobs_rate = 300"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	h.startHub()
	h.ready()
	v.start()
	rig.Await(t, "the hub's own first library", func() bool { m, ok := v.uses(); return ok && len(m.Announcements) == 5 })
	first, _ := v.uses()
	c := h.hire()
	page := c.ask(c.http.Get("http://" + h.console + "/library/new"))
	fields := map[string]string{"id": "fire-drill", "zh": "消防演练", "en": "Fire drill", "class": "scheduled", "times": "1", "gap": "0.5", "rest": "2"}
	said := make([]int16, 10*ark.SampleRate)
	for i := range said {
		said[i] = int16(i * i % 8191 * 2)
	}
	fields["do"] = "upload.en"
	page = c.edit(page, fields, ark.EncodeWAV(said))
	fields["do"] = "use.en"
	page = c.edit(page, fields, nil)
	fields["do"] = "save"
	c.edit(page, fields, nil)
	// asked for at once, though it has no loudspeaker: the van waits until it has it
	c.ask(c.http.PostForm("http://"+h.console+"/play", url.Values{"announcement": {"fire-drill"}, "van": {"van-1"}, "minutes": {"15"}, "sure": {"yes"}}))

	part := func() (size int64) {
		parts, _ := filepath.Glob(filepath.Join(v.data, "library", "*.wav.part")) // the pattern is fixed
		for _, p := range parts {
			if st, err := os.Stat(p); err == nil {
				size += st.Size()
			}
		}
		return size
	}
	rig.Await(t, "some of the recording", func() bool { return part() > 200_000 })
	v.agent.kill()
	if m, _ := v.uses(); m.Version != first.Version {
		t.Fatalf("version %d was in use while it was not all there", m.Version)
	}
	had := part()
	v.start()
	rig.Await(t, "the new announcement", func() bool {
		m, _ := v.uses()
		return len(m.Announcements) == 6
	})
	m, _ := v.uses()
	for _, a := range m.Announcements {
		for _, r := range a.Recordings {
			data, err := os.ReadFile(filepath.Join(v.data, "library", r.Content.String()+".wav"))
			if err != nil || ark.HashOf(data) != r.Content || int64(len(data)) != r.Size {
				t.Errorf("%s in %s: %d bytes, %v", a.ID, r.Language, len(data), err)
			}
		}
	}
	if had < 200_000 || part() != 0 {
		t.Errorf("%d bytes of it had come before the kill, and %d lie there still", had, part())
	}
	rig.Await(t, "the end of what was asked for", func() bool {
		return strings.Contains(c.ask(c.http.Get("http://"+h.console+"/api/1/broadcasts")), `"no-card"`) // there is no loudspeaker here
	})
	h.settle()
	v.agent.stop()
	h.hub.stop()
	h.says(m)
}

// says checks what the hub was told of the van's library, and of the one
// broadcast.
func (h *fleet) says(m ark.Manifest) {
	h.t.Helper()
	s, err := hubstore.Open(h.t.Context(), h.db(), rig.Random, time.Now)
	if err != nil {
		h.t.Fatal(err)
	}
	defer s.Close()
	vans, err := s.Vans(h.t.Context(), hub.Everything)
	if err != nil || len(vans) != 1 || vans[0].Library == nil {
		h.t.Fatalf("vans %+v, %v", vans, err)
	}
	if l := vans[0].Library; l.Stage != ark.LibraryHeld || l.Version != m.Version || l.Held != m.Version || len(l.Missing) != 0 {
		h.t.Errorf("the hub knows of the van's library %+v, and it is version %d", l, m.Version)
	}
	runs, err := s.AsRun(h.t.Context(), hub.Everything, hub.AsRunFilter{Page: hub.Page{Limit: 9}})
	if err != nil || len(runs) != 1 || runs[0].Announcement != "fire-drill" || runs[0].Why != ark.WhyNoCard || !runs[0].Silent || runs[0].Trigger.By != "lin" {
		h.t.Errorf("as-run %+v, %v", runs, err)
	}
}
