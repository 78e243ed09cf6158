package console

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"

	"ark/internal/web"
)

// openAPI describes the JSON API to programs (OpenAPI 3.1). Texts for people
// stand in it twice: as the standard has them in English, and in Chinese under
// x-zh. A test holds it against the routes and against what they answer.
//
//go:embed openapi.json
var openAPI []byte

// sendOpenAPI gives the document to programs.
func (c *Console) sendOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
	w.Write(openAPI) // an error means that nobody listens any more
}

// ordered is a JSON object whose members keep their order.
type ordered []member

type member struct {
	Name  string
	Value json.RawMessage
}

// UnmarshalJSON reads an object.
func (o *ordered) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		m := member{Name: fmt.Sprint(name)}
		if err := d.Decode(&m.Value); err != nil {
			return err
		}
		*o = append(*o, m)
	}
	return nil
}

// said is what the document says of something in both languages.
type said struct {
	En string `json:"description"`
	Zh string `json:"x-zh"`
}

// schema is as much of a JSON schema as the page shows.
type schema struct {
	said
	Ref        string          `json:"$ref"`
	Type       json.RawMessage `json:"type"`
	Format     string          `json:"format"`
	Enum       []any           `json:"enum"`
	Items      *schema         `json:"items"`
	Properties ordered         `json:"properties"`
	Required   []string        `json:"required"`
}

// apiPage is the API for people who write programs.
type apiPage struct {
	frame
	Intro   string
	Calls   []apiCall
	Things  []apiThing
	Address string // under which this hub was asked
}

// apiCall is something that can be asked for.
type apiCall struct {
	Method, Path, Title, Text string
	Asks                      []apiField
	Answers                   []apiField // by their status
}

// apiThing is what is spoken of in calls and answers.
type apiThing struct {
	Name, Text string
	Fields     []apiField
}

// apiField is a parameter, a field or an answer.
type apiField struct {
	Name, Kind, Of, Text string
	Needed               bool
}

func (c *Console) showAPI(w http.ResponseWriter, r *http.Request) {
	p, err := describeAPI(web.LangOf(r))
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p.frame, p.Quiet = c.frame(r, "api"), true
	p.Address = "http://" + r.Host
	if c.sessions.of(r) == c.sessions.tls {
		p.Address = "https://" + r.Host
	}
	c.site.Page(w, r, http.StatusOK, "api.html", p)
}

// apiDoc is as much of the document as the page shows.
type apiDoc struct {
	Info  said
	Paths ordered

	Components struct {
		Schemas    ordered
		Parameters map[string]apiParameter
		Responses  map[string]said
	}
}

// apiParameter is something that a call may ask with.
type apiParameter struct {
	said
	Name   string
	Schema schema
}

// apiOperation is a call in the document.
type apiOperation struct {
	said
	Summary    string
	Zh1        string `json:"x-summary-zh"`
	Parameters []struct {
		Ref string `json:"$ref"`
	}
	RequestBody struct {
		Content map[string]struct{ Schema schema }
	} `json:"requestBody"`
	Responses ordered
}

// describeAPI makes the page of the document.
func describeAPI(l web.Lang) (p apiPage, err error) {
	var d apiDoc
	if err := json.Unmarshal(openAPI, &d); err != nil {
		return p, fmt.Errorf("read the document of the API: %w", err)
	}
	p.Intro = d.Info.in(l)
	for _, at := range d.Paths {
		var methods ordered
		if err := json.Unmarshal(at.Value, &methods); err != nil {
			return p, err
		}
		for _, m := range methods {
			call, err := d.call(l, m)
			if err != nil {
				return p, err
			}
			call.Path = "/api/1" + at.Name
			p.Calls = append(p.Calls, call)
		}
	}
	for _, m := range d.Components.Schemas {
		var s schema
		if err := json.Unmarshal(m.Value, &s); err != nil {
			return p, err
		}
		fields, err := s.fields(l)
		if err != nil {
			return p, err
		}
		p.Things = append(p.Things, apiThing{m.Name, s.in(l), fields})
	}
	return p, nil
}

func (d apiDoc) call(l web.Lang, m member) (call apiCall, err error) {
	var o apiOperation
	if err := json.Unmarshal(m.Value, &o); err != nil {
		return call, err
	}
	call = apiCall{Method: strings.ToUpper(m.Name), Title: l.Of(o.Zh1, o.Summary), Text: o.in(l)}
	for _, ref := range o.Parameters {
		asked := d.Components.Parameters[path.Base(ref.Ref)]
		kind, of := asked.Schema.kind()
		call.Asks = append(call.Asks, apiField{asked.Name, kind, of, asked.in(l), false})
	}
	for _, body := range o.RequestBody.Content {
		fields, err := body.Schema.fields(l)
		if err != nil {
			return call, err
		}
		call.Asks = append(call.Asks, fields...)
	}
	for _, a := range o.Responses {
		var answer struct {
			said
			Ref     string `json:"$ref"`
			Content map[string]struct{ Schema schema }
		}
		if err := json.Unmarshal(a.Value, &answer); err != nil {
			return call, err
		}
		if answer.Ref != "" {
			answer.said = d.Components.Responses[path.Base(answer.Ref)]
			call.Answers = append(call.Answers, apiField{a.Name, "", "Error", answer.in(l), false})
			continue
		}
		call.Answers = append(call.Answers, apiField{a.Name, "", "", answer.in(l), false})
		s := answer.Content["application/json"].Schema
		if _, of := s.kind(); of != "" {
			call.Answers[len(call.Answers)-1].Of = of
			continue
		}
		fields, err := s.fields(l)
		if err != nil {
			return call, err
		}
		call.Answers = append(call.Answers, fields...)
	}
	return call, nil
}

func (s said) in(l web.Lang) string { return l.Of(s.Zh, s.En) }

// kind is what a value is, and of which thing.
func (s schema) kind() (kind, of string) {
	switch {
	case s.Ref != "":
		return "", path.Base(s.Ref)
	case s.Items != nil:
		kind, of = s.Items.kind()
		return strings.TrimSpace("list of " + kind), of
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, e := range s.Enum {
			words[i] = fmt.Sprint(e)
		}
		return strings.Join(words, " | "), ""
	case s.Format != "":
		return s.Format, ""
	}
	return strings.Trim(string(s.Type), `"`), ""
}

// fields are an object's fields, those of objects inside it after their own.
func (s schema) fields(l web.Lang) (all []apiField, err error) {
	for _, m := range s.Properties {
		var f schema
		if err := json.Unmarshal(m.Value, &f); err != nil {
			return nil, err
		}
		kind, of := f.kind()
		needed := false
		for _, name := range s.Required {
			needed = needed || name == m.Name
		}
		all = append(all, apiField{m.Name, kind, of, f.in(l), needed})
		inner := f
		if f.Items != nil {
			inner = *f.Items
		}
		below, err := inner.fields(l)
		if err != nil {
			return nil, err
		}
		for _, b := range below {
			b.Name = m.Name + "." + b.Name
			all = append(all, b)
		}
	}
	return all, nil
}
