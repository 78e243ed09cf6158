package web

import (
	"net/http"
	"net/url"
	"strings"
)

// Lang is a language of the pages.
type Lang string

// The languages. Chinese comes first: it is what a page speaks unless the
// browser or the person asks for English.
const (
	Zh Lang = "zh"
	En Lang = "en"
)

// Langs lists them.
var Langs = []Lang{Zh, En}

// Tag is the BCP 47 tag for an HTML page.
func (l Lang) Tag() string {
	if l == En {
		return "en"
	}
	return "zh-Hans"
}

// Of is the one of two texts that speaks this language; where there is no
// English, the Chinese.
func (l Lang) Of(zh, en string) string {
	if l == En && en != "" {
		return en
	}
	return zh
}

// Texts are what a program says: by key, in Chinese and English.
type Texts map[string][2]string

// Join puts texts together. A key that stands twice is a mistake in the
// program: it panics.
func Join(parts ...Texts) Texts {
	all := Texts{}
	for _, part := range parts {
		for key, pair := range part {
			if _, twice := all[key]; twice {
				panic("text " + key + " stands twice")
			}
			all[key] = pair
		}
	}
	return all
}

// In is a text. An unknown key is shown as it is, so that it is seen.
func (t Texts) In(l Lang, key string) string {
	pair, ok := t[key]
	switch {
	case !ok:
		return key
	case l == En:
		return pair[1]
	}
	return pair[0]
}

// Known is the text of a word that may be unknown to this release; it is then
// shown as it is.
func (t Texts) Known(l Lang, prefix, word string) string {
	if _, ok := t[prefix+word]; !ok {
		return word
	}
	return t.In(l, prefix+word)
}

// LangOf is the language of a request: what the person chose, else what the
// browser asks for, else Chinese.
func LangOf(r *http.Request) Lang {
	if c, err := r.Cookie("lang"); err == nil && (c.Value == string(Zh) || c.Value == string(En)) {
		return Lang(c.Value)
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		switch tag := strings.ToLower(strings.TrimSpace(part)); {
		case strings.HasPrefix(tag, "zh"):
			return Zh
		case strings.HasPrefix(tag, "en"):
			return En
		}
	}
	return Zh
}

// ChooseLang remembers the language that a form asks for and goes back to
// where the person was.
func ChooseLang(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	l := Zh
	if r.PostFormValue("lang") == string(En) {
		l = En
	}
	http.SetCookie(w, &http.Cookie{Name: "lang", Value: string(l), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, back(r), http.StatusSeeOther)
}

// back is the path of the page that sent a form, on this server only.
func back(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host || !strings.HasPrefix(from.Path, "/") || strings.HasPrefix(from.Path, "//") {
		return "/"
	}
	return (&url.URL{Path: from.Path, RawQuery: from.RawQuery}).String()
}
