package crew

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"ark"
	"ark/agent"
	"ark/internal/web"
)

// problem is why version 2 of the API refuses a request. Its words are stable;
// docs/van-api.md lists them.
type problem struct {
	Status  int    `json:"-"`
	Word    string `json:"error"`
	Field   string `json:"field,omitempty"` // the field to mend
	Message string `json:"message"`         // for people, in the request's language
	Left    *int   `json:"left,omitempty"`  // tries that are left, of a PIN
	Wait    int64  `json:"wait_s,omitempty"`
}

// Error is for logs.
func (p *problem) Error() string { return strings.TrimSpace(p.Word + " " + p.Field) }

func wrong(status int, word, field string) error {
	return &problem{Status: status, Word: word, Field: field}
}

// known are the errors of the van's parts by what the API calls them.
var known = []struct {
	err    error
	status int
	word   string
}{
	{agent.ErrNotThere, http.StatusNotFound, "not-there"},
	{agent.ErrStale, http.StatusConflict, "stale"},
	{agent.ErrTooLate, http.StatusUnprocessableEntity, "too-late"},
	{agent.ErrNotYours, http.StatusUnprocessableEntity, "not-yours"},
	{agent.ErrStruck, http.StatusForbidden, "struck"},
	{agent.ErrFull, http.StatusUnprocessableEntity, "phones-full"},
	{ark.ErrTooBig, http.StatusUnprocessableEntity, "long"},
}

// refuse answers with an error. What is none of the API's own words is the
// card's trouble, and logged: a phone keeps what it has and tries again.
func (c *Crew) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := new(problem)
	if !errors.As(err, &p) {
		p = c.problemOf(r, err)
	}
	if p.Message == "" {
		p.Message = c.site.Text(r, "api."+p.Word)
	}
	switch {
	case p.Wait > 0:
		w.Header().Set("Retry-After", strconv.FormatInt(p.Wait, 10))
	case p.Status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "5")
	case p.Status == http.StatusServiceUnavailable, p.Status == http.StatusInsufficientStorage:
		w.Header().Set("Retry-After", "15")
	}
	web.JSON(w, p.Status, p)
}

// ourFault tells an error of the van's own from one of the request.
func ourFault(err error) bool {
	var p *problem
	if errors.As(err, &p) {
		return false
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			return false
		}
	}
	status, _, _ := trouble(err)
	return status >= http.StatusInternalServerError
}

func (c *Crew) problemOf(r *http.Request, err error) *problem {
	for _, k := range known {
		if errors.Is(err, k.err) {
			return &problem{Status: k.status, Word: k.word}
		}
	}
	status, key, field := trouble(err)
	if ourFault(err) {
		c.c.Log.Error("a phone's request failed", "path", r.URL.Path, "err", err)
	}
	return &problem{Status: status, Word: strings.TrimPrefix(key, "trouble."), Field: field, Message: c.site.Text(r, key)}
}

// read reads the one JSON value of a request's body into v. A field that would
// not be kept is an error that names it, and so are bytes that encoding/json
// would replace: neither must look saved.
func read(r *http.Request, v any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return wrong(http.StatusUnsupportedMediaType, "json", "")
	}
	data, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return wrong(http.StatusRequestEntityTooLarge, "large", "")
	case err != nil:
		return wrong(http.StatusBadRequest, "json", "")
	}
	return decode(data, v)
}

func decode(data []byte, v any) error {
	if !utf8.Valid(data) {
		return wrong(http.StatusUnprocessableEntity, "text", "")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		var mistyped *json.UnmarshalTypeError
		if errors.As(err, &mistyped) {
			return wrong(http.StatusBadRequest, "json", mistyped.Field)
		}
		if name, ok := strings.CutPrefix(err.Error(), `json: unknown field "`); ok {
			return wrong(http.StatusBadRequest, "unknown-field", strings.TrimSuffix(name, `"`))
		}
		return wrong(http.StatusBadRequest, "json", "")
	}
	if _, err := d.Token(); err != io.EOF {
		return wrong(http.StatusBadRequest, "json", "")
	}
	return nil
}
