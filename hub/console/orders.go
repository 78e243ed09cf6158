package console

import (
	"net/http"
	"time"

	"ark"
	"ark/hub"
)

// ordersPage is what was asked of vans, newest first.
type ordersPage struct {
	frame
	pager
	Orders []order
	Loud   bool // something plays or waits, so there is something to stop
}

// order is an order with what is made of it for a reader.
type order struct {
	hub.Order
	What   ark.Text // the announcement's title; empty: a stop
	By     string
	Until  time.Time
	Lapsed bool // its time is over and nothing was heard of it: it will not be done
	Steps  []step
}

// step is one thing that happens with an order, in its sequence.
type step struct {
	Name string // made, held, accepted, started, finished, cut, failed, expired
	Done bool
	Bad  bool
}

func (c *Console) showOrders(w http.ResponseWriter, r *http.Request) {
	rows, err := c.c.Views.Orders(r.Context(), asked(r, shown+1))
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := ordersPage{frame: c.frame(r, "orders")}
	rows, p.pager = cut(r, rows, func(o hub.Order) hub.Position { return o.Position })
	for _, row := range rows {
		o := c.read(row)
		p.Orders = append(p.Orders, o)
		p.Loud = p.Loud || o.Kind == ark.KindPlayNow && !o.State.Ended() && !o.Lapsed
	}
	c.site.Page(w, r, http.StatusOK, "orders.html", p)
}

// read makes of an order what a reader sees.
func (c *Console) read(row hub.Order) order {
	o := order{Order: row}
	switch body := row.Body.(type) {
	case ark.PlayNow:
		o.What, o.By, o.Until = c.title(body.Announcement), body.By, body.NotAfter.Time()
	case ark.Stop:
		o.By, o.Until = body.By, body.NotAfter.Time()
	}
	o.Lapsed = row.State == 0 && c.c.Now().After(o.Until)
	o.Steps = steps(row)
	return o
}

// steps are how far an order has come, and what is to come if all goes well.
func steps(o hub.Order) []step {
	made := []step{{Name: "made", Done: true}, {Name: "held", Done: o.Held || o.State != 0}}
	sounded := o.State == ark.BroadcastStarted || o.State == ark.BroadcastFinished || o.Latency > 0
	ended := step{Name: "finished", Done: o.State.Ended()}
	if ended.Done {
		ended.Name, ended.Bad = o.State.String(), o.State != ark.BroadcastFinished
	}
	if o.Kind != ark.KindPlayNow {
		return append(made, ended)
	}
	if !ended.Bad || sounded {
		made = append(made, step{Name: "accepted", Done: o.State != 0}, step{Name: "started", Done: sounded})
	}
	return append(made, ended)
}

// title is an announcement's title; of one that is unknown here, its id.
func (c *Console) title(id ark.AnnouncementID) ark.Text {
	for _, a := range c.c.Announcements() {
		if a.ID == id {
			return a.Title
		}
	}
	return ark.Text{Zh: string(id), En: string(id)}
}
