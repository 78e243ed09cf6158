package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/internal/rig"
	"ark/internal/uploads"
)

// handset is an enrolled phone.
type handset struct {
	v     *van
	token string
}

// enrol makes a phone known to the van, from the van's own screen.
func (v *van) enrol() *handset {
	t := v.h.t
	t.Helper()
	p := &handset{v: v}
	told := p.ask("POST", "/api/2/phones", fmt.Sprintf(`{"id": %q, "code": %q, "name": "小李"}`, newID(), v.code()))
	p.token, _ = told["token"].(string)
	if p.token == "" {
		t.Fatalf("no token: %v", told)
	}
	return p
}

// ask asks the van's API; what it answers is an object.
func (p *handset) ask(method, path, body string) (told map[string]any) {
	t := p.v.h.t
	t.Helper()
	r, err := http.NewRequest(method, "http://"+p.v.addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+p.token)
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&told); err != nil || res.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s, %v, %v", method, path, res.Status, told, err)
	}
	return told
}

func (p *handset) files() *uploads.Client {
	return &uploads.Client{HTTP: client, URL: "http://" + p.v.addr + "/api/2/files", Head: http.Header{"Authorization": {"Bearer " + p.token}}}
}

// aPhoto is a JPEG of more than a megabyte.
func aPhoto(t testing.TB) []byte {
	m := image.NewGray(image.Rect(0, 0, 1600, 1200))
	rand.NewChaCha8([32]byte{5}).Read(m.Pix)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// under lists the files below a folder and how large they are.
func under(dir string) (all map[string]int64) {
	all = map[string]int64{}
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			if st, err := e.Info(); err == nil { // it may be gone by now
				all[path] = st.Size()
			}
		}
		return nil
	})
	return all
}

// TestAPhotoReachesTheHubOnce is a photo of a visit on its way from a phone to
// the hub, while van and hub are killed in the middle of it.
func TestAPhotoReachesTheHubOnce(t *testing.T) {
	slow(t)
	h := newFleet(t, 1, "")
	v := h.vans[0]
	v.slowLink(t)
	v.start()
	v.awake()
	p := v.enrol()
	data := aPhoto(t)
	a := uploads.Announced{Hash: ark.HashOf(data), Size: int64(len(data)), Type: "image/jpeg"}
	content := ark.Hash(a.Hash).String()
	visit := newID()
	p.ask("POST", "/api/2/visits", fmt.Sprintf(`{"id": %q, "made": 1, "now": 2, "visit": {"place": "3幢2单元501室", "outcome": "met", "by": "小李",
		"consent": [{"what": "data", "notice": 1, "given": true, "how": "spoken", "at": 1}, {"what": "photo", "notice": 1, "given": true, "how": "spoken", "at": 1}],
		"attachments": [{"content": %q, "size": %d, "type": "image/jpeg", "role": "photo", "taken": 1}]}}`, visit, content, len(data)))
	half := a.Size / 2
	at, err := p.files().Announce(t.Context(), a)
	if err == nil {
		at, err = p.files().Send(t.Context(), a, at, half, bytes.NewReader(data[:half]))
	}
	if err != nil || at != half {
		t.Fatalf("half a photo: at %d, %v", at, err)
	}
	v.agent.kill()
	v.start()
	v.awake()
	if at, err = p.files().Announce(t.Context(), a); err != nil || at != half {
		t.Fatalf("after a kill the van has %d of %d bytes, %v", at, half, err)
	}
	if at, err = p.files().Send(t.Context(), a, at, a.Size-at, bytes.NewReader(data[at:])); err != nil || at != a.Size {
		t.Fatalf("the rest: at %d, %v", at, err)
	}
	p.carried(visit, content, data)
}

// slowLink makes the van's link to the hub so slow that things happen while
// it carries.
func (v *van) slowLink(t *testing.T) {
	t.Helper()
	config := filepath.Join(v.card, "agent.toml")
	text, err := os.ReadFile(config)
	if err == nil {
		err = os.WriteFile(config, bytes.Replace(text, []byte("blobs_rate = 0"), []byte("blobs_rate = 400"), 1), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// carried lets the van carry a photo to the hub, both of which are killed in
// the middle, and checks that it is there once.
func (p *handset) carried(visit ark.ID, content string, data []byte) {
	h, t := p.v.h, p.v.h.t
	t.Helper()
	parts, whole := filepath.Join(h.data, "blobs", "attached", "part"), filepath.Join(h.data, "blobs", "attached", content[:2], content[2:4], content)
	h.startHub()
	h.ready()
	some := func(n int64) func() bool {
		return func() bool {
			for _, size := range under(parts) {
				if size > n {
					return true
				}
			}
			return len(under(filepath.Dir(whole))) > 0
		}
	}
	rig.Await(t, "some of it at the hub", some(100_000))
	h.hub.kill()
	h.startHub()
	h.ready()
	rig.Await(t, "more of it at the hub", some(500_000))
	p.v.agent.kill()
	p.v.start()
	rig.Await(t, "all of it at the hub", func() bool { _, err := os.Stat(whole); return err == nil })
	for began := time.Now(); ; { // asked no more often than a phone may
		if _, ok := p.v.state(); ok {
			where, _ := p.ask("GET", "/api/2/visits/"+visit.String(), "")["attachments"].(map[string]any)
			if where[content] == "hub" {
				break
			}
		}
		if time.Since(began) > time.Minute || !pause(t.Context(), 300*time.Millisecond) {
			t.Fatal("the van never says that the hub has it")
		}
	}
	got, err := os.ReadFile(whole)
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("the hub has %d bytes of %d, %v", len(got), len(data), err)
	}
	if all := under(filepath.Join(h.data, "blobs", "attached")); len(all) != 1 {
		t.Errorf("more than the photo lies there: %v", all)
	}
	p.v.agent.stop()
	h.hub.stop()
}
