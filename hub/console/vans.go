package console

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// vansPage is a page of the vans, those that somebody must look at first.
type vansPage struct {
	frame
	Vans    []hub.Van // of this page
	Found   int       // how many are asked for, on all pages
	Leaf    leaf
	All, On int    // how many there are, and how many are connected
	Ill     int    // how many have something that somebody must look at
	Only    string // which are shown: "", "trouble", "here", or an alert's word
	By      string // the order, one of vanOrders
	Orders  []string
	Alerts  []alert
	Newest  int64 // version of the newest library
	Filter  bool  // there are many
	Words   string
	Street  string
	Streets []string // of the vans' areas
	Areas   map[ark.VanID][]ark.Place
	known   url.Values // what was asked for
}

// mostVanWords is the most bytes of the words by which vans are looked for.
const mostVanWords = 100

// askedVans is which vans a request asks for.
func (c *Console) askedVans(r *http.Request) vansPage {
	q := r.URL.Query()
	p := vansPage{frame: c.frame(r, "vans"), Only: q.Get("only"), By: q.Get("by"), Words: strings.TrimSpace(q.Get("q")), Street: q.Get("street"), Orders: vanOrders, known: url.Values{}}
	if len(p.Words) > mostVanWords {
		p.Words = ""
	}
	for key, value := range map[string]string{"only": p.Only, "by": p.By, "q": p.Words, "street": p.Street} {
		if value != "" {
			p.known.Set(key, value)
		}
	}
	return p
}

// With is the address of the page with one part of what is asked for changed,
// from its first page on.
func (p vansPage) With(key, value string) string {
	v := maps.Clone(p.known)
	if v.Set(key, value); value == "" {
		v.Del(key)
	}
	if len(v) == 0 {
		return "/vans"
	}
	return "?" + v.Encode()
}

// PageAt is the address of another page of what is asked for.
func (p vansPage) PageAt(n int) string {
	if n == 1 {
		return p.With("page", "")
	}
	return p.With("page", strconv.Itoa(n))
}

// Asks tells whether some vans are left out.
func (p vansPage) Asks() bool { return p.Only+p.Words+p.Street != "" }

// AreaOf are the streets and communities in which a van goes, for a line.
func (p vansPage) AreaOf(van ark.VanID) []string {
	var names []string
	for _, a := range p.Areas[van] {
		if name := cmp.Or(a.Compound, a.Community, a.Street); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names[:min(len(names), mostAreas)]
}

// mostAreas is how many parts of its area a van's line has.
const mostAreas = 3

// wants tells whether a van, with its troubles, is asked for.
func (p vansPage) wants(v hub.Van, troubles []remark) bool {
	if p.Street != "" && !slices.ContainsFunc(p.Areas[v.ID], func(a ark.Place) bool { return a.Street == p.Street }) {
		return false
	}
	text := []string{string(v.ID)}
	if v.Health != nil {
		text = append(text, v.Health.Place, v.Health.Release)
	}
	for _, m := range troubles {
		text = append(text, m.Text)
	}
	for _, a := range p.Areas[v.ID] {
		text = append(text, a.Street, a.Community, a.Grid, a.Compound)
	}
	in := strings.ToLower(strings.Join(text, "\n"))
	for _, w := range strings.Fields(strings.ToLower(p.Words)) {
		if !strings.Contains(in, w) {
			return false
		}
	}
	return p.Only == "" || p.Only == "trouble" && ill(troubles) || p.Only == "here" && v.Here || has(troubles, p.Only)
}

// streetsOf are all streets of areas, in order.
func streetsOf(areas map[ark.VanID][]ark.Place) (all []string) {
	for _, area := range areas {
		for _, a := range area {
			if a.Street != "" {
				all = append(all, a.Street)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (c *Console) showVans(w http.ResponseWriter, r *http.Request) {
	p := c.askedVans(r)
	vans, err := desk(r.Context()).Vans(r.Context())
	if err == nil {
		p.Areas, err = desk(r.Context()).Areas(r.Context())
	}
	if err != nil {
		c.unread(w, r, err)
		return
	}
	k, err := c.catalog(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p.All, p.Newest, p.Streets = len(vans), k.Version, streetsOf(p.Areas)
	p.Filter = len(vans) > manyChoices || len(p.Streets) > 1
	troubles := map[ark.VanID][]remark{}
	for _, v := range vans {
		troubles[v.ID] = c.remarks(web.LangOf(r), v, k.Version)
		if v.Here {
			p.On++
		}
		if ill(troubles[v.ID]) {
			p.Ill++
		}
		if p.wants(v, troubles[v.ID]) {
			p.Vans = append(p.Vans, v)
		}
	}
	p.Alerts = alertsOf(troubles)
	orderVans(p.Vans, p.By, troubles)
	p.Found = len(p.Vans)
	p.Leaf = leafOf(r.URL.Query().Get("page"), p.Found, vansPerPage)
	from, to := p.Leaf.bounds(p.Found, vansPerPage)
	p.Vans = p.Vans[from:to]
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
