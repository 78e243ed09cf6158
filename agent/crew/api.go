package crew

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"unicode/utf8"

	"ark"
	"ark/internal/web"
)

// sentVisit is a visit as a phone sends it. The phone chooses the id, so that
// the same visit sent again is no second one.
type sentVisit struct {
	ID       ark.ID        `json:"id"`
	Place    string        `json:"place"`
	Person   string        `json:"person,omitempty"`
	Outcome  string        `json:"outcome"`
	Services []ark.Service `json:"services,omitempty"`
	Need     string        `json:"need,omitempty"`
	Note     string        `json:"note,omitempty"`
	By       string        `json:"by,omitempty"`
}

// answer is what the API says of a visit.
type answer struct {
	ID      ark.ID `json:"id,omitzero"`
	Saved   bool   `json:"saved"`             // committed on the van
	Error   string `json:"error,omitempty"`   // stable word
	Field   string `json:"field,omitempty"`   // the field to mend
	Message string `json:"message,omitempty"` // for people, in the request's language
}

// takeVisit answers 201 once the visit is committed, and only then.
func (c *Crew) takeVisit(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, key, field string) {
		web.JSON(w, status, answer{Error: key[len("trouble."):], Field: field, Message: c.site.Text(r, key)})
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(http.StatusUnsupportedMediaType, "trouble.json", "")
		return
	}
	s, err := readVisit(http.MaxBytesReader(w, r.Body, maxForm))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		refuse(http.StatusRequestEntityTooLarge, "trouble.long", "")
		return
	case errors.Is(err, ark.ErrNotText):
		refuse(http.StatusUnprocessableEntity, "trouble.text", "")
		return
	case err != nil:
		refuse(http.StatusBadRequest, "trouble.json", "")
		return
	case s.ID.IsZero():
		refuse(http.StatusBadRequest, "trouble.json", "id")
		return
	}
	v := ark.Visit{Place: s.Place, Person: s.Person, Services: s.Services, Need: s.Need, Note: s.Note, By: s.By}
	v.Outcome, _ = ark.ParseOutcome(s.Outcome) // Check says what is missing
	if err := c.save(r, s.ID, v); err != nil {
		refuse(trouble(err))
		return
	}
	web.JSON(w, http.StatusCreated, answer{ID: s.ID, Saved: true})
}

// readVisit reads one visit and nothing after it. A field that would not be
// kept is an error, and so are bytes that encoding/json would replace: neither
// must look saved.
func readVisit(r io.Reader) (s sentVisit, err error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return s, err
	}
	if !utf8.Valid(data) {
		return s, ark.ErrNotText
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, err
	}
	if _, err := d.Token(); err != io.EOF {
		return s, errors.New("more than one visit")
	}
	return s, nil
}

// A cookie holds no Chinese; escape makes it fit.
func escape(s string) string { return url.QueryEscape(s) }

func unescape(s string) string {
	out, err := url.QueryUnescape(s)
	if err != nil {
		return ""
	}
	return out
}
