package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ark"
	"ark/hub"
)

// edit does what an editor's form asks for, and then shows the editor again,
// or the announcement that was saved.
func (c *Console) edit(w http.ResponseWriter, r *http.Request) {
	p, err := c.readPosted(w, r)
	defer c.release(p)
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	if !c.once.first(p.Get("key")) {
		http.Redirect(w, r, c.after(r, p.Values), http.StatusSeeOther)
		return
	}
	d, lost, err := c.draftFor(r, p.Values)
	if err != nil {
		c.once.forget(p.Get("key"))
		c.unread(w, r, err)
		return
	}
	defer d.mu.Unlock()
	c.fill(d, p.Values)
	for _, s := range d.Slots {
		if word := p.refused[s.Language]; word != "" {
			s.Trouble = word
		} else if file := p.files[s.Language]; file != nil {
			c.upload(r, d, s, file)
		}
	}
	what, tag, _ := strings.Cut(p.Get("do"), ".")
	to, s := d.address(), d.slot(ark.Language(tag))
	if s != nil { // else the tag is anything
		to += "#r-" + tag
	}
	switch {
	case lost:
		d.Fault = &fault{"recordings", "edit.takesGone"}
	case what == "mine" && d.From > 0:
		d.From = whole(p.Get("theirs"))
		c.save(w, r, d, p.Get("key"))
		return
	case what == "save":
		c.save(w, r, d, p.Get("key"))
		return
	case s != nil:
		c.act(r, d, s, what)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// address is where a draft is shown.
func (d *draft) address() string {
	id := d.Form.ID
	if d.From == 0 {
		id = "new"
	}
	return "/library/" + id + "?draft=" + url.QueryEscape(d.Key)
}

// after is where to go from a form that was posted before.
func (c *Console) after(r *http.Request, v url.Values) string {
	id := ark.AnnouncementID(v.Get("id"))
	if goodID(id) {
		if editions, err := desk(r.Context()).History(r.Context(), id); err == nil && len(editions) > 0 {
			return "/library/" + string(id) + "?draft=" + url.QueryEscape(v.Get("draft"))
		}
	}
	return "/library/new?draft=" + url.QueryEscape(v.Get("draft"))
}

// draftFor is the draft that a form belongs to, locked. Where it is no more,
// the form begins it anew; lost says that recordings went with it.
func (c *Console) draftFor(r *http.Request, v url.Values) (d *draft, lost bool, err error) {
	key := v.Get("draft")
	if len(key) == 0 || len(key) > 64 {
		key = c.once.key()
	}
	if d = c.drafts.find(c.owner(r), key); d != nil {
		return d, false, nil
	}
	from, id := whole(v.Get("from")), ark.AnnouncementID(v.Get("id"))
	if from == 0 || !goodID(id) {
		d, err = c.blank(r, key)
	} else {
		var editions []hub.Edition
		if editions, err = desk(r.Context()).History(r.Context(), id); err != nil {
			return nil, false, err
		}
		at := slices.IndexFunc(editions, func(e hub.Edition) bool { return e.Version == from })
		if at < 0 {
			return nil, false, fmt.Errorf("announcement %q has no version %d", id, from)
		}
		d, err = c.draftOf(r, key, editions[at])
	}
	if err != nil {
		return nil, false, err
	}
	c.drafts.add(c.owner(r), d)
	return d, v.Get("takes") != "" && v.Get("takes") != "0", nil
}

// fill takes over what was typed. What is not new keeps its id.
func (c *Console) fill(d *draft, v url.Values) {
	id := d.Form.ID
	d.Form = readForm(v)
	if d.From > 0 {
		d.Form.ID = id
	}
	d.Fault, d.Their = nil, nil
	for _, s := range d.Slots {
		s.Trouble, s.Detail = "", ""
		s.Text, s.Trim = strings.TrimSpace(v.Get("text-"+string(s.Language))), v.Has("trim-"+string(s.Language))
	}
}

// act does one thing with one language.
func (c *Console) act(r *http.Request, d *draft, s *slot, what string) {
	switch what {
	case "upload":
		if s.Offered == nil && s.Trouble == "" {
			s.Trouble = "nofile"
		}
	case "speak":
		c.speak(r, d, s)
	case "use":
		if s.Offered != nil {
			s.drop(&s.Taken)
			s.Taken, s.Offered = s.Offered, nil
			s.Now = &s.Taken.Recording
		}
	case "drop":
		s.drop(&s.Offered)
	case "remove":
		s.drop(&s.Taken)
		s.Now = nil
	case "back":
		s.drop(&s.Taken)
		s.Now = s.Was
	}
}

// save makes a new edition of a draft.
func (c *Console) save(w http.ResponseWriter, r *http.Request, d *draft, key string) {
	e, found, err := c.keep(r.Context(), d)
	switch {
	case found != nil:
		d.Fault = found
	case errors.Is(err, hub.ErrStale):
		err = c.stale(r, d)
	case errors.Is(err, hub.ErrFull):
		d.Fault, err = &fault{"", "edit.full"}, nil
	case errors.Is(err, hub.ErrOutOfSight):
		d.Fault, err = &fault{"", "edit.beyond"}, nil
	}
	if err != nil {
		if !errors.Is(err, hub.ErrUncertain) {
			c.once.forget(key)
		}
		c.c.Log.Error("an announcement was not saved", "err", err)
		d.Fault = &fault{"", ours(err, "edit.ours")}
	}
	if d.Fault != nil || d.Their != nil {
		http.Redirect(w, r, d.address(), http.StatusSeeOther)
		return
	}
	c.drafts.remove(d)
	c.c.Log.Info("an announcement was saved", "announcement", e.ID, "version", e.Version)
	said := "edit.saved"
	if e.Withdrawn {
		said = "edit.savedOut"
	}
	c.say(r, fmt.Sprintf(c.site.Text(r, said), e.Version))
	http.Redirect(w, r, "/library/"+string(e.ID), http.StatusSeeOther)
}

// keep keeps a draft's recordings and then its edition; a fault says what is
// to be changed first.
func (c *Console) keep(ctx context.Context, d *draft) (e hub.Edition, found *fault, err error) {
	a, found := d.Form.announcement(c.c.Zone)
	if found != nil {
		return e, found, nil
	}
	a.Version, a.Recordings = d.From+1, d.recordings()
	switch {
	case slices.ContainsFunc(d.Slots, func(s *slot) bool { return s.Offered != nil }):
		return e, &fault{"recordings", "edit.undecided"}, nil
	case len(a.Recordings) == 0:
		return e, &fault{"recordings", "edit.noRecording"}, nil
	case len(a.Recordings) > ark.MaxLanguages:
		return e, &fault{"recordings", "edit.manyRecordings"}, nil
	}
	if err := a.Check(); err != nil {
		return e, nil, err
	}
	if full, err := c.full(ctx, d); full || err != nil {
		return e, &fault{"", "edit.full"}, err
	}
	for _, s := range d.Slots {
		if s.Taken == nil {
			continue
		}
		hash, size, err := desk(ctx).KeepRecording(ctx, s.Taken.open(), s.Taken.Size)
		if err != nil {
			return e, nil, fmt.Errorf("keep a recording: %w", err)
		}
		if hash != s.Taken.Content || size != s.Taken.Size {
			return e, nil, fmt.Errorf("keep a recording: its file was changed")
		}
	}
	e, err = desk(ctx).AddEdition(ctx, a, d.From)
	return e, nil, err
}

// full tells whether a new announcement has no room in the library.
func (c *Console) full(ctx context.Context, d *draft) (bool, error) {
	if d.From > 0 {
		return false, nil
	}
	editions, err := desk(ctx).Editions(ctx)
	used := 0
	for _, e := range editions {
		if !e.Withdrawn {
			used++
		}
	}
	return used >= ark.MaxAnnouncements, err
}

// stale prepares a draft to be shown beside what somebody else saved.
func (c *Console) stale(r *http.Request, d *draft) error {
	if d.From == 0 {
		editions, err := desk(r.Context()).Editions(r.Context())
		d.Form.ID = proposeID(editions, c.c.Now().In(c.c.Zone))
		d.Fault = &fault{"id", "edit.idTaken"}
		return err
	}
	editions, err := desk(r.Context()).History(r.Context(), ark.AnnouncementID(d.Form.ID))
	if err == nil && len(editions) == 0 {
		err = errors.New("the announcement is gone")
	}
	if err == nil {
		d.Their = &editions[0]
	}
	return err
}

// refuse answers for a form that was not read.
func (c *Console) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var big *http.MaxBytesError
	page := refusedPage{frame: c.frame(r, "")}
	status := http.StatusBadRequest
	switch {
	case errors.As(err, &big):
		status, page.Key = http.StatusRequestEntityTooLarge, "refused."+hub.RefusedHuge
	case errors.Is(err, errForm):
		page.Key = "refused.form"
	default:
		page.Key = "refused.broken"
	}
	c.c.Log.Warn("a form was not read", "err", err, "size", strconv.FormatInt(r.ContentLength, 10))
	c.site.Page(w, r, status, "refused.html", page)
}

// refusedPage says why a form was not taken.
type refusedPage struct {
	frame
	Key string
}
