package console

import (
	"net/http"

	"ark"
	"ark/hub"
)

// GET /api/1/announcements lists the newest edition of each announcement, by
// title; those that were withdrawn come last.

type toldAnnouncement struct {
	ark.Announcement
	Class     string `json:"class"`
	By        string `json:"by,omitempty"`
	Made      int64  `json:"made"`
	Withdrawn bool   `json:"withdrawn,omitempty"`
}

func (c *Console) tellAnnouncements(w http.ResponseWriter, r *http.Request) {
	rows, err := desk(r.Context()).Editions(r.Context())
	tell(c, w, "announcements", rows, err, func(e hub.Edition) toldAnnouncement {
		return toldAnnouncement{e.Announcement, e.Class.String(), e.By, milli(e.Made), e.Withdrawn}
	})
}
