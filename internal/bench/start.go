package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/store"
	"ark/internal/browser"
	"ark/internal/invented"
	"ark/internal/rig"
)

const (
	startHouseholds = 100_000
	startVisits     = 50_000
	starts          = 10    // of each kind
	cheapPhone      = 4     // times slower than this machine's processor
	startGoal       = 2_000 // ms
)

// usable notes when the first screen can be used: its field and a household to
// press are there, drawn, and the page has time to hear of a touch.
const usable = `{ const seen = new MutationObserver(() => {
	if (!document.querySelector("main #place") || !document.querySelector("main button:not([disabled])")) return;
	seen.disconnect();
	requestAnimationFrame(() => setTimeout(() => { window.usable = performance.now(); }));
}); seen.observe(document, { childList: true, subtree: true }); }`

// appStart is how long it takes from opening the installed app to a screen on
// which somebody can press: the real ark-agent on a card that holds 100,000
// households and 50,000 visits, over TLS, and Chromium as slow as a cheap
// phone.
func appStart(t *bench) []figure {
	van := fullVan(t)
	p := van.phone(t)
	figures := []figure{}
	tell := func(name string, each func()) {
		var took []float64
		for range starts {
			each()
			p.Slow(cheapPhone)
			p.Go(van.app + "/")
			p.Await("window.usable")
			took = append(took, browser.Value[float64](p, "window.usable"))
			p.Slow(1)
		}
		figures = append(figures, figure{Name: "app start, " + name + ", worst of 10", Value: slices.Max(took), Unit: "ms"}.most(startGoal),
			figure{Name: "  median", Value: median(took), Unit: "ms"})
	}
	away := func() { p.Go(van.app + "/manifest.webmanifest") }
	tell("installed, the van in reach", away)
	tell("the first of the day", func() { away(); browser.Outcome[bool](p, forgetArea) })
	van.agent.Process.Signal(syscall.SIGSTOP) // it neither answers nor refuses, as in a stairwell at the end of the Wi-Fi
	tell("the van silent", func() { p.Go("about:blank") })
	van.agent.Process.Signal(syscall.SIGCONT)
	p.Cut()
	tell("no network at all", func() { p.Go("about:blank") })
	p.Mend()
	p.Afresh()
	tell("all files over the network", away)
	return figures
}

// forgetArea makes the app fetch the households around it anew.
const forgetArea = `new Promise((ok) => { const r = indexedDB.open("ark"); r.onsuccess = () => { const tx = r.result.transaction(["facts"], "readwrite");
	tx.objectStore("facts").delete("area"); tx.oncomplete = () => { r.result.close(); ok(true); }; }; })`

// startVan is the van's program with a full card.
type startVan struct {
	agent      *exec.Cmd
	app, plain string // where phones open it, and the machine itself
	tls        string // the address behind the app's name
	authority  []byte // that phones install, PEM
}

func fullVan(t *bench) startVan {
	dir, err := filepath.Abs(t.TempDir())
	t.check(err)
	v := startVan{tls: freePort(t), plain: freePort(t)}
	program(t, "arkctl", "--dir", filepath.Join(dir, "ca"), "ca", "init", "--name", "127.0.0.1")
	program(t, "arkctl", "--dir", filepath.Join(dir, "ca"), "van", "add", "van-1", "--hub", freePort(t), "--listen", v.plain, "--https", v.tls, "--profile", "desk", "--silent",
		"--data", filepath.Join(dir, "data"), "--out", filepath.Join(dir, "van"))
	v.authority, err = os.ReadFile(filepath.Join(dir, "ca", "pages-ca.pem"))
	t.check(err)
	fillCard(t, filepath.Join(dir, "data"))
	v.agent = exec.Command(built("ark-agent"), "run", "--config", filepath.Join(dir, "van", "agent.toml"))
	start(t, v.agent)
	v.app = "https://van-1.ark.internal"
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		res, err := http.Get("http://" + v.plain + "/api/2/hello")
		if err == nil {
			res.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the agent does not answer: %v", err)
		}
	}
	time.Sleep(settle) // until the households are read from the card
	return v
}

// fillCard writes what the hub ordered and what crews logged.
func fillCard(t *bench, dir string) {
	ctx, end := context.WithCancel(context.Background())
	s := store.New(store.Config{Dir: dir, Clock: agent.NewClock(time.Time{}), Random: rig.Random, Release: "bench", Log: rig.Log})
	t.check(s.Open(ctx))
	all, office := invented.Households(1, startHouseholds), ark.NewIncarnation([16]byte{1})
	c := office.Start()
	order := func(kind ark.Kind, body any) {
		raw, err := ark.EncodeBody(kind, body)
		t.check(err)
		raw, err = ark.EncodeEntry(ark.Entry{ID: all[c.Seq].ID, Kind: kind, Body: raw})
		t.check(err)
		c = c.Next(raw)
		_, err = s.Take(ctx, office, ark.Taken{Entries: []ark.TakenEntry{{Cursor: c, Raw: raw}}}, c)
		t.check(err)
	}
	crew := ark.Crew{Version: 1}
	for i, name := range invented.Crew(1) {
		crew.Members = append(crew.Members, ark.CrewMember{ID: all[len(all)-1-i].ID, Name: name})
	}
	order(ark.KindCrew, crew)
	for some := range slices.Chunk(all, ark.MaxHouseholds) {
		order(ark.KindHouseholds, ark.Households{List: some})
	}
	entries, n := invented.Entries(1, startVisits), 0
	for some := range slices.Chunk(invented.Visits(1, startVisits), 500) {
		var records []agent.Record
		for _, v := range some {
			v.Household = all[n*7919%len(all)].ID
			records = append(records, agent.Record{ID: entries[n].ID, Kind: ark.KindVisit, Body: v})
			n++
		}
		t.check(s.Append(ctx, records...))
	}
	end()
	s.Run(ctx) // which has ended: it closes the store
}

var codeOnPage = regexp.MustCompile(`<p class="code" translate="no">(\d{4}) (\d{4})</p>`)

// phone is a browser in which the app is installed, with somebody signed in
// who has logged a visit.
func (v startVan) phone(t *bench) *browser.Page {
	jar, err := cookiejar.New(nil)
	t.check(err)
	res, err := (&http.Client{Jar: jar}).PostForm("http://"+v.plain+"/panel/phones", nil)
	t.check(err)
	page, err := io.ReadAll(res.Body)
	res.Body.Close()
	t.check(err)
	code := codeOnPage.FindSubmatch(page)
	if code == nil {
		t.Fatalf("no code in\n%s", page)
	}
	o := browser.Phone
	o.Before, o.Trust, o.Places = usable, [][]byte{v.authority}, map[string]string{"van-1.ark.internal:443": v.tls}
	p := browser.Open(t, o)
	p.Go(fmt.Sprintf("%s/#enrol=%s%s", v.app, code[1], code[2]))
	p.Await("document.querySelector('#phone-name')")
	p.Type("#phone-name", "手机")
	p.Click("[type=submit]")
	p.Await("document.querySelector('.name')")
	p.Click(".name")
	p.Await("document.querySelector('.home[data-home]')")
	p.Click(".home[data-home]")
	p.Await("document.querySelector('[name=outcome][value=met]')")
	p.Click("[name=outcome][value=met]")
	p.Click(".save")
	p.Await("document.querySelector('.saved [data-state=van]')")
	p.Await("navigator.serviceWorker?.controller")
	return p
}
