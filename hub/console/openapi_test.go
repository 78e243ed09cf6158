package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ark"
)

// described is the document of the API, and what it says each answer is.
var described = sync.OnceValues(func() (*apiDescription, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(openAPI))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	d := &apiDescription{doc: doc.(map[string]any), c: c, kept: map[string]*jsonschema.Schema{}}
	return d, c.AddResource("openapi.json", doc)
})

type apiDescription struct {
	doc  map[string]any
	c    *jsonschema.Compiler
	mu   sync.Mutex
	kept map[string]*jsonschema.Schema
}

// at finds a part of the document, following references.
func (d *apiDescription) at(path ...string) (part any, pointer string) {
	part, pointer = d.doc, "openapi.json#"
	for _, name := range path {
		m, _ := part.(map[string]any)
		if part = m[name]; part == nil {
			return nil, ""
		}
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		if m, ok := part.(map[string]any); ok {
			if to, ok := m["$ref"].(string); ok {
				part, pointer = d.at(strings.Split(strings.TrimPrefix(to, "#/"), "/")...)
			}
		}
	}
	return part, pointer
}

// path is the one in the document that a request's path is of; empty: none.
func (d *apiDescription) path(of string) string {
	paths, _ := d.at("paths")
	best := ""
	for p := range paths.(map[string]any) {
		pattern := regexp.MustCompile("^/api/1" + regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(p), "[^/]+") + "$")
		if pattern.MatchString(of) && len(p) > len(best) {
			best = p
		}
	}
	return best
}

// check holds an answer of the API against the document.
func (d *apiDescription) check(r *http.Request, a answer) error {
	path, status := d.path(r.URL.Path), fmt.Sprint(a.status)
	if path == "" {
		return nil // no part of the API: it answers as a page does
	}
	content := []string{"paths", path, strings.ToLower(r.Method), "responses", status, "content", "application/json", "schema"}
	schema, pointer := d.at(content...)
	if schema == nil {
		return fmt.Errorf("the document does not know status %s", status)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept[pointer] == nil {
		s, err := d.c.Compile(pointer)
		if err != nil {
			return err
		}
		d.kept[pointer] = s
	}
	body, err := jsonschema.UnmarshalJSON(strings.NewReader(a.body))
	if err != nil {
		return err
	}
	if a.head.Get("Content-Type") != "application/json" {
		return fmt.Errorf("content type %q", a.head.Get("Content-Type"))
	}
	return d.kept[pointer].Validate(body)
}

// describes holds an answer of the API against its document: each one that any
// test of these pages gets.
func (p *person) describes(r *http.Request, a answer) {
	p.t.Helper()
	if !strings.HasPrefix(r.URL.Path, "/api/1/") || a.status == http.StatusMethodNotAllowed {
		return
	}
	d, err := described()
	must(p.t, err)
	if err := d.check(r, a); err != nil {
		p.t.Errorf("%s %s is not what the document says: %v\n%s", r.Method, r.URL, err, a.body)
	}
}

// operations are "GET /api/1/visits" and so on.
func (d *apiDescription) operations() (all []string) {
	paths, _ := d.at("paths")
	for p, of := range paths.(map[string]any) {
		for method := range of.(map[string]any) {
			all = append(all, strings.ToUpper(method)+" /api/1"+p)
		}
	}
	slices.Sort(all)
	return all
}

// The document has no schema and no reference that is broken, and says all in
// both languages.
func TestTheDocumentIsWhole(t *testing.T) {
	d, err := described()
	must(t, err)
	schemas, _ := d.at("components", "schemas")
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`"\$ref": "#/components/([a-z]+/[A-Za-z0-9_]+)"`).FindAllSubmatch(openAPI, -1) {
		used[string(m[1])] = true
		if part, _ := d.at(append([]string{"components"}, strings.Split(string(m[1]), "/")...)...); part == nil {
			t.Errorf("%s is referred to and is not there", m[1])
		}
	}
	for name := range schemas.(map[string]any) {
		if _, err := d.c.Compile("openapi.json#/components/schemas/" + name); err != nil {
			t.Error(err)
		}
		if !used["schemas/"+name] {
			t.Errorf("%s is used nowhere", name)
		}
	}
	parameters, _ := d.at("components", "parameters")
	for name := range parameters.(map[string]any) {
		if !used["parameters/"+name] {
			t.Errorf("%s is used nowhere", name)
		}
	}
	bothLanguages(t, "", d.doc)
}

