package e2e

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"

	"ark"
	"ark/internal/rig"
	"ark/internal/uploads"
)

// TestChaosPowerCutWhileAPhotoComes cuts the power of a van while a phone
// sends it photos: what was not fsynced is undone at random. What the van
// said it has it must have after each cut, and each photo is whole in the end.
func TestChaosPowerCutWhileAPhotoComes(t *testing.T) {
	slow(t)
	rng, d := random(t), newDisk(t)
	h := newFleet(t, 0, "")
	v := h.addVan("van-1", filepath.Join(d.dir, "data"))
	d.mount()
	v.start()
	v.awake()
	p := v.enrol()
	data := aPhoto(t)
	a := uploads.Announced{Hash: ark.HashOf(data), Size: int64(len(data)), Type: "image/jpeg"}
	cuts := long(3, 60)
	photos := 1
	said := int64(0) // what the van said it has of the one that comes
	for cut := 0; cut < cuts; {
		at, err := p.files().Announce(t.Context(), a)
		if spoilt(err) {
			said = 0
			continue
		}
		if err != nil || at < said {
			t.Fatalf("cut %d: the van said it has %d bytes of %d and has %d, %v", cut, said, a.Size, at, err)
		}
		if at == a.Size { // the next is another
			data[len(data)-3]++
			a.Hash = ark.HashOf(data)
			photos, said = photos+1, 0
			continue
		}
		n := min(1+rng.Int64N(a.Size), a.Size-at)
		var body io.Reader = bytes.NewReader(data[at : at+n])
		if rng.IntN(3) > 0 { // else the power goes between two pieces
			done := make(chan struct{})
			go func() { // in the middle of one
				defer close(done)
				p.files().Send(t.Context(), a, at, n, body)
			}()
			pause(t.Context(), instant(rng, 1, 40))
			d.cut(v.agent, rng)
			<-done
			if said = at; at+n == a.Size { // the van may have found, and not told, that an earlier cut spoilt it
				said = 0
			}
		} else {
			if said, err = p.files().Send(t.Context(), a, at, n, body); err != nil {
				if said = 0; !spoilt(err) {
					t.Fatal(err)
				}
			}
			d.cut(v.agent, rng)
		}
		cut++
		client.CloseIdleConnections()
		d.mount()
		v.start()
		v.awake()
	}
	at, err := p.files().Announce(t.Context(), a)
	for tries := 0; tries < 2 && (err == nil && at < a.Size || spoilt(err)); tries++ {
		if at, err = p.files().Announce(t.Context(), a); err == nil && at < a.Size {
			at, err = p.files().Send(t.Context(), a, at, a.Size-at, bytes.NewReader(data[at:]))
		}
	}
	if err != nil || at != a.Size {
		t.Fatalf("the last: at %d of %d, %v", at, a.Size, err)
	}
	p.gives(ark.Hash(a.Hash), data)
	v.agent.stop()
	d.unmount()
	for path := range under(filepath.Join(d.backing, "data", "files", "part")) {
		t.Errorf("left over: %s", path)
	}
	d.report(t, [2]string{"photos", strconv.Itoa(photos)})
}

// spoilt tells that a photo was not what its name says, and is sent again from
// its beginning: of a piece that the van had not said that it has, the cut may
// have undone some and left its length.
func spoilt(err error) bool {
	var refused *uploads.Refusal
	return errors.As(err, &refused) && refused.Status == 460
}

// awake waits until a van answers.
func (v *van) awake() {
	v.h.t.Helper()
	rig.Await(v.h.t, "a van that answers", func() bool { _, ok := v.state(); return ok })
}

// gives checks that the van gives a photo back as it was.
func (p *handset) gives(h ark.Hash, data []byte) {
	t := p.v.h.t
	t.Helper()
	r, err := http.NewRequest("GET", "http://"+p.v.addr+"/api/2/files/"+h.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, err := io.ReadAll(res.Body); err != nil || !bytes.Equal(got, data) {
		t.Errorf("the van gives back %d bytes of %d, %v", len(got), len(data), err)
	}
}
