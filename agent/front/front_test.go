package front

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	firmwareconfig "ark/firmware-config"
	"ark/hub/identity"
	"ark/internal/testca"
)

var (
	quiet    = slog.New(slog.NewTextHandler(io.Discard, nil))
	quietLog = slog.NewLogLogger(quiet.Handler(), slog.LevelDebug)
)

// secret is what the app behind the door shows, and port 80 never may.
const secret = "王奶奶 3幢2单元501室"

// house is a van with the house's certificate, as arkctl makes it.
type house struct {
	*Front
	root *x509.Certificate
	dir  string
	now  time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{dir: t.TempDir(), now: noon}
	pages, err := identity.InitPages(h.dir, "ark.internal", noon.AddDate(0, 0, -1))
	if err != nil {
		t.Fatal(err)
	}
	page, err := pages.NewPage("van-1", noon)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"pages.pem": page.CertPEM, "pages-key.pem": page.KeyPEM} {
		if err := os.WriteFile(h.dir+"/"+name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.root = pages.Cert
	h.Front, err = New(Config{Van: "van-1", Name: vanName, HTTPS: ":443", HTTP: ":80", Public: Pair{h.dir + "/public.pem", h.dir + "/public-key.pem"},
		House: Pair{h.dir + "/pages.pem", h.dir + "/pages-key.pem"}, HouseCA: h.dir + "/pages-ca.pem", Now: func() time.Time { return h.now },
		Zone: time.UTC, Log: quiet, App: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, secret) })})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// ask is one request to a handler, with headers in pairs.
