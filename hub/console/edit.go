package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// editPage is one announcement, to be read and changed.
type editPage struct {
	frame
	*draft
	Once      string         // of this form: it does what it says once
	Newest    *hub.Edition   // nil: it is new
	History   []historyRow   // its editions, the newest first
	Classes   []ark.Class    // to choose from
	Voices    []ark.Language // what the synthesiser speaks
	Compare   []difference   // what somebody else saved meanwhile, beside what is typed here
	Gone      bool           // the draft that the address names is no more
	Megabytes int            // the largest upload
	Spoken    int            // the longest text for the synthesiser, in characters
	Most      int            // the longest recording, in minutes
	Undone    string         // key of why the last form was not done
	Theirs    bool           // it is not for whoever reads this to change
	lost      map[ark.Hash]bool
}

// historyRow is one edition, and what it changed.
type historyRow struct {
	hub.Edition
	Changed []string // keys of texts; none: it is the first
}

// shownHistory is how many editions the editor lists.
const shownHistory = 50

// owner is what drafts belong to: the session.
func (c *Console) owner(r *http.Request) string {
	if first := c.sessions.GetString(r.Context(), keyFirst); first != "" {
		return first
	}
	return c.sessions.Token(r.Context())
}

func (c *Console) showNew(w http.ResponseWriter, r *http.Request) {
	key := r.URL.Query().Get("draft")
	d := c.drafts.find(c.owner(r), key)
	if d != nil {
		defer d.mu.Unlock()
		c.editPage(w, r, d, nil, false)
		return
	}
	d, err := c.blank(r, c.once.key())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	c.editPage(w, r, d, nil, key != "")
}

func (c *Console) showEdit(w http.ResponseWriter, r *http.Request) {
	editions, ok := c.edition(w, r)
	if !ok {
		return
	}
	key := r.URL.Query().Get("draft")
	d := c.drafts.find(c.owner(r), key)
	if d != nil {
		defer d.mu.Unlock()
	}
	gone := d == nil && key != ""
	if d == nil || d.Form.ID != string(editions[0].ID) {
		var err error
		if d, err = c.draftOf(r, c.once.key(), editions[0]); err != nil {
			c.unread(w, r, err)
			return
		}
	}
	c.editPage(w, r, d, editions, gone)
}

// editPage answers with the editor; of a new announcement there are no
// editions.
func (c *Console) editPage(w http.ResponseWriter, r *http.Request, d *draft, editions []hub.Edition, gone bool) {
	p := editPage{frame: c.frame(r, "announcements"), draft: d, Once: c.once.key(), Classes: ark.Classes, Voices: c.c.Studio.Voices(),
		Megabytes: hub.MaxUpload >> 20, Spoken: hub.MaxSpoken, Most: ark.MaxRecordingFrames / ark.SampleRate / 60}
	p.lost, p.Undone = lostOf(r.Context(), d), undone(r)
	p.Quiet, p.Gone = true, gone && p.Said == ""
	l := web.LangOf(r)
	if len(editions) > 0 {
		p.Newest, p.Theirs = &editions[0], !p.Staff.MayChange(editions)
		p.History = c.history(l, editions)
	}
	if d.Their != nil {
		mine, _ := d.Form.announcement(c.c.Zone) // it was right before it was compared
		mine.Recordings = d.recordings()
		p.Compare = c.compare(l, d.Their.Announcement, mine)
	}
	web.AllowSound(w)
	c.site.Page(w, r, http.StatusOK, "edit.html", p)
}

// lostOf are recordings of a draft's edition that the hub should have and has
// not.
func lostOf(ctx context.Context, d *draft) map[ark.Hash]bool {
	lost := map[ark.Hash]bool{}
	for _, s := range d.Slots {
		if s.Now == nil || s.Taken != nil {
			continue
		}
		blob, err := desk(ctx).OpenRecording(ctx, ark.AnnouncementID(d.Form.ID), s.Now.Content)
		if err != nil {
			lost[s.Now.Content] = true
			continue
		}
		blob.Close()
	}
	return lost
}

func (c *Console) history(l web.Lang, editions []hub.Edition) (rows []historyRow) {
	for i, e := range editions[:min(len(editions), shownHistory)] {
		row := historyRow{Edition: e}
		if i+1 < len(editions) {
			for _, d := range c.compare(l, editions[i+1].Announcement, e.Announcement) {
				row.Changed = append(row.Changed, d.Label)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// blank is a draft of a new announcement.
func (c *Console) blank(r *http.Request, key string) (*draft, error) {
	editions, err := desk(r.Context()).Editions(r.Context())
	if err != nil {
		return nil, err
	}
	d, err := c.draftOf(r, key, hub.Edition{Announcement: ark.Announcement{Chime: true, GapMillis: 800, RestMillis: 2000}})
	if err == nil {
		d.Form.ID = proposeID(editions, c.c.Now().In(c.c.Zone))
	}
	return d, err
}

// draftOf is a draft that begins with an edition.
func (c *Console) draftOf(r *http.Request, key string, e hub.Edition) (*draft, error) {
	languages, err := desk(r.Context()).Languages(r.Context())
	if err != nil {
		return nil, err
	}
	d := &draft{Key: key, Form: formOf(e.Announcement, c.c.Zone), From: e.Version}
	for _, l := range inOrder(languages, e.Recordings) {
		s := &slot{Language: l, Trim: true}
		if i := slices.IndexFunc(e.Recordings, func(r ark.Recording) bool { return r.Language == l }); i >= 0 {
			s.Was, s.Now = &e.Recordings[i], &e.Recordings[i]
		}
		d.Slots = append(d.Slots, s)
	}
	return d, nil
}

// slotView is one language of the editor.
type slotView struct {
	Page editPage
	Slot *slot
	Open bool // the ways to make a recording are unfolded
	Lost bool // the hub has its recording no more
}

// View is a language's part of the page. The first that lacks a recording
// shows how to make one.
func (p editPage) View(s *slot) slotView {
	lacks := func(s *slot) bool { return s.Now == nil && s.Offered == nil }
	first := slices.IndexFunc(p.Slots, lacks)
	return slotView{p, s, s.Trouble != "" || first >= 0 && p.Slots[first] == s, s.Now != nil && p.lost[s.Now.Content]}
}

// soundView is where a recording is heard and seen.
type soundView struct{ Listen, Wave string }

// Sound is where a recording of this page is.
func (v slotView) Sound(h ark.Hash) soundView {
	q := h.String() + "?" + url.Values{"of": {v.Page.Form.ID}, "draft": {v.Page.Key}}.Encode()
	return soundView{"/library/blobs/" + q, "/library/waves/" + q}
}

// Wrong tells whether a field is the one to be changed.
func (p editPage) Wrong(field string) bool { return p.Fault != nil && p.Fault.Field == field }

// HowOpen tells whether the part on how it is played has the field that is to
// be changed.
func (p editPage) HowOpen() bool {
	return p.Fault != nil && slices.Contains([]string{"times", "gap", "rest", "most", "validfrom", "until"}, p.Fault.Field)
}
