// Package browser opens pages in a real browser for tests. It is the one door
// to chromedp.
package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"ark/internal/skip"
)

// Phone and Desk are the two sizes at which pages are judged.
var (
	Phone = Options{Width: 390, Height: 844}
	Desk  = Options{Width: 1280, Height: 900}
)

// Options are how a browser looks at pages.
type Options struct {
	Width, Height int64  // of the viewport; 0: the size of Desk
	Lang          string // what the browser asks for; empty: zh-CN
	Zone          string // where its clock is, such as Asia/Shanghai; empty: where the machine's is
	NoScript      bool   // pages' scripts do not run
	Microphone    bool   // there is one, which beeps, and pages may use it
	Profile       string // folder of what the browser keeps, for one that is opened again; empty: one of its own, gone with it
	Before        string // a script that each page runs before its own

	Places map[string]string // where names are served, such as "van.test:443" at "127.0.0.1:4711"; nil: as the machine finds them
	Trust  [][]byte          // authorities that a person installed, PEM
}

// patience is the longest that one step may take.
const patience = time.Minute

// Page is one tab of a browser of its own, or of a profile of its own in one
// that is shared. Its methods fail the test when the browser cannot do what
// they say.
type Page struct {
	t   testing.TB
	ctx context.Context
	o   Options

	mu     sync.Mutex
	faults []string
}

// Open starts a browser, or opens a new profile in one that is shared, or skips
// the test where ARK_QUICK=1. It ends with the test.
func Open(t testing.TB, o Options) *Page {
	t.Helper()
	if skip.Quick() {
		t.Skip("ARK_QUICK=1: no browser")
	}
	if o.Width == 0 {
		o.Width, o.Height = Desk.Width, Desk.Height
	}
	if o.Lang == "" {
		o.Lang = "zh-CN"
	}
	if sharing != nil && !o.alone() {
		return newPage(t, sharing.of(t, o), o, chromedp.WithNewBrowserContext())
	}
	all, end := chromedp.NewExecAllocator(context.Background(), o.start(t)...)
	t.Cleanup(end)
	return newPage(t, all, o)
}

// start is how a browser is started that looks at pages so.
func (o Options) start(t testing.TB) []chromedp.ExecAllocatorOption {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("accept-lang", o.Lang))
	if o.NoScript {
		options = append(options, chromedp.Flag("blink-settings", "scriptEnabled=false"))
	}
	if o.Microphone {
		options = append(options, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true))
	}
	if o.Profile != "" {
		options = append(options, chromedp.UserDataDir(o.Profile))
	}
	if o.Places != nil {
		options = append(options, chromedp.Flag("host-resolver-rules", at(o.Places)))
	}
	if o.Trust != nil {
		options = append(options, trusting(t, o.Trust))
	}
	return options
}

// newPage opens a tab: in the browser of parent, where that has one.
func newPage(t testing.TB, parent context.Context, o Options, how ...chromedp.ContextOption) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, how...)
	p := &Page{t: t, ctx: ctx, o: o}
	messages := chromedp.Console(ctx)
	var listening sync.WaitGroup
	listening.Go(func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException {
				p.fault(m.Text)
			}
		}
	})
	t.Cleanup(func() { cancel(); listening.Wait() })
	p.do("open a browser", chromedp.EmulateViewport(o.Width, o.Height))
	if o.Zone != "" {
		command(p, "have a time zone", emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: o.Zone})
	}
	if o.Before != "" {
		command(p, "run a script before pages", page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: o.Before})
	}
	return p
}

func (p *Page) fault(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, text)
}

// Faults are what the pages complained of on the console until now: scripts
// that failed, and what the Content-Security-Policy refused.
func (p *Page) Faults() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.faults...)
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v\n%s", what, err, p.seen())
	}
}

// seen is the text of the page, for a test that failed.
func (p *Page) seen() string {
	ctx, cancel := context.WithTimeout(p.ctx, 3*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText")) // only words for a failure
	return text
}

// Go opens an address and waits until the page is there.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.do("go to "+url, chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("body")))
}

// Try opens an address as Go does, where it may be refused: the error is the
// browser's, such as net::ERR_CERT_DATE_INVALID.
func (p *Page) Try(url string) error {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("body")))
}

