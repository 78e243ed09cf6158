package console

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"ark"
	"ark/hub"
)

// announcementRoutes are those of the announcement library.
func (c *Console) announcementRoutes() []route {
	return []route{
		{"GET /library", hub.RoleReader, c.showLibrary},
		{"GET /library/new", hub.RoleAnnouncer, c.showNew},
		{"GET /library/{id}", hub.RoleAnnouncer, c.showEdit},
		{"POST /library/edit", hub.RoleAnnouncer, c.edit},
		{"POST /library/{id}/withdraw", hub.RoleAnnouncer, c.withdraw},
		{"POST /library/{id}/restore", hub.RoleAnnouncer, c.restore},
		{"GET /library/blobs/{hash}", hub.RoleReader, c.listen},
		{"GET /library/waves/{hash}", hub.RoleReader, c.showWave},
		{"GET /library/languages", hub.RoleAnnouncer, c.showLanguages},
		{"POST /library/languages", hub.RoleAnnouncer, c.setLanguages},
		{"GET /api/1/announcements", hub.RoleReader, c.tellAnnouncements},
	}
}

// libraryPage is all announcements of the office.
type libraryPage struct {
	frame
	Languages []ark.Language // what an announcement should have
	Rows      []libraryRow   // those in use, of the class that was asked for
	Withdrawn []libraryRow
	Classes   []classCount
	Class     string // the word of the class that was asked for; empty: all
	All       int    // how many are in use
	Undo      *libraryRow
	Undone    string // key of why the last form was not done
}

// undone is the key of why a form was not done, by the address to which it
// led.
func undone(r *http.Request) string {
	switch r.URL.Query().Get("undone") {
	case "full":
		return "edit.full"
	case "stale":
		return "edit.restoreStale"
	}
	return ""
}

// classCount is how many announcements in use a class has.
type classCount struct {
	Class ark.Class
	Count int
}

// libraryRow is an announcement with what a reader wants to know of it.
type libraryRow struct {
	hub.Edition
	Tongues []tongueMark
	Missing int // languages that it should have and has not
	Length  time.Duration
	Span    string // "now", "early", "over", or empty: without bounds
	Machine bool   // a synthesiser speaks in one of its recordings
}

// tongueMark says whether an announcement has a language.
type tongueMark struct {
	Language ark.Language
	There    bool
	Machine  bool
}

