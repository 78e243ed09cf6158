package front

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"ark/hub/identity"
	"ark/internal/browser"
	"ark/internal/skip"
)

// atHome is a van with the house's certificate, and where a browser finds it.
func atHome(t *testing.T) (s *served, places map[string]string, root []byte) {
	t.Helper()
	dir := t.TempDir()
	authority, err := identity.InitPages(dir, "ark.internal", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	page, err := authority.NewPage("van-1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"pages.pem": page.CertPEM, "pages-key.pem": page.KeyPEM} {
		if err := os.WriteFile(dir+"/"+name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	app := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "the app") })
	s, places = serve(t, "van-1", page.Name, dir, app), map[string]string{}
	s.places(places)
	return s, places, authority.CertPEM()
}

// The page tells a phone that trusts the van from one that does not, and leads
// the one that does to the app.
func TestThePageKnowsWhetherThisPhoneTrustsTheVan(t *testing.T) {
	_, places, root := atHome(t)
	for _, trusts := range []bool{true, false} {
		o := browser.Options{Width: 320, Height: 640, Places: places, Trust: [][]byte{}}
		want, name := "还没有", "strange"
		if trusts {
			o.Trust, want, name = [][]byte{root}, "可以打开队员页了", "trusting"
		}
		p := browser.Open(t, o)
		p.Go("http://van-1.ark.internal/")
		p.AwaitText(want)
		looks(t, p)
		p.Shot("door-" + name)
		p.Submit(`a[href="/join"]`)
		p.AwaitText(want)
		looks(t, p)
		p.Shot("join-" + name)
		if !trusts {
			if err := p.Try("https://van-1.ark.internal/"); err == nil || !strings.Contains(err.Error(), "ERR_CERT_AUTHORITY_INVALID") {
				t.Errorf("the app opens for a phone that does not trust the van: %v", err)
			}
			continue
		}
		p.Go("https://van-1.ark.internal/join/ios")
		p.AwaitText(want)
		p.Submit(`.card a.btn[href="https://van-1.ark.internal/"]`)
		p.AwaitText("the app")
		if faults := p.Faults(); len(faults) > 0 {
			t.Errorf("the pages complained: %q", faults)
		}
	}
}

// Each page in each language, usual and large, is readable for eyes of seventy
// and no wider than the phone; without script it still says what to do.
func TestThePagesAreForEverybody(t *testing.T) {
	_, places, root := atHome(t)
	for _, lang := range []string{"zh-CN", "en"} {
		p := browser.Open(t, browser.Options{Width: 320, Height: 640, Lang: lang, Places: places, Trust: [][]byte{root}})
		for _, path := range []string{"/", "/join/android", "/join/harmony", "/join/ios", "/join/windows", "/?big", "/join/android?big"} {
			p.Go("http://van-1.ark.internal" + path)
			looks(t, p)
			p.Shot("front-" + lang + strings.NewReplacer("/", "-", "?", "-").Replace(path))
		}
	}
	p := browser.Open(t, browser.Options{Width: 320, Height: 640, NoScript: true, Places: places, Trust: [][]byte{root}})
	p.Go("http://van-1.ark.internal/join")
	if text := p.Text(); !strings.Contains(text, "没有出现警告") || !strings.Contains(text, "下载证书") {
		t.Errorf("without script:\n%s", text)
	}
}

// axe-core, from scripts/test-deps, finds nothing that keeps people out.
func TestNothingKeepsPeopleOut(t *testing.T) {
	if skip.Quick() {
		t.Skip("ARK_QUICK=1: no browser")
	}
	axe, err := os.ReadFile("../../build/axe-core/axe.min.js")
	if err != nil {
		skip.Lacking(t, "axe-core is not there (make deps)")
	}
	_, places, root := atHome(t)
	p := browser.Open(t, browser.Options{Width: 390, Height: 844, Places: places, Trust: [][]byte{root}})
	for _, path := range []string{"/", "/join/ios", "/join/android?big"} {
		p.Go("http://van-1.ark.internal" + path)
		p.AwaitText("可以打开队员页了")
		browser.Value[bool](p, string(axe)+"; true")
		for _, fault := range browser.Outcome[[]string](p, "axe.run({ resultTypes: ['violations'] }).then((r) => r.violations"+
			".filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => v.id + ': ' + v.help + ' at ' + v.nodes[0].target.join(' ') + ' ' + v.nodes[0].failureSummary))") {
			t.Errorf("%s: %s", path, fault)
		}
	}
}

// looks holds a page to the rules of the Ministry of Industry (MIIT, 2021) for
// pages for the old: text of 18 px at least, lines of 1.3, targets of 60 px.
func looks(t *testing.T, p *browser.Page) {
	t.Helper()
	faults := browser.Value[[]string](p, `(() => {
		const faults = [];
		if (document.documentElement.scrollWidth > innerWidth) faults.push('the page is wider than the phone');
		for (const e of document.querySelectorAll('body *')) {
			if (!e.checkVisibility() || e.closest('svg')) continue;
			const s = getComputedStyle(e), own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
			if (own && parseFloat(s.fontSize) < 18) faults.push('small: ' + e.textContent);
			if (own && s.lineHeight !== 'normal' && parseFloat(s.lineHeight) < 1.3 * parseFloat(s.fontSize) - .5) faults.push('close: ' + e.textContent);
			const r = e.getBoundingClientRect();
			if (e.matches('a, button') && !e.matches('.skip') && (r.width < 59.5 || r.height < 59.5)) faults.push('narrow: ' + e.textContent + ' ' + r.width + 'x' + r.height);
		}
		return faults;
	})()`)
	for _, f := range faults {
		t.Errorf("%s: %s", browser.Value[string](p, "location.href"), f)
	}
}
