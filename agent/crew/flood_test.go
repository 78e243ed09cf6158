package crew

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ark/agent"
)

// Anybody in range of the Wi-Fi may send visits: no phone fills the card, and
// none keeps another from logging. A visit that is refused comes in later.
func TestAPhoneDoesNotFloodTheCard(t *testing.T) {
	pages := brokenPages(t, brokenVisits{})
	log := func(from string) (int, string) {
		r := post(`{"id":"` + newID(1).String() + `","place":"x","outcome":"met"}`)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for i := range phoneBurst {
		if code, _ := log(fmt.Sprintf("10.0.0.7:%d", 1000+i)); code != http.StatusCreated {
			t.Fatalf("visit %d of a phone that was out of reach: %d", i, code)
		}
	}
	if code, body := log("10.0.0.7:9"); code != http.StatusTooManyRequests || !strings.Contains(body, `"error":"many"`) || !strings.Contains(body, "没有保存") {
		t.Errorf("one more: %d %s", code, body)
	}
	for _, other := range []string{"10.0.0.8:9", "[fe80::7%wlan0]:9", "127.0.0.1:9"} {
		if code, _ := log(other); code != http.StatusCreated {
			t.Errorf("another phone, %s: %d", other, code)
		}
	}
}

// One who takes an address for each visit fills the card no sooner than a few
// who have one each. The van's own programs have nothing to do with it.
func TestAddressesDoNotFloodTheCard(t *testing.T) {
	pages := brokenPages(t, brokenVisits{})
	log := func(from string) int {
		r := post(`{"id":"` + newID(1).String() + `","place":"x","outcome":"met"}`)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		return w.Code
	}
	taken := 0
	for i := range 2 * strangers * phoneBurst {
		if log(fmt.Sprintf("[fe80::%x]:9", i+1)) == http.StatusCreated {
			taken++
		}
	}
	if more := taken - strangers*phoneBurst; more < 0 || more > strangers*phoneBurst/10 { // a while went by
		t.Errorf("%d visits of strangers were taken", taken)
	}
	if code := log("127.0.0.1:9"); code != http.StatusCreated {
		t.Errorf("the van's own: %d", code)
	}
}

// Each press that plays is written down: a phone that presses without end is
// told so, and Stop is obeyed all the same.
func TestAPhoneDoesNotPressWithoutEnd(t *testing.T) {
	b := newBench(t, t.TempDir())
	press := func(from, button string) int {
		r := httptest.NewRequest("POST", "http://van-1.local/panel", strings.NewReader("button="+button))
		r.Header.Set("Content-Type", form)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		b.server.Config.Handler.ServeHTTP(w, r)
		return w.Code
	}
	refused := 0
	for range 20 * pressBurst {
		if press("10.0.0.7:9", "1") == http.StatusTooManyRequests {
			refused++
		}
	}
	if n := len(b.pressed); n < pressBurst || refused == 0 || refused+n != 20*pressBurst {
		t.Errorf("%d pressed, %d refused", n, refused)
	}
	for from, button := range map[string]string{"10.0.0.7:9": "stop", "10.0.0.8:9": "1", "127.0.0.1:9": "1"} {
		if code := press(from, button); code != http.StatusSeeOther {
			t.Errorf("%s by %s: %d", button, from, code)
		}
	}
}

// A held button is one press, however long it is held; pressed anew it is
// another.
func TestAPhoneMayHold(t *testing.T) {
	b := newBench(t, t.TempDir())
	say := func(what string) int {
		r := httptest.NewRequest("POST", "http://van-1.local/panel/"+what, strings.NewReader("button=talk"))
		r.Header.Set("Content-Type", form)
		r.RemoteAddr = "10.0.0.7:9"
		w := httptest.NewRecorder()
		b.server.Config.Handler.ServeHTTP(w, r)
		return w.Code
	}
	for range 20 * pressBurst {
		if code := say("down"); code != http.StatusNoContent {
			t.Fatalf("to hold on: %d", code)
		}
	}
	refused := 0
	for range 2 * pressBurst {
		if code := say("up"); code != http.StatusNoContent {
			t.Fatalf("to let go: %d", code)
		}
		if say("down") == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("a phone may press without end")
	}
}

// Tries that the card refuses do not count.
func TestAnIllCardIsToldAgainAndAgain(t *testing.T) {
	pages := brokenPages(t, brokenVisits{err: agent.ErrBroken})
	for range phoneBurst + 5 {
		r := post(`{"id":"` + newID(1).String() + `","place":"x","outcome":"met"}`)
		r.RemoteAddr = "10.0.0.7:9"
		w := httptest.NewRecorder()
		if pages.ServeHTTP(w, r); w.Code != http.StatusServiceUnavailable {
			t.Fatalf("answered %d", w.Code)
		}
	}
}

func TestAPhoneMayGoOnAfterAWhile(t *testing.T) {
	f := newFlood[netip.Addr](phoneBurst, phoneEvery)
	a := netip.MustParseAddr("10.0.0.7")
	for range phoneBurst {
		f.takes(a, time.Hour)
	}
	if f.takes(a, time.Hour+phoneEvery-1) || !f.takes(a, time.Hour+phoneEvery) || f.takes(a, time.Hour+phoneEvery) {
		t.Error("want one visit each", phoneEvery)
	}
	for i := range 5 * mostPhones {
		f.takes(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), time.Hour)
	}
	if len(f.full) > mostPhones {
		t.Errorf("%d addresses are remembered", len(f.full))
	}
}
