package console

import (
	"testing"

	"ark"
	"ark/internal/browser"
)

// The list is worked by the keyboard alone: on from row to row, marked, judged,
// undone; the place stays where it was.
func TestTheListByKeyboard(t *testing.T) {
	b := newDesk(t)
	ids := b.town()
	p := b.browse(browser.Desk)
	p.Go(b.server.URL + "/?van=van-1&outcome=met")
	live(p)
	for _, key := range []string{"j", "x", "j", "x", "a"} {
		p.Press(key)
	}
	p.Await(`document.getElementById("undo") && document.querySelectorAll(".visits .state .pill.ok").length === 2`)
	if !browser.Value[bool](p, `document.activeElement.closest("tr") === document.querySelectorAll("tr[data-row]")[1]`) {
		t.Error("the keyboard's place is lost")
	}
	p.Press("u")
	p.Await(`document.querySelectorAll(".visits .state .pill.ok").length === 0`)
	p.Press("m")
	p.Await(`document.querySelectorAll(".visits .state .give").length === 1`)
	p.Press("u")
	p.Await(`!document.querySelector(".visits .state .give")`)
	p.Press("?")
	p.Await(`document.getElementById("keys").matches(":popover-open")`)
	p.Press("\x1b")
	p.Press("/")
	p.Await(`document.activeElement.id === "q"`)
	p.Press("a") // it is typed, nothing is approved
	p.Await(`document.getElementById("q").value.endsWith("a")`)
	p.Press("\x1b")
	p.Click("#filters summary")
	p.Await(`["places", "vans", "people"].every((id) => document.querySelector("#" + id + " option")?.value)`)
	for _, state := range b.states(ids) {
		if state != "new" {
			t.Errorf("a visit is %s", state)
		}
	}
	unfaulted(t, p)
}

// The map draws what there is, zooms by a click, and a list goes with it.
func TestTheMapInABrowser(t *testing.T) {
	b := newDesk(t)
	b.town()
	p := b.browse(browser.Desk)
	p.Go(b.server.URL + "/map?outcome=met")
	p.Await(`document.getElementById("map").dataset.drawn > 0`)
	if !browser.Value[bool](p, `[...document.querySelectorAll(".spot")].every((e) => e.getAttribute("aria-label") && e.tabIndex === 0)`) {
		t.Error("somebody who cannot see or point is left out")
	}
	p.Press("\t")
	p.Reach(".leaflet-control-zoom-in")
	p.Press("\r")
	p.Await(`location.search.includes("box=") && location.search.includes("outcome=met") && document.querySelector(".here a")`)
	unfaulted(t, p)
}

// Other lists go by the keyboard, too: from row to row, on to the next page,
// to the search; what has the focus keeps it when the list is renewed.
func TestListsByTheKeyboard(t *testing.T) {
	b := newDesk(t)
	b.people()
	b.deliver("van-1", true, ark.Health{Sound: "ok", Panel: "ok", Heat: 450})
	b.deliver("van-2", true, ark.Health{Sound: "ok", Panel: "ok", Heat: 450})
	p := b.browse(browser.Desk)
	p.Go(b.server.URL + "/vans?by=name")
	live(p)
	in := func(id string) {
		t.Helper()
		p.Await(`document.activeElement.closest("[data-row]")?.id === "` + id + `"`)
	}
	for _, step := range []struct{ key, row string }{{"j", "van-van-1"}, {"j", "van-van-2"}, {"j", "van-van-2"}, {"k", "van-van-1"}, {"j", "van-van-2"}} {
		p.Press(step.key)
		in(step.row)
	}
	b.deliver("van-2", true, ark.Health{Sound: "ok", Panel: "ok", Heat: 460})
	p.AwaitText("46 °C")
	in("van-van-2")
	p.Press("\r")
	p.Await(`location.pathname === "/vans/van-2"`)

	p.Go(b.server.URL + "/households")
	p.Press("/")
	p.Await(`document.activeElement.name === "q"`)
	p.Press("j")
	p.Await(`document.activeElement.value.endsWith("j")`) // it is typed
	p.Press("\x1b")
	p.Press("?")
	p.Await(`document.getElementById("keys").matches(":popover-open")`)
	p.Press("?")
	p.Press("]")
	p.Await(`location.search.includes("after=") && document.readyState === "complete"`)
	p.Press("j")
	p.Await(`document.activeElement.matches("tr[data-row] a")`)
	unfaulted(t, p)
}