func ask(h http.Handler, method, url string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestTexts(t *testing.T) {
	for _, fault := range texts.Check(os.DirFS("."), "texts.go") {
		t.Error(fault)
	}
	for _, g := range guides {
		all := []pair{g.Name}
		for _, s := range g.Steps {
			all = append(append(all, s.Do), s.Screen...)
			if s.File != "" {
				all = append(all, s.Label)
			}
			if len(s.Screen) > 0 && (s.Hot < 1 || s.Hot >= len(s.Screen)) {
				t.Errorf("%s: %q has no row to touch", g.ID, s.Do[1])
			}
		}
		for _, p := range all {
			if p[0] == "" || p[1] == "" {
				t.Errorf("%s: %q lacks a language", g.ID, p)
			}
		}
	}
}

// What each maker's phone asks, and what keeps it on the Wi-Fi.
func TestPhonesHearThatTheWiFiIsGood(t *testing.T) {
	h := newHouse(t).Plain()
	const success = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
	rows := []struct{ url, agent, body string }{
		{"http://connectivitycheck.gstatic.com/generate_204", "Dalvik/2.1.0", ""},
		{"http://www.google.cn/generate_204", "", ""},
		{"http://play.googleapis.com/generate_204", "", ""},
		{"http://connectivitycheck.platform.hicloud.com/generate_204", "", ""},
		{"http://connect.rom.miui.com/generate_204", "", ""},
		{"http://wifi.vivo.com.cn/generate_204", "", ""},
		{"http://conn1.oppomobile.com/generate_204", "", ""},
		{"http://edge-http.microsoft.com/captiveportal/generate_204", "", ""},
		{"http://connectivity-check.ubuntu.com/", "", ""},
		{"http://captive.apple.com/hotspot-detect.html", "CaptiveNetworkSupport-443.120.2 wispr", success},
		{"http://captive.apple.com/", "", success},
		{"http://www.apple.com/library/test/success.html", "", success},
		{"http://www.ibook.info/vlbWfDzHx/a.html", "CaptiveNetworkSupport-306.20.1 wispr", success},
		{"http://www.msftconnecttest.com/connecttest.txt", "Microsoft NCSI", "Microsoft Connect Test"},
		{"http://www.msftncsi.com/ncsi.txt", "Microsoft NCSI", "Microsoft NCSI"},
		{"http://detectportal.firefox.com/success.txt?ipv4", "", "success\n"},
		{"http://detectportal.firefox.com/canonical.html", "", `<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>`},
		{"http://nmcheck.gnome.org/check_network_status.txt", "", "NetworkManager is online\n"},
	}
	for _, row := range rows {
		got := ask(h, "GET", row.url, "User-Agent", row.agent)
		want := http.StatusOK
		if row.body == "" {
			want = http.StatusNoContent
		}
		if got.Code != want || got.Body.String() != row.body {
			t.Errorf("%s: %d %q", row.url, got.Code, got.Body)
		}
		name := strings.Split(row.url, "/")[2]
		if !slices.Contains(firmwareconfig.Probes, name) {
			t.Errorf("the van's name server does not know %s", name)
		}
	}
}

// Whatever else is asked of port 80 leads to the page, and nothing leads to
// the app or its words.
func TestPort80HoldsNothingOfAnybody(t *testing.T) {
	h := newHouse(t).Plain()
	rows := []struct {
		method, url, to string
		code            int
	}{
		{"GET", "http://van-1.ark.internal/visits", "http://van-1.ark.internal/", 302},
		{"GET", "http://www.msftconnecttest.com/redirect", "http://van-1.ark.internal/", 302},
		{"GET", "http://example.com/", "", 200},
		{"GET", "http://10.77.77.1/api/1/state", "/", 302},
		{"GET", "http://10.77.77.1:80/x", "/", 302},
		{"GET", "http://[fe80::1]/x", "/", 302},
		{"HEAD", "http://van-1.ark.internal/panel", "http://van-1.ark.internal/", 302},
		{"POST", "http://van-1.ark.internal/visits", "", 405},
		{"POST", "http://van-1.ark.internal/api/1/visits", "", 405},
		{"PUT", "http://connect.rom.miui.com/generate_204", "", 405},
	}
	for _, row := range rows {
		got := ask(h, row.method, row.url)
		if got.Code != row.code || got.Header().Get("Location") != row.to {
			t.Errorf("%s %s: %d to %q, want %d to %q", row.method, row.url, got.Code, got.Header().Get("Location"), row.code, row.to)
		}
	}
	for _, path := range []string{"/", "/join", "/join/ios", "/visits", "/house-ca.crt"} {
		got := ask(h, "GET", "http://van-1.ark.internal"+path)
		if strings.Contains(got.Body.String(), "王奶奶") || got.Header().Get("Strict-Transport-Security") != "" || len(got.Result().Cookies()) > 0 {
			t.Errorf("%s says too much: %v", path, got.Header())
		}
	}
}

// The page says where the app is, and how the certificate stands.
func TestThePageOfPort80(t *testing.T) {
	h := newHouse(t)
	text := func(agent string) string {
		return ask(h.Plain(), "GET", "http://van-1.ark.internal/", "User-Agent", agent, "Accept-Language", "en").Body.String()
	}
	const phone = "Mozilla/5.0 (Linux; Android 13; M2101K9C) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
	const link = `href="https://van-1.ark.internal/"`
	steps := []struct {
		name, agent string
		prepare     func()
		want, not   string
	}{
		{"the house's", phone, func() {}, "From the house: each phone installs it once. Valid until", "public authority"},
		{"a link", phone, func() {}, link, `class="qr"`},
		{"in a sign-in window", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148", func() {}, `class="qr"`, link},
		{"in WeChat", phone + " MicroMessenger/8.0", func() {}, "Shut it", link},
		{"a public one", phone, func() { h.give(t, days(-1), days(40)) }, "From an authority that phones know", "Install the certificate, once"},
		{"that expires", phone, func() { h.now = days(41) }, "The one from a public authority: it has expired", "phones know"},
		{"the house's runs out", phone, func() { h.now = days(760) }, "days are left", ""},
		{"and is over", phone, func() { h.now = days(900) }, "It has expired: phones cannot open", ""},
		{"none at all", phone, func() {
			os.Remove(h.dir + "/pages.pem")
			os.Remove(h.dir + "/pages-key.pem")
			os.Remove(h.dir + "/public.pem")
			os.Remove(h.dir + "/public-key.pem")
		},
			"The van has no certificate", "Valid until"},
	}
	for _, s := range steps {
		s.prepare()
		got := text(s.agent)
		if !strings.Contains(got, s.want) || s.not != "" && strings.Contains(got, s.not) {
			t.Errorf("%s: want %q and not %q in\n%s", s.name, s.want, s.not, got)
		}
	}
	if _, err := h.TLS().GetCertificate(&tls.ClientHelloInfo{}); err == nil {
		t.Error("a handshake without a certificate")
	}
}

// give gives the van a public chain.
func (h *house) give(t *testing.T, from, to time.Time) *testca.CA {
	t.Helper()
	ca := testca.New(t)
	testca.Write(t, h.c.Public.Cert, h.c.Public.Key, ca.Page(t, vanName, from, to))
	return ca
}

// What a phone installs is the certificate alone, in the form that its maker
// opens.
func TestWhatPhonesInstall(t *testing.T) {
	h := newHouse(t)
	for _, handler := range []http.Handler{h.Plain(), h.Secure()} {
		crt := ask(handler, "GET", "http://van-1.ark.internal/house-ca.crt")
		if crt.Header().Get("Content-Type") != "application/x-x509-ca-cert" || !bytes.Equal(crt.Body.Bytes(), h.root.Raw) {
			t.Errorf("%v", crt.Header())
		}
		got := ask(handler, "GET", "http://van-1.ark.internal/house-ca.mobileconfig")
		if got.Header().Get("Content-Type") != "application/x-apple-aspen-config" {
			t.Errorf("%v", got.Header())
		}
		data := regexp.MustCompile(`<data>([^<]+)</data>`).FindStringSubmatch(got.Body.String())
		if data == nil {
			t.Fatalf("no certificate in\n%s", got.Body)
		}
		if der, err := base64.StdEncoding.DecodeString(data[1]); err != nil || !bytes.Equal(der, h.root.Raw) {
			t.Errorf("another certificate: %v", err)
		}
		if ids := regexp.MustCompile(`[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}</string>\n<key>PayloadDisplayName`).FindAllString(got.Body.String(), -1); len(ids) != 2 || ids[0] == ids[1] {
			t.Errorf("identifiers %v", ids)
		}
		if again := ask(handler, "GET", "http://van-1.ark.internal/house-ca.mobileconfig"); again.Body.String() != got.Body.String() {
			t.Error("a second profile would stand beside the first")
		}
	}
	if err := os.WriteFile(h.c.HouseCA, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("key")}), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ask(h.Plain(), "GET", "http://van-1.ark.internal/house-ca.crt"); got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), "key") {
		t.Errorf("a file that is no certificate was given away: %d %q", got.Code, got.Body)
	}
}

