package crew

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A site whose name is made to point to the van (DNS rebinding) reads no
// visits and presses no button: for the browser it would be one site with it.
func TestAnotherSitesNameOpensNothing(t *testing.T) {
	b := newBench(t, t.TempDir())
	for _, host := range []string{"evil.example", "evil.example:8080", "EVIL.Example.", "10.0.0.1.evil.example", "local.evil.example", "notlocal.notlan"} {
		for _, method := range []string{"GET", "POST"} {
			r := httptest.NewRequest(method, "/panel", strings.NewReader("button=1"))
			r.Header.Set("Content-Type", form)
			r.Header.Set("Origin", "http://"+host)
			r.Host = host
			w := httptest.NewRecorder()
			b.server.Config.Handler.ServeHTTP(w, r)
			if w.Code != http.StatusMisdirectedRequest {
				t.Errorf("%s under %s: %d", method, host, w.Code)
			}
		}
	}
	if len(b.pressed) > 0 {
		t.Errorf("pressed %v", b.pressed)
	}
}

func TestTheVansOwnNames(t *testing.T) {
	for _, host := range []string{"10.0.0.1", "10.0.0.1:8080", "[fe80::1]:8080", "[fe80::1]", "localhost:8080", "van", "van-1.local", "VAN-1.LAN:80", "van.ark.example:8080", ""} {
		if !ours(host, []string{"van.ark.example"}) {
			t.Errorf("%s is refused", host)
		}
	}
}
