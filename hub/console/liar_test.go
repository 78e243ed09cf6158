package console

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"ark"
	"ark/internal/browser"
)

// What a van with a good certificate tells may be anything: no page runs it,
// grows wider than a phone by it, or lets it run backwards into what the
// office says itself.
func TestAVanThatLiesSpoilsNoPage(t *testing.T) {
	b := newBench(t)
	orders, err := b.ingest.Order(t.Context(), []ark.VanID{"van-1"}, ark.KindPlayNow, ark.PlayNow{Announcement: "welcome", NotAfter: math.MaxInt64 / 2})
	must(t, err)
	const script = `"'></title></td><img src=x onerror="window.spoiled=1"><script>window.spoiled=1</script>{{.}}`
	for i, lie := range []string{script, "\u202e\u2066反" + strings.Repeat("\u0301", 20) + "\x1b[2J\r\n\u2028", strings.Repeat("W", 50), strings.Repeat("长", 50)} {
		long := lie + strings.Repeat(lie[len(lie)-1:], max(0, 300-len(lie)))
		if i == 3 {
			long = strings.Repeat("长", 490)
		}
		if i == 1 {
			long = lie
		}
		short := string([]rune(lie)[:min(50, len([]rune(lie)))])
		b.deliver("van-1", true,
			ark.Visit{Place: lie, Person: short, Outcome: ark.Met, Services: []ark.Service{ark.Service(short), "knives"}, Need: long, Note: long, By: short},
			ark.AsRun{Broadcast: ark.ID{byte(i + 1)}, Announcement: "x", Title: ark.Text{Zh: long, En: long}, Trigger: ark.Trigger{Button: long},
				State: ark.BroadcastFailed, Why: long, LatencyMS: math.MaxInt64, EndedAt: math.MinInt64, Exempt: long, ExemptBy: long, Volume: math.MaxInt, Cuts: math.MaxInt,
				Recordings: []ark.AsRunRecording{{Language: ark.Language(long), Frames: math.MaxInt64, Consumed: -1, State: 250, Why: long}}},
			ark.OrderState{Order: orders[0], State: ark.BroadcastFailed, Why: long},
			ark.LibraryState{Version: math.MaxInt64, Stage: ark.LibraryFailed, Why: long, Have: math.MaxInt64, Want: 1}, ark.SelfTest{At: math.MaxInt64, Why: long, Device: long, Volume: math.MinInt},
			ark.Health{Plan: long, Place: long, Volume: math.MaxInt, Full: math.MinInt, Presses: [ark.PressBuckets]int64{math.MaxInt64, math.MinInt64}, Sound: long, Device: long, Panel: long, Release: long, DiskFree: math.MinInt64, LastSound: math.MaxInt64})
		p := b.browse(browser.Options{Width: 390, Height: 844})
		for _, path := range []string{"/", "/broadcasts", "/broadcasts/timeline?van=van-1", "/vans", "/vans/van-1", "/orders", "/orders/1", "/play", "/schedule", "/settings/van-1"} {
			p.Go(b.server.URL + path)
			if w := browser.Value[int](p, "document.documentElement.scrollWidth"); w > 390 {
				wide := browser.Value[[]string](p, `[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > 390).map((e) => e.tagName + "." + e.className)`)
				t.Errorf("lie %d: %s is %d px wide: %v", i, path, w, wide)
			}
			if browser.Value[bool](p, `window.spoiled === 1 || document.querySelector("main img, main script") !== null`) {
				t.Errorf("lie %d: %s runs what a van said", i, path)
			}
			over := browser.Value[[]string](p, fmt.Sprintf(`[...document.querySelectorAll("main *")].filter((e) => !e.children.length && /[\u202e\u2066]/.test(e.textContent) &&
				!/isolate|plaintext/.test(getComputedStyle(e).unicodeBidi) && getComputedStyle(e).display.startsWith("inline")).map((e) => %q + e.tagName + "." + e.className)`, path+" "))
			if len(over) > 0 {
				t.Errorf("lie %d turns what follows it round: %v", i, over)
			}
		}
		unfaulted(t, p)
	}
}
