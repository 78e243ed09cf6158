package browser

import (
	"context"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// command makes the browser do what chromedp has no name for.
func command[P, R any](p *Page, what string, c cdp.Command[P, R], params P) {
	p.t.Helper()
	p.do(what, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	}))
}

// Authenticator gives the page a device that makes and shows passkeys, and
// whose owner agrees to everything.
func (p *Page) Authenticator() {
	p.t.Helper()
	command(p, "use passkeys", webauthn.Enable, webauthn.EnableParams{})
	command(p, "add an authenticator", webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
}

// Print is the page as it is printed: a PDF of the size that its style sheet
// names, without the tags for readers of PDFs.
func (p *Page) Print() (pdf []byte) {
	p.t.Helper()
	yes, no := true, false
	p.do("print", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		got, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &yes, GenerateTaggedPDF: &no})
		if err == nil {
			pdf = got.Data
		}
		return err
	}))
	return pdf
}

// Tab opens another tab of the same browser.
func (p *Page) Tab() *Page {
	p.t.Helper()
	return newPage(p.t, p.ctx, p.o)
}

// Cut takes the network away from the tab and its service worker, and tells
// the page so, until Mend.
func (p *Page) Cut() { p.t.Helper(); p.reach(false) }

// Mend gives back the network that Cut took.
func (p *Page) Mend() { p.t.Helper(); p.reach(true) }

func (p *Page) reach(there bool) {
	p.t.Helper()
	var rules []*network.Conditions
	if !there {
		rules = append(rules, &network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	}
	away := !there
	command(p, "cut or mend the network", network.EmulateNetworkConditionsByRule,
		network.EmulateNetworkConditionsByRuleParams{EmulateOfflineServiceWorker: &away, MatchedNetworkConditions: append([]*network.Conditions{}, rules...)})
	command(p, "tell the page of the network", network.OverrideNetworkState,
		network.OverrideNetworkStateParams{Offline: away, DownloadThroughput: -1, UploadThroughput: -1})
}

// Slow makes the page's processor so many times slower, as a cheap phone's is.
// Its service worker is not: a browser can slow down pages only.
func (p *Page) Slow(times float64) {
	p.t.Helper()
	command(p, "slow the page down", emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times})
}

// Afresh makes the tab fetch all that it shows over the network, as if it had
// never been there: it passes the service worker and the browser's cache by.
func (p *Page) Afresh() {
	p.t.Helper()
	command(p, "hear of the network", network.Enable, network.EnableParams{})
	command(p, "pass the service worker by", network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	command(p, "pass the cache by", network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
}

// Room sets how many bytes an origin may keep; below what it keeps already,
// nothing more goes in. 0 takes the bound away.
func (p *Page) Room(origin string, bytes float64) {
	p.t.Helper()
	params := storage.OverrideQuotaForOriginParams{Origin: origin}
	if bytes > 0 {
		params.QuotaSize = &bytes
	}
	command(p, "set the room of "+origin, storage.OverrideQuotaForOrigin, params)
}

// Kill ends the browser at once, all its tabs with it, as SIGKILL does. What
// its profile holds then, another Open finds.
func (p *Page) Kill() {
	p.t.Helper()
	if sharing != nil && !p.o.alone() {
		p.t.Fatal("this browser is others' too: Options.Profile makes one of its own")
	}
	if err := chromedp.FromContext(p.ctx).Browser.Process().Kill(); err != nil {
		p.t.Fatalf("kill the browser: %v", err)
	}
	<-p.ctx.Done()
}

// Keep lets the browser keep what it downloads in a folder; otherwise it
// refuses to.
func (p *Page) Keep(folder string) {
	p.t.Helper()
	command(p, "keep downloads", cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder,
		BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID})
}
