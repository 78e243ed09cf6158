package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"ark"
	"ark/hub"
)

// viewRoutes are those of views that people keep of the list of visits.
func (c *Console) viewRoutes() []route {
	return []route{
		{"GET /views", hub.RoleReader, c.showViews},
		{"POST /views", hub.RoleReader, c.saveView},
		{"POST /views/{id}", hub.RoleReader, c.saveView},
		{"POST /views/{id}/remove", hub.RoleReader, c.removeView},
		{"POST /views/{id}/restore", hub.RoleReader, c.restoreView},
		{"GET /api/1/views", hub.RoleReader, c.tellViews},
		{"POST /api/1/views", hub.RoleReader, c.takeView},
		{"POST /api/1/views/{id}/remove", hub.RoleReader, c.dropView},
	}
}

// savedView is a view as a page shows it.
type savedView struct {
	hub.SavedView
	Mine bool
	Here bool // the page shows just that
}

// At is the address of the list that it is.
func (v savedView) At() string { return "/?" + v.Query }

// savedViews are those for whoever looks; at is the query of their page.
func savedViews(ctx context.Context, me, at string) (all []savedView, err error) {
	kept, err := desk(ctx).SavedViews(ctx)
	for _, v := range kept {
		all = append(all, savedView{v, v.Owner == me, v.Query == at})
	}
	return all, err
}

// home is the list that somebody sees first.
func (c *Console) home(r *http.Request) string {
	if staffOf(r).Name == "" {
		return "/"
	}
	all, err := savedViews(r.Context(), nameOf(r), "")
	if err != nil {
		return "/" // whoever may see nothing, or the page itself says what is wrong
	}
	for _, v := range all {
		if v.First {
			return v.At()
		}
	}
	return "/"
}

// viewsPage is where views are named, shared and taken away.
type viewsPage struct {
	frame
	Views   []savedView
	Removed *hub.SavedView // was taken away just now
	New     *hub.SavedView // could not be kept
	Fault   string         // key of why
	Action  string         // where New is posted to
	Shares  bool           // whoever looks may share
}

func (c *Console) showViews(w http.ResponseWriter, r *http.Request) {
	p := viewsPage{}
	if id, err := ark.ParseID(r.URL.Query().Get("removed")); err == nil {
		p.Removed = &hub.SavedView{ID: id}
	}
	c.answerViews(w, r, http.StatusOK, p)
}

func (c *Console) answerViews(w http.ResponseWriter, r *http.Request, status int, p viewsPage) {
	var err error
	if p.Views, err = savedViews(r.Context(), nameOf(r), "-"); err != nil {
		c.unread(w, r, err)
		return
	}
	p.frame, p.Shares = c.frame(r, "views"), staffOf(r).Is(hub.RoleReviewer)
	c.site.Page(w, r, status, "views.html", p)
}

// saveView keeps a view, new or changed. Its query is kept as the list would
// write it.
func (c *Console) saveView(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v := hub.SavedView{ID: c.newID(), Name: strings.TrimSpace(r.PostFormValue("name")), Shared: r.PostFormValue("shared") != "", First: r.PostFormValue("first") != ""}
	if id := r.PathValue("id"); id != "" {
		var err error
		if v.ID, err = ark.ParseID(id); err != nil {
			c.lost(w, r)
			return
		}
	}
	v.Query = r.PostFormValue("query")
	fault := ""
	switch err := c.keepView(r, &v); {
	case err == nil:
		c.say(r, c.site.Text(r, "views.kept"))
		http.Redirect(w, r, "/?"+v.Query, http.StatusSeeOther)
		return
	case errors.Is(err, hub.ErrTaken):
		fault = "views.taken"
	case errors.Is(err, hub.ErrFull):
		fault = "views.full"
	case errors.Is(err, hub.ErrInvalid):
		fault = "views.bad"
	default:
		c.unread(w, r, err)
		return
	}
	c.answerViews(w, r, http.StatusUnprocessableEntity, viewsPage{New: &v, Fault: fault, Action: r.URL.Path})
}

// keepView keeps a view, its query as the list would write it.
func (c *Console) keepView(r *http.Request, v *hub.SavedView) error {
	values, err := url.ParseQuery(strings.TrimPrefix(v.Query, "?"))
	q := visitQueryOf(values, c.c.Zone)
	v.Query = strings.TrimPrefix(q.Plain(), "?")
	if err != nil || len(q.Faults) > 0 {
		return hub.ErrInvalid
	}
	return desk(r.Context()).SaveView(r.Context(), *v)
}

func (c *Console) removeView(w http.ResponseWriter, r *http.Request) {
	c.changeView(w, r, "?removed="+url.QueryEscape(r.PathValue("id")), func(id ark.ID) error { return desk(r.Context()).RemoveView(r.Context(), id) })
}

func (c *Console) restoreView(w http.ResponseWriter, r *http.Request) {
	c.changeView(w, r, "", func(id ark.ID) error { return desk(r.Context()).RestoreView(r.Context(), id) })
}

func (c *Console) changeView(w http.ResponseWriter, r *http.Request, then string, do func(id ark.ID) error) {
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		c.lost(w, r)
		return
	}
	switch err := do(id); {
	case errors.Is(err, hub.ErrTaken), errors.Is(err, hub.ErrFull):
		c.answerViews(w, r, http.StatusUnprocessableEntity, viewsPage{Fault: "views.noRoom"})
		return
	case err != nil:
		c.unread(w, r, err)
		return
	}
	http.Redirect(w, r, "/views"+then, http.StatusSeeOther)
}
