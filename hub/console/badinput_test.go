package console

import (
	"bytes"
	"fmt"
	"html"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/pgtest"
)

// hostile are texts that a part behind a form might take for its own.
var hostile = map[string]string{
	"SQL and script":  `'; DROP TABLE visits; --"><script>attack()</script><img src=x onerror=attack()>`,
	"NUL":             "a\x00b",
	"broken UTF-8":    "a\xff\xfe\xc0\x80",
	"other languages": "javascript:attack()/../../etc/passwd\r\nX-Attack: 1\r\n\r\n{{.}}%n${7*7}",
	"very long":       strings.Repeat("长", 3000),
	"a huge number":   "-9223372036854775809",
}

// sentForm is a form as it would be sent.
type sentForm struct {
	path   string
	fields [][2]string
	parts  bool // multipart/form-data
}

var (
	formTag   = regexp.MustCompile(`(?s)<form([^>]*)>(.*?)</form>`)
	inputTag  = regexp.MustCompile(`(?s)<(input|textarea|button|select)\b([^>]*)>(?:([^<]*)</textarea>|\s*<option value="([^"]*)")?`)
	attribute = func(name string) func(tag string) string {
		re := regexp.MustCompile(`\b` + name + `="([^"]*)"`)
		return func(tag string) string {
			if m := re.FindStringSubmatch(tag); m != nil {
				return html.UnescapeString(m[1])
			}
			return ""
		}
	}
	nameOfTag, valueOfTag, actionOfTag, formActionOfTag = attribute("name"), attribute("value"), attribute("action"), attribute("formaction")
)

// formsOf are the forms of a page that change something, once for each of
// their buttons.
func formsOf(page, path string) (all []sentForm) {
	for _, m := range formTag.FindAllStringSubmatch(page, -1) {
		if !strings.Contains(m[0], `post"`) {
			continue
		}
		f := sentForm{path: path, parts: strings.Contains(m[1], "multipart")}
		if to := actionOfTag(m[1]); to != "" {
			f.path = to
		}
		buttons := []sentForm{}
		for _, tag := range inputTag.FindAllStringSubmatch(m[2], -1) {
			name, value := nameOfTag(tag[2]), valueOfTag(tag[2])
			switch tag[1] {
			case "button":
				to := f.path
				if other := formActionOfTag(tag[2]); other != "" {
					to = other
				}
				buttons = append(buttons, sentForm{path: to, fields: [][2]string{{name, value}}})
				continue
			case "textarea":
				value = html.UnescapeString(tag[3])
			case "select":
				value = html.UnescapeString(tag[4])
			}
			if name != "" {
				f.fields = append(f.fields, [2]string{name, value})
			}
		}
		for _, b := range buttons {
			one := sentForm{b.path, slices.Clone(f.fields), f.parts}
			if b.fields[0][0] != "" {
				one.fields = append(one.fields, b.fields[0])
			}
			all = append(all, one)
		}
	}
	return all
}