func (c *Console) showLibrary(w http.ResponseWriter, r *http.Request) {
	languages, err := desk(r.Context()).Languages(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	editions, err := desk(r.Context()).Editions(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := libraryPage{frame: c.frame(r, "announcements"), Languages: languages, Class: r.URL.Query().Get("class"), Undone: undone(r)}
	class, unfiltered := ark.ParseClass(p.Class)
	counts := map[ark.Class]int{}
	for _, e := range editions {
		row := c.row(e, languages)
		switch {
		case e.Withdrawn:
			p.Withdrawn = append(p.Withdrawn, row)
			if string(e.ID) == r.URL.Query().Get("withdrawn") {
				p.Undo = &row
			}
			continue
		case unfiltered != nil || e.Class == class:
			p.Rows = append(p.Rows, row)
		}
		p.All++
		counts[e.Class]++
	}
	for _, class := range ark.Classes {
		p.Classes = append(p.Classes, classCount{class, counts[class]})
	}
	c.site.Page(w, r, http.StatusOK, "library.html", p)
}

// row makes of an edition what a reader sees.
func (c *Console) row(e hub.Edition, languages []ark.Language) libraryRow {
	row := libraryRow{Edition: e, Length: length(e.Announcement), Span: spanOf(e.Announcement, c.c.Now())}
	has := map[ark.Language]ark.Recording{}
	for _, r := range e.Recordings {
		has[r.Language] = r
		row.Machine = row.Machine || r.Machine
	}
	if e.Class == ark.ClassMusic {
		languages = nil // it is in none
	}
	for _, l := range inOrder(languages, e.Recordings) {
		r, there := has[l]
		row.Tongues = append(row.Tongues, tongueMark{l, there, r.Machine})
		if !there {
			row.Missing++
		}
	}
	return row
}

// inOrder are the languages that an announcement should have, and then those
// that it has besides.
func inOrder(languages []ark.Language, recordings []ark.Recording) []ark.Language {
	all := slices.Clone(languages)
	for _, r := range recordings {
		if !slices.Contains(all, r.Language) {
			all = append(all, r.Language)
		}
	}
	return all
}

// length is how long an announcement sounds once, chime and repeats left out.
func length(a ark.Announcement) time.Duration {
	var frames int64
	for _, r := range a.Recordings {
		frames += r.Frames
	}
	return time.Duration(frames)*time.Second/ark.SampleRate + a.Gap()*time.Duration(max(0, len(a.Recordings)-1))
}

// spanOf says where a time lies in the dates of an announcement.
func spanOf(a ark.Announcement, now time.Time) string {
	switch at := ark.Milli(now); {
	case a.ValidFrom == 0 && a.ValidUntil == 0:
		return ""
	case at < a.ValidFrom:
		return "early"
	case !a.Valid(at):
		return "over"
	}
	return "now"
}

// edition finds the newest edition of the announcement that a path names, and
// all older ones. Where there is none it answers and says false.
func (c *Console) edition(w http.ResponseWriter, r *http.Request) ([]hub.Edition, bool) {
	id := ark.AnnouncementID(r.PathValue("id"))
	if !goodID(id) {
		c.lost(w, r)
		return nil, false
	}
	editions, err := desk(r.Context()).History(r.Context(), id)
	if err != nil {
		c.unread(w, r, err)
		return nil, false
	}
	if len(editions) == 0 {
		c.lost(w, r)
		return nil, false
	}
	return editions, true
}

// withdraw takes an announcement out of the library, or puts it back.
func (c *Console) withdraw(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	editions, ok := c.edition(w, r)
	if !ok {
		return
	}
	id, withdrawn := editions[0].ID, r.PostFormValue("back") == ""
	err := desk(r.Context()).Withdraw(r.Context(), id, withdrawn)
	if errors.Is(err, hub.ErrFull) {
		http.Redirect(w, r, "/library?undone=full", http.StatusSeeOther)
		return
	}
	if err != nil {
		c.unkept(w, r, err)
		return
	}
	c.c.Log.Info("an announcement was withdrawn or put back", "announcement", id, "withdrawn", withdrawn)
	if withdrawn {
		http.Redirect(w, r, "/library?withdrawn="+string(id), http.StatusSeeOther)
		return
	}
	c.say(r, c.site.Text(r, "library.backDone"))
	http.Redirect(w, r, "/library/"+string(id), http.StatusSeeOther)
}

// restore makes an old edition the newest again.
func (c *Console) restore(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	editions, ok := c.edition(w, r)
	if !ok {
		return
	}
	version := whole(r.PostFormValue("version"))
	at := slices.IndexFunc(editions, func(e hub.Edition) bool { return e.Version == version })
	if at < 0 {
		c.lost(w, r)
		return
	}
	here := "/library/" + string(editions[0].ID)
	e, err := desk(r.Context()).AddEdition(r.Context(), editions[at].Announcement, whole(r.PostFormValue("from")))
	switch {
	case errors.Is(err, hub.ErrStale):
		here += "?undone=stale"
	case err != nil:
		c.unkept(w, r, err)
		return
	case e.Withdrawn:
		c.say(r, fmt.Sprintf(c.site.Text(r, "edit.savedOut"), e.Version))
	default:
		c.say(r, c.site.Text(r, "edit.restored"))
	}
	http.Redirect(w, r, here, http.StatusSeeOther)
}

// unkept answers for a change of the library that could not be kept.
func (c *Console) unkept(w http.ResponseWriter, r *http.Request, err error) {
	if refused(err) || errors.Is(err, hub.ErrUncertain) {
		c.unread(w, r, err)
		return
	}
	c.c.Log.Error("the library was not changed", "err", err)
	c.site.Page(w, r, http.StatusServiceUnavailable, "unsaved.html", c.frame(r, ""))
}
