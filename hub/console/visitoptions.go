package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// visitOptions are what can be chosen in the form that finds visits.
type visitOptions struct {
	Services []option
	Needs    []option
	choices  hub.Choices
	l        web.Lang
}

// option is something to choose: its value and its name.
type option struct{ Value, Name string }

func (c *Console) visitOptions(ctx context.Context, l web.Lang, choices hub.Choices) (o visitOptions, err error) {
	words := visitWords{c: c, l: l}
	form, err := desk(ctx).Form(ctx)
	if err != nil {
		return o, err
	}
	words.forms = map[int64]ark.Form{0: form}
	o = visitOptions{choices: choices, l: l}
	for _, s := range choices.Services {
		o.Services = append(o.Services, option{string(s), words.services(ark.Visit{Services: []ark.Service{s}})[0]})
	}
	for _, n := range choices.Needs {
		o.Needs = append(o.Needs, option{n, words.choice(form.Needs, n)})
	}
	return o, nil
}

// toldChoices is what can be typed into the form that finds visits: it is long,
// and the form asks for it when somebody opens it.
type toldChoices struct {
	Places []string    `json:"places"` // paths, each whole before its parts
	Vans   []ark.VanID `json:"vans"`
	People []string    `json:"people"`
}

func (c *Console) tellChoices(w http.ResponseWriter, r *http.Request) {
	all, err := desk(r.Context()).VisitChoices(r.Context(), true)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	web.JSON(w, http.StatusOK, toldChoices{placePaths(all.Places), slices.Sorted(slices.Values(all.Vans)), slices.Sorted(slices.Values(all.By))})
}

// placePaths are all places and what they lie in, each once, in order.
func placePaths(places []ark.Place) (paths []string) {
	for _, p := range places {
		for _, whole := range []ark.Place{{Street: p.Street}, {Street: p.Street, Community: p.Community}, {Street: p.Street, Community: p.Community, Grid: p.Grid},
			{Street: p.Street, Community: p.Community, Grid: p.Grid, Compound: p.Compound}} {
			if path := placePath(whole); path != "" {
				paths = append(paths, path)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// plain is the query that says a query plainly, where the one that was used
// has empty parts, or the name of a place without where it lies; empty: it is
// plain.
func (o visitOptions) plain(values map[string][]string, q visitQuery) string {
	if len(q.Faults) > 0 {
		return ""
	}
	var change []string
	if place := q.Known.Get("place"); place != "" {
		if found := o.named(place); found != "" {
			change = []string{"place", found}
		}
	}
	empty := false
	for _, v := range values {
		empty = empty || len(v) == 1 && strings.TrimSpace(v[0]) == ""
	}
	if !empty && change == nil {
		return ""
	}
	return q.with(change...)
}

// named is the path of the one place that is called so; empty: there is none,
// or there are several, or it is a path already.
func (o visitOptions) named(name string) (found string) {
	all := placePaths(o.choices.Places)
	if slices.Contains(all, name) {
		return ""
	}
	for _, path := range all {
		parts, _ := splitPath(path)
		if parts[len(parts)-1] != name {
			continue
		}
		if found != "" {
			return ""
		}
		found = path
	}
	return found
}
