package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ark/internal/browser"
	"ark/internal/rig"
)

// addCard makes another card for a van, with an empty disk, that phones reach
// at these addresses with and without TLS.
func (h *fleet) addCard(of *van, name, https, plain string) *van {
	h.t.Helper()
	v := &van{h: h, id: of.id, card: filepath.Join(h.dir, name), data: filepath.Join(h.dir, "data-"+name), addr: freeAddr(h.t)}
	quietly(h.t, binary(h.t, "arkctl"), "--dir", filepath.Join(h.dir, "ca"), "van", "add", string(v.id), "--hub", h.mqtt, "--blobs", h.blobs,
		"--out", v.card, "--profile", "desk", "--silent", "--data", v.data, "--listen", v.addr, "--https", https, "--http", plain)
	return v
}

var codeShown = regexp.MustCompile(`class="code"[^>]*>([^<]+)<`)

// code is what the van's panel page shows for a new phone, at the van itself.
func (v *van) code() string {
	v.h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.h.t.Fatal(err)
	}
	resp, err := (&http.Client{Jar: jar, Timeout: client.Timeout}).Post("http://"+v.addr+"/panel/phones", "application/x-www-form-urlencoded", nil)
	if err != nil {
		v.h.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	m := codeShown.FindSubmatch(page)
	if err != nil || m == nil {
		v.h.t.Fatalf("no code on the page (%v):\n%s", err, page)
	}
	return strings.ReplaceAll(string(m[1]), " ", "")
}

// named is an address of this machine under the van's name.
func named(addr string) string { return strings.Replace(addr, "127.0.0.1", "van-1.ark.internal", 1) }

// A card is replaced while a phone holds visits that only the old one could
// have taken: the new card has the van's name and a certificate for it, learns
// from the hub which phones are the van's, and the queue arrives. Nobody
// touches the phone.
func TestANewCardTakesOver(t *testing.T) {
	slow(t)
	h, https, plain := newFleet(t, 0, ""), freeAddr(t), freeAddr(t)
	old := h.addCard(&van{id: "van-1"}, "van-1", https, plain)
	root, err := os.ReadFile(filepath.Join(h.dir, "ca", "pages-ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	h.startHub()
	old.start()
	rig.Await(t, "the van is connected", old.settled)
	p := browser.Open(t, browser.Options{Width: 390, Height: 844, Places: map[string]string{"van-1.ark.internal": "127.0.0.1"}, Trust: [][]byte{root}})
	awake := func() {
		t.Helper()
		p.Go("https://" + named(https) + "/")
		browser.Outcome[bool](p, `import("/app/core/ark.js").then(async (m) => { globalThis.ark = await m.open(); return true; })`)
	}
	log := func(place string) {
		t.Helper()
		browser.Outcome[string](p, fmt.Sprintf(`(async () => { const d = await ark.draft(); d.visit = { ...d.visit, place: %q, outcome: "met" }; ark.keep(d); return ark.log(d); })()`, place))
	}
	counted := func(phone, van, hub int) {
		t.Helper()
		p.Await(fmt.Sprintf(`(({ phone, van, hub }) => phone === %d && van === %d && hub === %d)(ark.state.counts)`, phone, van, hub))
	}
	if resp, err := client.Get("http://" + plain + "/generate_204"); err != nil || resp.StatusCode != http.StatusNoContent {
		t.Errorf("a phone asks whether the Wi-Fi is any good: %+v, %v", resp, err)
	}
	p.Go("http://" + named(plain) + "/anything")
	p.AwaitText("可以打开队员页了")
	awake()
	browser.Outcome[bool](p, fmt.Sprintf(`ark.enrol(%q, "1号手机").then(() => true)`, old.code()))
	p.Await("navigator.serviceWorker.controller")
	log("1幢")
	counted(0, 0, 1)
	rig.Await(t, "the hub has heard of the phone", old.settled)

	// The old card dies, and with it what was between it and the phone.
	old.agent.kill()
	h.hub.stop()
	log("2幢")
	log("3幢")
	counted(2, 0, 1)
	quietly(t, binary(t, "arkctl"), "--dir", filepath.Join(h.dir, "ca"), "van", "revoke", "van-1")
	fresh := h.addCard(old, "van-1-again", https, plain)
	fresh.start()

	// The new card does not know the phone, and the phone keeps what it has.
	awake()
	p.Await("ark.state.unknown")
	counted(2, 0, 1)

	// It hears of the phone from the hub.
	h.startHub()
	h.ready()
	counted(0, 0, 3)
	h.hub.stop()
	fresh.agent.stop()
	var places []string
	at := judgeHub(t, h.db())
	for _, v := range at.visits {
		places = append(places, v.place)
	}
	slices.Sort(places)
	if got := strings.Join(places, " "); got != "1幢 2幢 3幢" || at.forks+at.quarantined != 0 {
		t.Errorf("the hub has %s; %s", got, at)
	}
}
