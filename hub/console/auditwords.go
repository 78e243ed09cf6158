package console

import (
	"html/template"
	"maps"
	"net/url"
	"slices"
	"strings"

	"ark/hub"
	"ark/internal/web"
)

// auditFuncs are what the record's pages need beyond texts.
func auditFuncs(l web.Lang) template.FuncMap {
	return template.FuncMap{
		"verb":    func(v hub.Verb) string { return texts.Known(l, "verb.", string(v)) },
		"kind":    func(kind string) string { return texts.Known(l, "kind.", kind) },
		"came":    func(o hub.Outcome) string { return texts.Known(l, "came.", string(o)) },
		"details": func(d hub.Deed) []detailWord { return detailWords(l, d) },
		"way":     wayTo,
		"wrong":   func(w hub.AuditWrong) string { return texts.In(l, "wrong."+string(w)) },
	}
}

// detailWord is a thing in a deed's detail, in words.
type detailWord struct{ Name, Value string }

func detailWords(l web.Lang, d hub.Deed) (all []detailWord) {
	for _, key := range slices.Sorted(maps.Keys(d.Detail)) {
		name := strings.TrimRight(strings.TrimLeft(key, "~"), "0123456789") // a long list has several numbered parts
		all = append(all, detailWord{texts.Known(l, "detail.", name), d.Detail[key]})
	}
	return all
}

// wayTo is where an object can be looked at; empty: nowhere.
func wayTo(o hub.Object) string {
	base, known := map[string]string{hub.ObjectVisit: "/visits/", hub.ObjectHousehold: "/households/", hub.ObjectVan: "/vans/", hub.ObjectOrder: "/orders/of/"}[o.Kind]
	if !known || o.ID == "" {
		return ""
	}
	return base + url.PathEscape(o.ID)
}
