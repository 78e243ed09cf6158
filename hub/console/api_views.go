package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"ark"
	"ark/hub"
)

type toldView struct {
	ID     ark.ID `json:"id"`
	Name   string `json:"name"`
	Query  string `json:"query"`
	Owner  string `json:"owner"`
	Mine   bool   `json:"mine"`
	Shared bool   `json:"shared"`
	First  bool   `json:"first"`
}

func (c *Console) tellViews(w http.ResponseWriter, r *http.Request) {
	views, err := savedViews(r.Context(), staffOf(r).Name, "")
	tell(c, w, "views", views, err, func(v savedView) toldView {
		return toldView{v.ID, v.Name, v.Query, v.Owner, v.Mine, v.Shared, v.First}
	})
}

// takeView is saveView for machines.
func (c *Console) takeView(w http.ResponseWriter, r *http.Request) {
	var body struct {
		ID            string
		Name, Query   string
		Shared, First bool
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(&body); err != nil {
		tellGarbage(w, err)
		return
	}
	v := hub.SavedView{ID: c.newID(), Name: strings.TrimSpace(body.Name), Shared: body.Shared, First: body.First, Query: body.Query}
	if body.ID != "" {
		var err error
		if v.ID, err = ark.ParseID(body.ID); err != nil {
			tellError(w, http.StatusNotFound, "not-there")
			return
		}
	}
	switch err := c.keepView(r, &v); {
	case err == nil:
		c.tellViews(w, r)
	case errors.Is(err, hub.ErrTaken):
		tellError(w, http.StatusConflict, "taken")
	case errors.Is(err, hub.ErrFull):
		tellError(w, http.StatusUnprocessableEntity, "manyViews")
	case errors.Is(err, hub.ErrInvalid):
		tellError(w, http.StatusUnprocessableEntity, "badView")
	default:
		c.untold(w, "view", err)
	}
}

// dropView is removeView for machines.
func (c *Console) dropView(w http.ResponseWriter, r *http.Request) {
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		tellError(w, http.StatusNotFound, "not-there")
		return
	}
	if err := desk(r.Context()).RemoveView(r.Context(), id); err != nil {
		c.untold(w, "view", err)
		return
	}
	c.tellViews(w, r)
}
