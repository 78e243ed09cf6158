package console

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// vansPage is all vans by name.
type vansPage struct {
	frame
	Vans    []hub.Van
	All, On int    // how many there are, and how many are connected
	Ill     int    // how many have something that somebody must look at
	Only    string // which are shown: "", "trouble", "here"
	Newest  int64  // version of the newest library
	Filter  bool   // there are many
}

func (c *Console) showVans(w http.ResponseWriter, r *http.Request) {
	vans, err := desk(r.Context()).Vans(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	k, err := c.catalog(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := vansPage{frame: c.frame(r, "vans"), All: len(vans), Only: r.URL.Query().Get("only"), Newest: k.Version, Filter: len(vans) > manyChoices}
	for _, v := range vans {
		ill := ill(c.remarks(web.LangOf(r), v, k.Version))
		if v.Here {
			p.On++
		}
		if ill {
			p.Ill++
		}
		if p.Only == "trouble" && !ill || p.Only == "here" && !v.Here {
			continue
		}
		p.Vans = append(p.Vans, v)
	}
	c.site.Page(w, r, http.StatusOK, "vans.html", p)
}

// vanPage is all that is known of one van.
type vanPage struct {
	frame
	Van     hub.Van
	Newest  int64
	Missing []recordingName // recordings that it lacks, by title
	Unnamed int             // and how many more, of which no title is known
	Rule    rule
	Quiet   bool // quiet hours hold there now
	Presses []pressBar
	Press   pressSummary
}

func (c *Console) showVan(w http.ResponseWriter, r *http.Request) {
	vans, err := desk(r.Context()).Vans(r.Context())
	i := slices.IndexFunc(vans, func(v hub.Van) bool { return string(v.ID) == r.PathValue("id") })
	if err == nil && i < 0 {
		c.lost(w, r)
		return
	}
	var k catalog
	var u rules
	if err == nil {
		k, err = c.catalog(r.Context())
	}
	if err == nil {
		u, err = c.rules(r.Context(), vans[i:i+1])
	}
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := vanPage{frame: c.frame(r, "vans"), Van: vans[i], Newest: k.Version, Rule: u.Of(vans[i].ID)}
	p.Quiet = p.Rule.Quiet(c.c.Now())
	if l := p.Van.Library; l != nil {
		p.Missing = k.Recordings(l.Missing)
		p.Unnamed = max(0, len(l.Missing)-len(p.Missing))
	}
	if h := p.Van.Health; h != nil {
		p.Presses, p.Press = pressBars(h.Presses), summarise(h.Presses)
	}
	c.site.Page(w, r, http.StatusOK, "van.html", p)
}

// remark is a sentence about a van that somebody should read.
type remark struct {
	Text string
	Bad  bool // somebody must do something; otherwise it passes by itself
}

func ill(all []remark) bool {
	return slices.ContainsFunc(all, func(m remark) bool { return m.Bad })
}

// remarks are what a van's line says: what is wrong with it, in words.
func (c *Console) remarks(l web.Lang, v hub.Van, newest int64) (all []remark) {
	say := func(bad bool, key string, args ...any) {
		all = append(all, remark{fmt.Sprintf(texts.In(l, key), args...), bad})
	}
	if h := v.Health; h != nil {
		if h.Sound != "ok" {
			say(true, "remark.sound", soundWords(l, h.Sound))
		}
		if h.Panel != "ok" && h.Panel != "none" {
			say(true, "remark.panel", texts.Known(l, "panel.", h.Panel))
		}
		if h.DiskFree > 0 && scarce(h.DiskFree) {
			say(true, "remark.disk", gigas(h.DiskFree))
		}
		if word := c.pagesWord(*h); word != "" {
			say(true, word, c.date(h.PagesUntil.Time()))
		}
		if h.Plan != "" {
			say(true, "remark.plan", texts.Known(l, "why.", h.Plan))
		}
	}
	if s := v.SelfTest; s != nil && testFailed(*s) {
		say(true, "remark.test", c.at(l, s.At.Time()), testWords(l, *s))
	}
	if s := v.Library; s != nil && newest > 0 && (s.Stage != ark.LibraryHeld || s.Version < newest || len(s.Missing) > 0) {
		say(s.Stage == ark.LibraryFailed || len(s.Missing) > 0, "remark.library", libraryWords(l, v, newest))
	}
	if v.Quarantined > 0 {
		say(true, "remark.quarantined", v.Quarantined)
	}
	if v.Forks > 0 {
		say(true, "remark.forks", v.Forks)
	}
	if v.Gaps > 0 {
		say(true, "remark.gaps", v.Gaps)
	}
	if slices.ContainsFunc(v.Begun, func(b hub.Begun) bool { return b.Unreadable != 0 }) {
		say(true, "remark.salvaged")
	}
	return all
}

// pagesSoon is how long before the end of a van's certificate for phones
// somebody must bring it another: it takes a journey.
const pagesSoon = 30 * 24 * time.Hour

// pagesWord is the key of what to say of a van's certificate for phones; empty:
// nothing.
func (c *Console) pagesWord(h ark.Health) string {
	left := h.PagesUntil.Time().Sub(c.c.Now())
	switch {
	case h.PagesUntil == 0 || left > pagesSoon:
		return ""
	case left > 0:
		return "remark.pages"
	}
	return "remark.pagesOver"
}

// libraryWords say how far a van has the library.
func libraryWords(l web.Lang, v hub.Van, newest int64) string {
	s := v.Library
	in := func(key string, args ...any) string { return fmt.Sprintf(texts.In(l, key), args...) }
	switch {
	case s == nil:
		return in("lib.untold")
	case s.Stage == ark.LibraryComing:
		return in("lib.coming", s.Version, megas(s.Have), megas(s.Want)) + usedWords(l, s.Held)
	case s.Stage == ark.LibraryFailed:
		return in("lib.failed", s.Version, texts.Known(l, "why.", s.Why)) + usedWords(l, s.Held)
	case s.Version == 0:
		return in("lib.own")
	case len(s.Missing) > 0:
		return in("lib.lacks", s.Version, len(s.Missing))
	case s.Version < newest:
		return in("lib.old", s.Version, newest)
	}
	return in("lib.held", s.Version)
}

func usedWords(l web.Lang, held int64) string {
	if held == 0 {
		return texts.In(l, "lib.usesOwn")
	}
	return fmt.Sprintf(texts.In(l, "lib.uses"), held)
}

func megas(n int64) string { return fmt.Sprintf("%.1f", float64(max(n, 0))/1e6) }

// testFailed tells whether a self-test found something wrong.
func testFailed(s ark.SelfTest) bool { return !s.Consumed || s.Result == ark.HeardNo || s.Why != "" }

// testWords say what a self-test found.
func testWords(l web.Lang, s ark.SelfTest) string {
	switch {
	case s.Why != "":
		return texts.Known(l, "why.", s.Why)
	case !s.Consumed:
		return texts.In(l, "test.stuck")
	case s.Result == ark.HeardNo:
		return texts.In(l, "test.unheard")
	case s.Result == ark.HeardYes:
		return texts.In(l, "test.heard")
	}
	return texts.In(l, "test.consumed")
}

// short is enough of an incarnation to tell a van's few apart; the log has
// the whole.
func short(i ark.Incarnation) string { return i.String()[:8] }

// begun says why a journal began anew, where the one before it ended and what
// of it could not be read.
func (c *Console) begun(l web.Lang, b hub.Begun) string {
	why, rest := "van.rebegun", texts.In(l, "van.allRead")
	if b.Why == ark.BegunSalvage {
		why = "van.salvaged"
	}
	switch {
	case b.Unreadable > 0:
		rest = fmt.Sprintf(texts.In(l, "van.unreadable"), b.Unreadable)
	case b.Unreadable < 0:
		rest = texts.In(l, "van.unknownRead")
	}
	before := "?"
	if !b.Previous.IsZero() {
		before = short(b.Previous)
	}
	when := c.at(l, b.At.Wall.Time())
	if !b.At.Trusted {
		when = texts.In(l, "visit.doubt")
	}
	return fmt.Sprintf(texts.In(l, why), when, before, b.Ended) + rest
}