// Type types text into the field that a CSS selector finds.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Choose chooses files in the field that a CSS selector finds.
func (p *Page) Choose(selector string, paths ...string) {
	p.t.Helper()
	p.do("choose files in "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), paths))
}

// Click scrolls to what a CSS selector finds, and clicks it.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Down presses the left button of the mouse on what a CSS selector finds, and
// leaves it down.
func (p *Page) Down(selector string) {
	p.t.Helper()
	at := p.middle(selector)
	p.do("press on "+selector, chromedp.MouseEvent(chromedp.MousePressed, at[0], at[1], chromedp.ButtonLeft, chromedp.ClickCount(1)))
}

// Up lets the mouse's button go, wherever it is.
func (p *Page) Up() {
	p.t.Helper()
	p.do("let go", chromedp.MouseEvent(chromedp.MouseReleased, 1, 1, chromedp.ButtonLeft, chromedp.ClickCount(1)))
}

// Swipe puts a finger on what a CSS selector finds, moves it up by so many
// pixels and lifts it; 0 is a tap.
func (p *Page) Swipe(selector string, up float64) {
	p.t.Helper()
	at := p.middle(selector)
	touch := func(what input.DispatchTouchEventType, points ...*input.TouchPoint) chromedp.Action[chromedp.Void] {
		return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: what, TouchPoints: append([]*input.TouchPoint{}, points...)})
			return err
		})
	}
	steps := []chromedp.Action[chromedp.Void]{touch("touchStart", &input.TouchPoint{X: at[0], Y: at[1]})}
	for moved := up / 5; up != 0 && moved <= up; moved += up / 5 {
		steps = append(steps, touch("touchMove", &input.TouchPoint{X: at[0], Y: at[1] - moved}))
	}
	p.do("put a finger on "+selector, append(steps, touch("touchEnd"))...)
}

// middle scrolls what a CSS selector finds into the middle of the window, and
// is where it then is.
func (p *Page) middle(selector string) [2]float64 {
	p.t.Helper()
	return Value[[2]float64](p, fmt.Sprintf("(() => { const e = document.querySelector(%q); e.scrollIntoView({ block: 'center' }); "+
		"const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()", selector))
}

// Submit clicks what a CSS selector finds, and waits for the page that comes.
func (p *Page) Submit(selector string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))); err != nil {
		p.t.Fatalf("submit by %s: %v\n%s", selector, err, p.seen())
	}
}

// Press presses a key: "\t" is Tab, "\r" Enter.
func (p *Page) Press(key string) {
	p.t.Helper()
	p.do("press a key", chromedp.KeyEvent(key))
}

// Reach goes on with the Tab key until what a selector names has the focus.
func (p *Page) Reach(selector string) {
	p.t.Helper()
	for range 60 {
		if Value[bool](p, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return
		}
		p.Press("\t")
	}
	p.t.Fatalf("Tab never comes to %s", selector)
}

// Text is all that a reader sees.
func (p *Page) Text() string {
	p.t.Helper()
	return Value[string](p, "document.body.innerText")
}

// Value is what a JavaScript expression comes to.
func Value[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("evaluate %s: %v\n%s", expression, err, p.seen())
	}
	return v
}

// Outcome is what the promise of a JavaScript expression comes to.
func Outcome[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("await %s: %v\n%s", expression, err, p.seen())
	}
	return v
}

// Await waits until a JavaScript expression is true and answers how long it
// took. It survives the page being replaced meanwhile.
func (p *Page) Await(expression string) time.Duration {
	p.t.Helper()
	began := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		cancel()
		if err == nil && ok {
			return time.Since(began)
		}
		if time.Since(began) > patience {
			p.t.Fatalf("waited in vain for %s (%v)\n%s", expression, err, p.seen())
		}
		<-tick.C
	}
}

// AwaitText waits until a reader sees the text.
func (p *Page) AwaitText(text string) time.Duration {
	p.t.Helper()
	return p.Await(fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// Shot keeps a picture of the whole page as a PNG where ARK_SHOTS names a
// folder; otherwise it does nothing.
func (p *Page) Shot(name string) {
	p.t.Helper()
	dir := os.Getenv("ARK_SHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	p.Await("document.fonts.status === 'loaded'")
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, strings.TrimSuffix(name, ".png")+".png"), png, 0o644)
	}
	if err != nil {
		p.t.Errorf("keep picture %s: %v", name, err)
	}
}