// send sends it.
func (p *person) send(f sentForm) answer {
	p.t.Helper()
	if !f.parts {
		var fields []string
		for _, one := range f.fields {
			fields = append(fields, one[0], one[1])
		}
		return p.post(f.path, fields...)
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for _, one := range f.fields {
		must(p.t, form.WriteField(one[0], one[1]))
	}
	must(p.t, form.Close())
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.b.server.URL+f.path, &b)
	must(p.t, err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return p.do(r)
}

// attacker is an administrator who is signed in again whenever an attack signs
// them out.
type attacker struct {
	*person
	t    *testing.T
	b    *bench
	n    int
	sent int
}

func (a *attacker) again() {
	a.n++
	a.b.pass(time.Hour) // whatever counts wrong passwords
	a.person = a.b.as(fmt.Sprint("attacker-", a.n), hub.Everything, hub.RoleAdministrator)
}

// holds looks at an answer: nothing breaks, and nothing that was sent is run.
func (a *attacker) holds(what string, do func() answer) {
	a.t.Helper()
	got := do()
	if got.status == http.StatusUnauthorized || strings.HasPrefix(got.to, "/login") {
		a.again()
		got = do()
	}
	a.sent++
	if got.status >= 500 && got.head.Get("Retry-After") == "" {
		a.t.Errorf("%s: %d", what, got.status)
	}
	if got.head.Get("X-Attack") != "" {
		a.t.Errorf("%s writes a header", what)
	}
	if strings.HasPrefix(got.head.Get("Content-Type"), "text/html") {
		for _, run := range []string{"<script>attack", "<img src=x", `href="javascript:`, `src="javascript:`, "${49}"} {
			if strings.Contains(got.body, run) {
				a.t.Errorf("%s: the page runs %s", what, run)
			}
		}
	}
}

// Whatever is written into any field of any form, into any query, path or body
// of the API: nothing breaks, nothing of it is run, nothing is lost, on either
// database.
func TestBadInput(t *testing.T) {
	t.Cleanup(pgtest.Stop)
	for name, c := range map[string]struct {
		database func(t *testing.T) string
		each     []string // into one field after the other
		all      []string // into all fields at once
	}{
		"SQLite":     {func(t *testing.T) string { return filepath.Join(t.TempDir(), "hub.db") }, []string{"SQL and script"}, []string{"NUL", "broken UTF-8", "other languages", "very long", "a huge number"}},
		"PostgreSQL": {func(t *testing.T) string { return pgtest.Database(t) }, []string{"NUL"}, []string{"SQL and script", "broken UTF-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBenchAt(t, c.database(t))
			b.console.c.Takes = t.TempDir()
			b.t = t
			s := b.southern()
			asks, _ := scoped(s)
			before, err := b.store.VisitRecord(t.Context(), hub.Everything, s.visit)
			must(t, err)
			a := &attacker{t: t, b: b}
			a.again()
			forms := a.forms(asks)
			for _, kind := range c.each {
				a.attack(kind, forms, asks, true)
			}
			for _, kind := range c.all {
				a.attack(kind, forms, asks, false)
			}
			if len(forms) < 80 || a.sent < 500 {
				t.Errorf("only %d requests were made of %d forms", a.sent, len(forms))
			}
			b.undamaged(s, before)
			for _, pattern := range slices.Sorted(maps.Keys(asks)) { // what was kept is shown
				for _, ask := range asks[pattern] {
					if strings.HasPrefix(pattern, "GET ") {
						a.holds("later "+ask.path, func() answer { return a.get(ask.path) })
					}
				}
			}
		})
	}
}

// forms are those of all pages, and what else is posted to each route.
func (a *attacker) forms(asks map[string][]ask) (all []sentForm) {
	seen := map[string]bool{}
	add := func(f sentForm) {
		if key := fmt.Sprint(f); !seen[key] {
			seen[key] = true
			all = append(all, f)
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(asks)) {
		for _, ask := range asks[pattern] {
			switch {
			case strings.HasPrefix(pattern, "GET "):
				for _, f := range formsOf(a.get(ask.path).body, ask.path) {
					if f.path != "/logout" {
						add(f)
					}
				}
			case len(ask.form) == 0 || ask.form[0] != "{":
				f := sentForm{path: ask.path}
				for i := 0; i+1 < len(ask.form); i += 2 {
					f.fields = append(f.fields, [2]string{ask.form[i], ask.form[i+1]})
				}
				add(f)
			}
		}
	}
	return append(all, sentForm{path: "/login", fields: [][2]string{{"name", "x"}, {"password", "y"}}})
}

var jsonValue = regexp.MustCompile(`"[^"]*"`)

// attack puts one hostile text into everything: into one field of a form after
// the other, or into all.
func (a *attacker) attack(kind string, forms []sentForm, asks map[string][]ask, each bool) {
	bad := hostile[kind]
	for _, f := range forms {
		for i := range f.fields {
			one := sentForm{f.path, slices.Clone(f.fields), f.parts}
			one.fields[i][1] = bad
			if !each {
				for k := range one.fields {
					one.fields[k][1] = bad
				}
			}
			a.holds(fmt.Sprintf("%s in %s of %s", kind, one.fields[i][0], f.path), func() answer { return a.send(one) })
			if !each {
				break
			}
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(asks)) {
		for _, ask := range asks[pattern] {
			path, query, _ := strings.Cut(ask.path, "?")
			if strings.HasPrefix(pattern, "GET ") {
				values, err := url.ParseQuery(query)
				must(a.t, err)
				for key := range values {
					changed := url.Values{}
					for k, v := range values {
						changed[k] = v
					}
					changed.Set(key, bad)
					a.holds(kind+" in "+key+" of "+path, func() answer { return a.get(path + "?" + changed.Encode()) })
				}
				for _, key := range []string{"below", "above", "before", "after", "since"} { // cursors
					a.holds(kind+" as a cursor of "+path, func() answer { return a.get(path + "?" + key + "=" + url.QueryEscape(bad)) })
				}
				if at := strings.LastIndex(path, "/"); strings.Contains(pattern, "{") && at > 0 && len(bad) < 1000 {
					a.holds(kind+" in the path of "+pattern, func() answer { return a.get(path[:at+1] + url.PathEscape(bad)) })
				}
			} else if len(ask.form) == 2 && ask.form[0] == "{" {
				for _, at := range jsonValue.FindAllStringIndex(ask.form[1], -1) {
					quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", `\r`, "\n", `\n`, "\x00", `\u0000`).Replace(bad) + `"`
					body := ask.form[1][:at[0]] + quoted + ask.form[1][at[1]:]
					a.holds(kind+" in the body of "+path, func() answer {
						r, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.b.server.URL+ask.path, strings.NewReader(body))
						must(a.t, err)
						r.Header.Set("Content-Type", "application/json")
						return a.do(r)
					})
				}
			}
		}
	}
}

// undamaged looks at what was there before: visits are as they came, and the
// record is whole.
func (b *bench) undamaged(s southern, before hub.VisitRecord) {
	b.t.Helper()
	now, err := b.store.VisitRecord(b.t.Context(), hub.Everything, s.visit)
	must(b.t, err)
	if got, want := now.Visit.Visit, before.Visit.Visit; got.Note != want.Note || got.Where != want.Where || got.Person != want.Person || len(now.Editions) != len(before.Editions) {
		b.t.Errorf("the visit is now %+v, was %+v", got, want)
	}
	if n, err := b.store.CountVisits(b.t.Context(), hub.Everything, hub.VisitFilter{}, 100); err != nil || n != 2 {
		b.t.Errorf("%d visits, %v", n, err)
	}
	if c, err := b.store.CheckAudit(b.t.Context(), nil, nil); err != nil || len(c.Faults) != 0 || c.Head.Seq < 100 {
		b.t.Errorf("the record: %+v, %v", c, err)
	}
	if h, err := b.store.HouseholdHistory(b.t.Context(), hub.Everything, s.household); err != nil || len(h) == 0 || h[len(h)-1].Note != secret {
		b.t.Errorf("the household: %+v, %v", h, err)
	}
	b.deliver(s.van, true, ark.Visit{Place: "later", Outcome: ark.Met})
	if n, err := b.store.CountVisits(b.t.Context(), hub.Everything, hub.VisitFilter{}, 100); err != nil || n != 3 {
		b.t.Errorf("%d visits after one more, %v", n, err)
	}
}
