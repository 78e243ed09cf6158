package console

import (
	"fmt"
	"net/http"
	"slices"

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
	Only    string // which are shown: "", "trouble", "here", or an alert's word
	By      string // the order, one of vanOrders
	Orders  []string
	Alerts  []alert
	Newest  int64 // version of the newest library
	Filter  bool  // there are many
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
	p := vansPage{frame: c.frame(r, "vans"), All: len(vans), Only: r.URL.Query().Get("only"), By: r.URL.Query().Get("by"), Orders: vanOrders, Newest: k.Version, Filter: len(vans) > manyChoices}
	troubles := map[ark.VanID][]remark{}
	for _, v := range vans {
		troubles[v.ID] = c.remarks(web.LangOf(r), v, k.Version)
		if v.Here {
			p.On++
		}
		if ill(troubles[v.ID]) {
			p.Ill++
		}
		if p.Only == "" || p.Only == "trouble" && ill(troubles[v.ID]) || p.Only == "here" && v.Here || has(troubles[v.ID], p.Only) {
			p.Vans = append(p.Vans, v)
		}
	}
	p.Alerts = alertsOf(troubles)
	orderVans(p.Vans, p.By, troubles)
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
	Held    []hub.Quarantined // all that is in quarantine, for whoever can do something about it
	Breaks  []hub.Break
	Looked  int64 // when the newest of them was noticed, ms
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
	if err := c.troubles(r, &p); err != nil {
		c.unread(w, r, err)
		return
	}
	if h := p.Van.Health; h != nil {
		p.Presses, p.Press = pressBars(h.Presses), summarise(h.Presses)
	}
	c.site.Page(w, r, http.StatusOK, "van.html", p)
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