// bothLanguages walks a document: what is described in English is in Chinese.
func bothLanguages(t *testing.T, at string, part any) {
	switch part := part.(type) {
	case map[string]any:
		for key, zh := range map[string]string{"description": "x-zh", "summary": "x-summary-zh"} {
			if en, said := part[key].(string); said {
				if s, _ := part[zh].(string); s == "" || strings.TrimSpace(en) == "" {
					t.Errorf("%s: %q lacks a language", at, en)
				}
			}
		}
		for name, child := range part {
			bothLanguages(t, at+"/"+name, child)
		}
	case []any:
		for i, child := range part {
			bothLanguages(t, fmt.Sprint(at, "/", i), child)
		}
	}
}

// fields are the names of what JSON says of a value.
func fields(of reflect.Type) (all []string) {
	for i := range of.NumField() {
		f := of.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case name == "" && f.Anonymous:
			all = append(all, fields(f.Type)...)
		default:
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Nothing is told that the document does not know, and nothing is promised
// that is not told.
func TestTheDocumentAndWhatIsTold(t *testing.T) {
	d, err := described()
	must(t, err)
	for name, told := range map[string]any{"Visit": toldVisit{}, "Edition": toldEdition{}, "Review": toldReview{}, "Comment": toldComment{}, "Assignment": toldAssignment{}, "SavedView": toldView{}, "Broadcast": toldBroadcast{}, "Recording": toldRecording{}, "Van": toldVan{},
		"Order": toldOrder{}, "Announcement": toldAnnouncement{}, "PlanItem": toldPlanItem{}, "Settings": toldSettings{}, "Rules": toldRules{}, "Place": ark.Place{}, "Geo": ark.Geo{}, "Need": ark.Need{},
		"Answer": ark.Answer{}, "Consent": ark.Consent{}, "Attachment": ark.Attachment{}, "Trigger": ark.Trigger{}, "Text": ark.Text{}} {
		properties, _ := d.at("components", "schemas", name, "properties")
		var want []string
		for p := range properties.(map[string]any) {
			want = append(want, p)
		}
		slices.Sort(want)
		if got := fields(reflect.TypeOf(told)); !slices.Equal(got, want) {
			t.Errorf("%s: told are %v, described %v", name, got, want)
		}
	}
}

// A check that lets everything pass would show nothing.
func TestTheDocumentIsHeldAgainst(t *testing.T) {
	d, err := described()
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x/api/1/visits", nil)
	must(t, err)
	head := http.Header{"Content-Type": {"application/json"}}
	good, err := json.Marshal(map[string]any{"visits": []toldVisit{tellOne(typed("字"))}})
	must(t, err)
	if err := d.check(r, answer{status: 200, body: string(good), head: head}); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{`{}`, `{"visits":[],"more":1}`, `[]`, strings.Replace(string(good), `"outcome":"met"`, `"outcome":"eaten"`, 1), strings.Replace(string(good), `"outcome":"met",`, ``, 1), `{"visits":[`} {
		if d.check(r, answer{status: 200, body: bad, head: head}) == nil {
			t.Errorf("passed: %s", bad)
		}
	}
	if d.check(r, answer{status: 418, body: "{}", head: head}) == nil || d.check(r, answer{status: 200, body: string(good), head: http.Header{}}) == nil {
		t.Error("a status or a type that is not described passed")
	}
}