// Each kind of phone finds its own steps.
func TestAPhoneFindsItsSteps(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00; HMSCore 6.11) AppleWebKit/537.36 HuaweiBrowser/14.0": "harmony",
		"Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1.6.1 Mobile":                            "harmony",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1":                                      "ios",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/120.0":                                                      "windows",
		"Mozilla/5.0 (Linux; Android 14; 23127PN0CC) XiaoMi/MiuiBrowser/18.2":                                      "android",
		"": "android",
	} {
		if got := guideOf("", agent).ID; got != want {
			t.Errorf("%s: %s, want %s", agent, got, want)
		}
	}
	if got := guideOf("windows", "iPhone").ID; got != "windows" {
		t.Errorf("what the person chose counts: %s", got)
	}
	h := newHouse(t).Plain()
	if got := ask(h, "GET", "http://van-1.ark.internal/join/"+strings.Repeat("x", 5000)).Body.String(); strings.Contains(got, "xxx") || !strings.Contains(got, "van-1.ark.internal/join</span>") {
		t.Errorf("a page that says what was asked:\n%s", got)
	}
	for _, g := range guides {
		got := ask(h, "GET", "http://van-1.ark.internal/join/"+g.ID, "Accept-Language", "en").Body.String()
		if !strings.Contains(got, html.EscapeString(g.Steps[0].Do[1])) || !strings.Contains(got, `aria-current="true">`+html.EscapeString(g.Name[1])) {
			t.Errorf("%s is not shown", g.ID)
		}
	}
}

// TLS as old phones speak it, and nothing older; over it the app.
func TestTLS(t *testing.T) {
	h := newHouse(t)
	h.now = time.Now()
	s := httptest.NewUnstartedServer(h.Secure())
	s.TLS = h.TLS()
	s.Config.ErrorLog = quietLog
	s.StartTLS()
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(h.root)
	dial := func(c *tls.Config) (*tls.Conn, error) {
		c.RootCAs, c.ServerName, c.Time = pool, vanName, func() time.Time { return noon }
		return tls.Dial("tcp", s.Listener.Addr().String(), c)
	}
	conn, err := dial(&tls.Config{MaxVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
	if err != nil {
		t.Fatalf("an old phone: %v", err)
	}
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: "+vanName+"\r\nConnection: close\r\n\r\n")
	body, _ := io.ReadAll(conn)
	if !bytes.Contains(body, []byte(secret)) || bytes.Contains(bytes.ToLower(body), []byte("strict-transport-security")) {
		t.Errorf("%s", body)
	}
	if conn, err := dial(&tls.Config{NextProtos: []string{"h2", "http/1.1"}}); err != nil || conn.ConnectionState().NegotiatedProtocol != "http/1.1" {
		t.Errorf("a new phone: %v", err)
	}
	if _, err := dial(&tls.Config{MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was spoken")
	}
}

// Codes are drawn once and are few, whatever passers-by ask for.
func TestCodesAreDrawnOnce(t *testing.T) {
	h := newHouse(t)
	ask := func() int {
		for i := range 50 {
			for _, path := range []string{"/", "/join", "/join/ios", "/join/" + strconv.Itoa(i), "/join?x=" + strconv.Itoa(i)} {
				r := httptest.NewRequest("GET", "http://"+vanName+path, nil)
				r.Header.Set("Accept-Language", []string{"zh", "en"}[i%2])
				h.Plain().ServeHTTP(httptest.NewRecorder(), r)
			}
		}
		return len(h.codes.drawn)
	}
	if first, again := ask(), ask(); first == 0 || first > 8 || again != first {
		t.Errorf("%d codes were drawn, then %d", first, again)
	}
}
