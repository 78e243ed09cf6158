package console

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// From when on a van is spoken of.
const (
	// silentAfter without a word somebody must look why: vans come home at
	// night, and a weekend passes without one (others warn after 3 days, too).
	silentAfter = 3 * 24 * time.Hour
	// behindAfter a van that is connected should have sent all that it made
	// before: a day's records take minutes on the poorest link.
	behindAfter = 24 * time.Hour
)

// remark is a sentence about a van that somebody should read.
type remark struct {
	Word string // what it is about, a key's end
	Text string
	Bad  bool // somebody must do something; otherwise it passes by itself
}

func ill(all []remark) bool {
	return slices.ContainsFunc(all, func(m remark) bool { return m.Bad })
}

// has tells whether something bad of a kind is among the remarks.
func has(all []remark, word string) bool {
	return slices.ContainsFunc(all, func(m remark) bool { return m.Bad && m.Word == word })
}

// teller gathers remarks in a language.
type teller struct {
	l   web.Lang
	all []remark
}

func (t *teller) say(bad bool, key string, args ...any) {
	t.all = append(t.all, remark{strings.TrimPrefix(key, "remark."), fmt.Sprintf(texts.In(t.l, key), args...), bad})
}

// remarks are what a van's line says: what is wrong with it, in words.
func (c *Console) remarks(l web.Lang, v hub.Van, newest int64) []remark {
	t := &teller{l: l}
	c.linkRemarks(t, v)
	if v.Health != nil {
		c.healthRemarks(t, *v.Health)
	}
	if s := v.SelfTest; s != nil && testFailed(*s) {
		t.say(true, "remark.test", c.at(l, s.At.Time()), testWords(l, *s))
	}
	if s := v.Library; s != nil && newest > 0 && (s.Stage != ark.LibraryHeld || s.Version < newest || len(s.Missing) > 0) {
		t.say(s.Stage == ark.LibraryFailed || len(s.Missing) > 0, "remark.announcements", libraryWords(l, v, newest))
	}
	if v.Quarantined > 0 {
		t.say(true, "remark.quarantined", v.Quarantined)
	}
	if v.Forks > 0 {
		t.say(v.Unseen > 0, "remark.forks", v.Forks)
	}
	if v.Gaps > 0 {
		t.say(v.Unseen > 0, "remark.gaps", v.Gaps)
	}
	if slices.ContainsFunc(v.Begun, func(b hub.Begun) bool { return b.Unreadable != 0 }) {
		t.say(true, "remark.salvaged")
	}
	return t.all
}

// linkRemarks are those of how the van and the hub hear each other.
func (c *Console) linkRemarks(t *teller, v hub.Van) {
	if silent := c.c.Now().Sub(v.LastSeen); v.Admitted && !v.Here && !v.LastSeen.IsZero() && silent >= silentAfter {
		t.say(true, "remark.silent", int(silent.Hours()/24))
	}
	if v.Here && v.Backlog > 0 && !v.Told.IsZero() && c.c.Now().Sub(v.Told) >= behindAfter {
		t.say(true, "remark.behind", v.Backlog, c.at(t.l, v.Told))
	}
	if v.Doubtful {
		t.say(false, "remark.clock")
	}
}

func (c *Console) healthRemarks(t *teller, h ark.Health) {
	if h.Sound != "ok" {
		t.say(true, "remark.sound", soundWords(t.l, h.Sound))
	}
	if h.Panel != "ok" && h.Panel != "none" {
		t.say(true, "remark.panel", texts.Known(t.l, "panel.", h.Panel))
	}
	if h.DiskFree > 0 && scarce(h.DiskFree) {
		t.say(true, "remark.disk", gigas(h.DiskFree))
	}
	if h.Heat >= ark.Hot {
		t.say(true, "remark.hot", celsius(h.Heat))
	}
	if word := c.pagesWord(h); word != "" {
		t.say(true, word, c.date(h.PagesUntil.Time()))
	}
	if h.Plan != "" {
		t.say(true, "remark.plan", texts.Known(t.l, "why.", h.Plan))
	}
}

// celsius are tenths of a degree as people read them.
func celsius(tenths int) string { return fmt.Sprintf("%.0f °C", float64(tenths)/10) }

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

// alert is a kind of trouble, and how many vans have it.
type alert struct {
	Word string
	Vans int
}

// alertsOf counts what somebody must do something about, what most vans have
// first.
func alertsOf(troubles map[ark.VanID][]remark) (all []alert) {
	counts := map[string]int{}
	for _, some := range troubles {
		told := map[string]bool{}
		for _, m := range some {
			if m.Bad && !told[m.Word] {
				told[m.Word] = true
				counts[m.Word]++
			}
		}
	}
	for word, n := range counts {
		all = append(all, alert{word, n})
	}
	slices.SortFunc(all, func(a, b alert) int { return cmp.Or(cmp.Compare(b.Vans, a.Vans), cmp.Compare(a.Word, b.Word)) })
	return all
}

// vanOrders are the orders in which vans can be listed; empty: those with most
// troubles first.
var vanOrders = []string{"", "name", "seen", "backlog", "disk", "heat", "sound"}

// orderVans puts vans into an order, those that somebody must look at first.
// What is not known comes last.
func orderVans(vans []hub.Van, by string, troubles map[ark.VanID][]remark) {
	const never = int64(1) << 62
	known := func(known bool, n int64) int64 {
		if !known {
			return never
		}
		return n
	}
	rank := func(v hub.Van) int64 {
		switch by {
		case "name":
			return 0 // as they come
		case "seen":
			return known(!v.LastSeen.IsZero(), v.LastSeen.UnixMilli())
		case "backlog":
			return -int64(min(v.Backlog, 1<<60))
		case "disk":
			return known(v.Health != nil && v.Health.DiskFree > 0, diskFree(v))
		case "heat":
			return known(v.Health != nil && v.Health.Heat != 0, int64(-heatOf(v)))
		case "sound":
			return known(v.Health != nil, lastSound(v))
		}
		return int64(-len(slices.DeleteFunc(slices.Clone(troubles[v.ID]), func(m remark) bool { return !m.Bad })))
	}
	slices.SortStableFunc(vans, func(a, b hub.Van) int { return cmp.Compare(rank(a), rank(b)) })
}

func diskFree(v hub.Van) int64 {
	if v.Health == nil {
		return 0
	}
	return v.Health.DiskFree
}

func heatOf(v hub.Van) int {
	if v.Health == nil {
		return 0
	}
	return v.Health.Heat
}

func lastSound(v hub.Van) int64 {
	if v.Health == nil {
		return 0
	}
	return int64(v.Health.LastSound)
}
