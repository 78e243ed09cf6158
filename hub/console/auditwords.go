package console

import (
	"fmt"
	"html/template"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"ark/hub"
	"ark/internal/web"
)

// auditFuncs are what the record's pages need beyond texts.
func (c *Console) auditFuncs(l web.Lang) template.FuncMap {
	return template.FuncMap{
		"verb":    func(v hub.Verb) string { return texts.Known(l, "verb.", string(v)) },
		"kind":    func(kind string) string { return texts.Known(l, "kind.", kind) },
		"came":    func(o hub.Outcome) string { return texts.Known(l, "came.", string(o)) },
		"details": func(d hub.Deed) []detailWord { return c.detailWords(l, d) },
		"way":     wayTo,
		"wrong":   func(w hub.AuditWrong) string { return texts.In(l, "wrong."+string(w)) },
	}
}

// detailWord is a thing in a deed's detail, in words.
type detailWord struct{ Name, Value string }

func (c *Console) detailWords(l web.Lang, d hub.Deed) (all []detailWord) {
	for _, key := range slices.Sorted(maps.Keys(d.Detail)) {
		name := strings.TrimRight(strings.TrimLeft(key, "~"), "0123456789") // a long list has several numbered parts
		all = append(all, detailWord{texts.Known(l, "detail.", name), c.detailValue(l, d, name, d.Detail[key])})
	}
	return all
}

// detailValue is what a detail says. What has no words here is shown as it is
// on record.
func (c *Console) detailValue(l web.Lang, d hub.Deed, name, value string) string {
	each := func(prefix string) string {
		words := strings.Fields(value)
		for i, w := range words {
			words[i] = texts.Known(l, prefix, w)
		}
		return strings.Join(words, " · ")
	}
	switch name {
	case "from", "to":
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			return at.In(c.c.Zone).Format("2006-01-02 15:04")
		}
	case "how":
		return each("how.")
	case "roles":
		return each("role.")
	case "languages", "language":
		return each("tongue.")
	case "verb", "kind", "class":
		return texts.Known(l, name+".", value)
	case "state":
		if d.Object.Kind == hub.ObjectBroadcast {
			return texts.Known(l, "state.", value)
		}
		return texts.Known(l, "review.", value)
	case "outcome":
		if d.Object.Kind == hub.ObjectAudit {
			return texts.Known(l, "came.", value)
		}
		return texts.Known(l, "outcome.", value)
	case "box":
		return boxWords(value)
	case "do", "what", "why":
		return texts.Known(l, "deed.", value)
	case "disabled", "disputed", "doubtful", "masked", "paused", "photo", "shared", "struck", "withdrawn":
		return texts.In(l, map[bool]string{true: "visit.yes", false: "visit.no"}[value == "yes" || value == "true"])
	}
	return value
}

// boxWords are the edges of a part of the map, kept in units of 1e-7 degrees,
// as degrees north and east.
func boxWords(value string) string {
	var b hub.Box
	if _, err := fmt.Sscanf(value, "%d,%d,%d,%d", &b.South, &b.West, &b.North, &b.East); err != nil {
		return value
	}
	degrees := func(n int64) float64 { return float64(n) / 1e7 }
	return fmt.Sprintf("%.4f–%.4f° N, %.4f–%.4f° E", degrees(b.South), degrees(b.North), degrees(b.West), degrees(b.East))
}

// wayTo is where an object can be looked at; empty: nowhere.
func wayTo(o hub.Object) string {
	base, known := map[string]string{hub.ObjectVisit: "/visits/", hub.ObjectHousehold: "/households/", hub.ObjectVan: "/vans/", hub.ObjectOrder: "/orders/of/"}[o.Kind]
	if !known || o.ID == "" {
		return ""
	}
	return base + url.PathEscape(o.ID)
}
