package crew

import (
	"fmt"
	"testing"

	"ark/internal/browser"
)

// opened opens the engine in a page of the van at url, as the screens do.
func opened(p *browser.Page, url string) *browser.Page {
	p.Go(url + "/blank")
	return awake(p)
}

func awake(p *browser.Page) *browser.Page {
	browser.Outcome[bool](p, `import("/app/core/ark.js").then(async (m) => { globalThis.ark = await m.open(); return true; })`)
	return p
}

func enrolled(p *browser.Page) *browser.Page {
	browser.Outcome[bool](p, `ark.enrol("code", "1号手机").then(() => true)`)
	return p
}

// logOne logs a visit and answers its id once that is durable.
func logOne(p *browser.Page, place string) string {
	return browser.Outcome[string](p, fmt.Sprintf(`(async () => { const d = await ark.draft(); d.visit = { ...d.visit, place: %q, outcome: "met" }; ark.keep(d); return ark.log(d); })()`, place))
}

// awaitCounts waits until that many visits are only on the phone, on the van, at the hub.
func awaitCounts(p *browser.Page, phone, van, hub int) {
	p.Await(fmt.Sprintf(`(({ phone, van, hub, all, reviewed, returned }) => phone === %d && van === %d && hub === %d && phone + van + hub + reviewed + returned === all)(ark.state.counts)`, phone, van, hub))
}

func TestEngineHandsIn(t *testing.T) {
	o := newOdd(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	id := logOne(p, "3幢501")
	awaitCounts(p, 0, 1, 0)
	if got := o.holds(); len(got) != 1 || got[id] == "" {
		t.Errorf("the van holds %v", got)
	}
	o.stop()
	logOne(p, "3幢502")
	awaitCounts(p, 1, 1, 0)
	o.start()
	awaitCounts(p, 0, 2, 0)
	if f := p.Faults(); len(f) > 0 {
		t.Logf("faults %q", f)
	}
}
