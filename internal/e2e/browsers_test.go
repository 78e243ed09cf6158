package e2e

import (
	"fmt"
	"strings"
	"testing"

	"ark/internal/browser"
)

// pocket is a phone with the crew's app in a real browser. What the browser
// keeps lies in a profile that outlives it.
type pocket struct {
	t      testing.TB
	v      *van
	o      browser.Options
	tabs   []*browser.Page
	rounds int
	saved  map[string]bool // places of visits that the app said are kept on the phone
	kills  int
}

// newPocket installs the app and enrols the phone, as a person in the van does.
func newPocket(t testing.TB, v *van) *pocket {
	t.Helper()
	p := &pocket{t: t, v: v, o: browser.Phone, saved: map[string]bool{}}
	p.o.Profile = t.TempDir()
	page := p.tab(nil)
	browser.Outcome[bool](page, fmt.Sprintf(`ark.enrol(%q, "1号手机").then(() => true)`, v.code()))
	page.Await("navigator.serviceWorker.controller && ark.state.form")
	page.Kill()
	return p
}

// tab opens the app, in the browser of another tab or in a new one.
func (p *pocket) tab(beside *browser.Page) *browser.Page {
	p.t.Helper()
	var page *browser.Page
	if beside != nil {
		page = beside.Tab()
	} else {
		page = browser.Open(p.t, p.o)
	}
	page.Go("http://" + p.v.addr + "/")
	browser.Outcome[bool](page, `import("/app/core/ark.js").then(async (m) => { globalThis.ark = await m.open(); return true; })`)
	return page
}

// open starts the browser, which finds the van or not, with one tab or two
// that log visits one after another.
func (p *pocket) open(tabs int) {
	p.t.Helper()
	p.tabs = nil
	for n := range tabs {
		var beside *browser.Page
		if n > 0 {
			beside = p.tabs[0]
		}
		page := p.tab(beside)
		p.tabs = append(p.tabs, page)
		browser.Value[bool](page, fmt.Sprintf(`(globalThis.said = [], (async () => {
			for (let n = 0; ; n++) {
				const draft = await ark.draft();
				draft.visit = { ...draft.visit, place: "%d-%d-" + n, outcome: "met" };
				ark.keep(draft);
				await ark.log(draft);
				said.push(draft.visit.place);
			}
		})(), true)`, p.rounds, n))
	}
	p.rounds++
}

// kill notes what the app has said to be kept, and ends the browser in the
// middle of what it does.
func (p *pocket) kill(after func()) {
	p.t.Helper()
	for _, page := range p.tabs {
		for _, place := range browser.Value[[]string](page, "said") {
			p.saved[place] = true
		}
	}
	after()
	p.tabs[0].Kill()
	p.kills++
}

// settle opens the app once more and leaves it alone until the phone holds
// nothing that is not on the van.
func (p *pocket) settle() {
	p.t.Helper()
	page := p.tab(nil)
	page.Await("ark.state.counts.phone === 0 && !ark.state.busy")
	page.Kill()
}

// compare holds what is at the hub against what the app said: all of it is
// there, and nothing twice.
func (p *pocket) compare(at atHub) {
	p.t.Helper()
	times := map[string]int{}
	for _, v := range at.visits {
		times[v.place]++
		if times[v.place] > 1 {
			p.t.Errorf("%s is at the hub %d times", v.place, times[v.place])
		}
		if strings.Count(v.place, "-") != 2 {
			p.t.Errorf("nobody logged %q", v.place)
		}
	}
	for place := range p.saved {
		if times[place] == 0 {
			p.t.Errorf("%s was kept on the phone and is not at the hub", place)
		}
	}
	if at.forks+at.gaps+at.quarantined > 0 {
		p.t.Errorf("at the hub: %s", at)
	}
}

// TestChaosBrowser is rounds of the real app in a real browser that is killed
// while it keeps, hands in and is told, with the agent and the hub beneath it
// killed too, or the van away from the beginning of the round to its end.
func TestChaosBrowser(t *testing.T) {
	slow(t)
	rng := random(t)
	h := newFleet(t, 1, "")
	v := h.vans[0]
	h.startHub()
	v.start()
	v.awake()
	p := newPocket(t, v)
	var c tally
	for c.runs < long(3, 100) {
		away := rng.IntN(4) == 0
		if away {
			v.agent.kill()
			c.agentKills++
		}
		p.open(1 + rng.IntN(2))
		if !away && rng.IntN(2) == 0 {
			h.strike(rng, &c)
		}
		p.tabs[0].Await(fmt.Sprintf("said.length >= %d", rng.IntN(8)))
		pause(t.Context(), instant(rng, 1, 1000))
		p.kill(func() { pause(t.Context(), instant(rng, 1, 100)) })
		if away {
			v.start()
		}
		c.runs++
		if c.runs%10 > 0 && c.runs < long(3, 100) {
			continue
		}
		p.settle()
		c.longest = max(c.longest, h.settle())
		p.compare(judgeHub(t, h.db()))
		if t.Failed() {
			t.FailNow()
		}
	}
	at := judgeHub(t, h.db())
	table(t, [][2]string{
		{"SIGKILLs of the browser", fmt.Sprint(p.kills)},
		{"SIGKILLs of the agent", fmt.Sprint(c.agentKills)},
		{"SIGKILLs of the hub", fmt.Sprint(c.hubKills)},
		{"visits kept on the phone, by the app's word", fmt.Sprint(len(p.saved))},
		{"at the hub", at.String()},
		{"lost, doubled", "0"},
		{"chance of a loss per kill", bound(p.kills + c.agentKills + c.hubKills)},
	})
}
