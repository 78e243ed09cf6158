package console

import (
	"net/http"
	"slices"
	"strings"

	"ark"
)

// languagesPage is what languages an announcement should have. Until it is
// saved, its state is in its address.
type languagesPage struct {
	frame
	Languages []ark.Language
	Known     []ark.Language // that have a name, and are not chosen yet
	Typed     string
	Trouble   string // key of what to do now
	Changed   bool   // it is not what is kept
}

func (c *Console) showLanguages(w http.ResponseWriter, r *http.Request) {
	kept, err := desk(r.Context()).Languages(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	q := r.URL.Query()
	p := languagesPage{frame: c.frame(r, "announcements"), Languages: kept}
	if q.Has("language") || q.Has("do") {
		p.Languages = tags(q["language"])
	}
	what, at, _ := strings.Cut(q.Get("do"), ".")
	switch i := slices.Index(p.Languages, ark.Language(at)); {
	case what == "add":
		p.add(strings.TrimSpace(q.Get("typed")), ark.Language(strings.TrimSpace(q.Get("known"))))
	case i >= 0 && what == "remove":
		p.Languages = slices.Delete(p.Languages, i, i+1)
	case i > 0 && what == "up":
		p.Languages[i-1], p.Languages[i] = p.Languages[i], p.Languages[i-1]
	case i >= 0 && i+1 < len(p.Languages) && what == "down":
		p.Languages[i+1], p.Languages[i] = p.Languages[i], p.Languages[i+1]
	}
	c.languagesPage(w, r, http.StatusOK, p, kept)
}

// wordless is the tag of what has no words, such as music (BCP 47): nobody
// records every announcement in it.
const wordless = "zxx"

func (c *Console) languagesPage(w http.ResponseWriter, r *http.Request, status int, p languagesPage, kept []ark.Language) {
	p.Changed = !slices.Equal(p.Languages, kept)
	for key := range texts {
		if tag, is := strings.CutPrefix(key, "tongue."); is && tag != wordless && !slices.Contains(p.Languages, ark.Language(tag)) {
			p.Known = append(p.Known, ark.Language(tag))
		}
	}
	slices.Sort(p.Known)
	c.site.Page(w, r, status, "languages.html", p)
}

// add puts one more language at the end: what was typed, else what was
// chosen.
func (p *languagesPage) add(typed string, known ark.Language) {
	if typed != "" {
		known = ark.Language(typed)
	}
	p.Typed = typed
	switch l, err := ark.ParseLanguage(string(known)); {
	case err != nil:
		p.Trouble = "languages.bad"
	case slices.Contains(p.Languages, l):
		p.Trouble = "languages.twice"
	case len(p.Languages) >= ark.MaxLanguages:
		p.Trouble = "languages.many"
	default:
		p.Languages, p.Typed = append(p.Languages, l), ""
	}
}

// tags are the languages that a form carries, each once.
func tags(from []string) (all []ark.Language) {
	for _, tag := range from {
		if l, err := ark.ParseLanguage(tag); err == nil && !slices.Contains(all, l) && len(all) < ark.MaxLanguages {
			all = append(all, l)
		}
	}
	return all
}

func (c *Console) setLanguages(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	kept, err := desk(r.Context()).Languages(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	if err := r.ParseForm(); err != nil {
		c.refuse(w, r, err)
		return
	}
	p := languagesPage{Languages: tags(r.PostForm["language"])}
	if len(p.Languages) == 0 {
		p.frame, p.Trouble = c.frame(r, "announcements"), "languages.none"
		c.languagesPage(w, r, http.StatusUnprocessableEntity, p, kept)
		return
	}
	if err := desk(r.Context()).SetLanguages(r.Context(), p.Languages); err != nil {
		c.unkept(w, r, err)
		return
	}
	c.say(r, c.site.Text(r, "languages.done"))
	http.Redirect(w, r, "/library/languages", http.StatusSeeOther)
}
