package console

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/internal/web"
)

// rootWords are the values of the root package's string constants whose names
// begin with a prefix.
func rootWords(t *testing.T, prefix string) (words []string) {
	t.Helper()
	files, err := filepath.Glob("../../*.go")
	must(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "formrules.go") {
			continue // what a van answers a phone, and never tells the hub
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != len(spec.Names) {
				return true
			}
			for i, id := range spec.Names {
				lit, ok := spec.Values[i].(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING || !strings.HasPrefix(id.Name, prefix) {
					continue
				}
				word, err := strconv.Unquote(lit.Value)
				must(t, err)
				words = append(words, word)
			}
			return true
		})
	}
	return words
}

// Each word that a van may tell has a sentence in both languages, also one
// that is added to the root package tomorrow.
func TestEachWordOfAVanHasASentence(t *testing.T) {
	whys, panels := rootWords(t, "Why"), rootWords(t, "Panel")
	if len(whys) < 24 || len(panels) < 7 {
		t.Fatalf("found only %d reasons and %d words of the panel", len(whys), len(panels))
	}
	for _, l := range web.Langs {
		for _, w := range whys {
			if _, ok := texts["why."+w]; !ok || soundWords(l, w) == "" {
				t.Errorf("%s: the reason %q has no sentence", l, w)
			}
		}
		for _, w := range append(panels, "ok", "none") {
			if texts.Known(l, "panel.", w) == w {
				t.Errorf("%s: %q of the panel has no sentence", l, w)
			}
		}
		for _, w := range []string{"ok", "silent", ark.WhyStalled, ark.WhyDeviceLost, ark.WhyMuted, ark.WhyWrongCard, ark.WhyNoCard, ark.WhyNoOutput, ark.WhyUnheard, ark.WhyNoMic} {
			if texts.Known(l, "sound.", w) == w {
				t.Errorf("%s: the loudspeaker's %q has no sentence of its own", l, w)
			}
		}
		for _, c := range ark.Classes {
			if texts.Known(l, "class.", c.String()) == c.String() {
				t.Errorf("%s: class %s has no name", l, c)
			}
		}
		for s := ark.BroadcastAccepted; s <= ark.BroadcastExpired; s++ {
			if texts.Known(l, "state.", s.String()) == s.String() {
				t.Errorf("%s: state %s has no name", l, s)
			}
		}
	}
}

func TestTriggersInWords(t *testing.T) {
	c := newBench(t).console
	due := ark.Milli(c.c.Now())
	at := func(due time.Time) string { return c.at(web.En, due) }
	for want, asked := range map[string]ark.Trigger{
		"Self-test":                    {Test: true, Button: "9"},
		"Live voice":                   {Talk: true, Button: "5"},
		"Button 3 on the van":          {Button: "3"},
		"Button 3 on the van (GPIO22)": {Button: "3", Line: "GPIO22"},
		"Schedule, due 14:30 today":    {Schedule: ark.ID{1}, Due: due},
		"Schedule":                     {Schedule: ark.ID{1}},
		"Order from the hub by 林老师":    {Order: ark.ID{1}, By: "林老师"},
		"Order from the hub":           {Order: ark.ID{1}},
		"Not known":                    {},
	} {
		if got := trigger(web.En, asked, at); got != want {
			t.Errorf("%+v: got %q, want %q", asked, got, want)
		}
	}
}
