package console

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"ark"
	"ark/hub"
)

// Bounds of the page of orders: how many forms it shows, and how many orders
// it reads for them.
const (
	groupsShown = 20
	ordersChunk = 500
	ordersRead  = 3000
)

// ordersPage is what was asked of vans, newest first.
type ordersPage struct {
	frame
	pager
	List []listed
	Loud bool // something plays or waits, so there is something to stop
}

// listed is one line of the page: a form, or a run of standing orders, which
// are folded.
type listed struct {
	Group    *group
	Standing []group
}

// order is an order with what is made of it for a reader.
type order struct {
	hub.Order
	What   ark.Text // the announcement's title; empty: it is not about one
	By     string
	Why    string    // of an emergency: the reason that was given
	Until  time.Time // zero: it holds until another one comes
	Lapsed bool      // its time is over and nothing was heard of it: it will not be done
	Here   bool      // the van is connected now; known only where one form is shown
	Sound  string    // what is wrong with the van's loudspeaker now; empty: nothing; known only where Here is
	Steps  []step
}

// step is one thing that happens with an order, in its sequence.
type step struct {
	Name string // made, held, accepted, started, finished, cut, failed, expired
	Done bool
	Bad  bool
}

func (c *Console) showOrders(w http.ResponseWriter, r *http.Request) {
	k, err := c.catalog(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	at := asked(r, ordersChunk).Before
	groups, older, err := c.groups(r.Context(), k, at)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := ordersPage{frame: c.frame(r, "orders"), pager: pager{Older: older, First: at == 0}, List: listGroups(groups)}
	for _, g := range groups {
		p.Loud = p.Loud || len(g.Loud()) > 0
	}
	c.site.Page(w, r, http.StatusOK, "orders.html", p)
}

// groups reads the forms whose orders are older than a position, and says
// where the next page begins; 0: there are no older ones.
func (c *Console) groups(ctx context.Context, k catalog, before hub.Position) ([]group, hub.Position, error) {
	var all []order
	more := true
	for at := before; more && len(all) < ordersRead; {
		rows, err := desk(ctx).Orders(ctx, hub.Page{Before: at, Limit: ordersChunk})
		if err != nil {
			return nil, 0, fmt.Errorf("read orders: %w", err)
		}
		for _, row := range rows {
			all = append(all, c.read(row, k))
		}
		if more = len(rows) == ordersChunk; more {
			at = rows[len(rows)-1].Position
		}
		if len(gather(all)) > groupsShown {
			break
		}
	}
	groups := gather(all)
	switch {
	case len(groups) > groupsShown:
		groups = groups[:groupsShown]
	case !more:
		return groups, 0, nil
	case len(groups) > 1:
		groups = groups[:len(groups)-1] // the last one may have more orders than were read
	}
	last := groups[len(groups)-1].Orders
	return groups, last[len(last)-1].Position, nil
}

// listGroups folds standing orders that follow each other.
func listGroups(groups []group) (list []listed) {
	for i := range groups {
		g := &groups[i]
		n := len(list)
		switch {
		case !g.Standing():
			list = append(list, listed{Group: g})
		case n > 0 && list[n-1].Group == nil:
			list[n-1].Standing = append(list[n-1].Standing, *g)
		default:
			list = append(list, listed{Standing: []group{*g}})
		}
	}
	return list
}

// read makes of an order what a reader sees.
func (c *Console) read(row hub.Order, k catalog) order {
	o := order{Order: row}
	switch body := row.Body.(type) {
	case ark.PlayNow:
		o.What, o.By, o.Why, o.Until = k.Title(body.Announcement), body.By, body.Why, body.NotAfter.Time()
	case ark.Stop:
		o.By, o.Until = body.By, body.NotAfter.Time()
	case ark.Settings:
		o.By = body.By
	}
	o.Lapsed = row.State == 0 && !o.Until.IsZero() && c.c.Now().After(o.Until)
	o.Steps = steps(row)
	return o
}

// steps are how far an order has come, and what is to come if all goes well.
func steps(o hub.Order) []step {
	made := []step{{Name: "made", Done: true}, {Name: "held", Done: o.Held || o.State != 0}}
	ended := step{Name: "finished", Done: o.State.Ended() || o.Held && byTaking(o.Kind)}
	if o.State.Ended() {
		ended.Name, ended.Bad = o.State.String(), o.State != ark.BroadcastFinished
	}
	if o.Kind != ark.KindPlayNow {
		return append(made, ended)
	}
	if !ended.Bad || sounded(o) {
		made = append(made, step{Name: "accepted", Done: o.State != 0}, step{Name: "started", Done: sounded(o)})
	}
	return append(made, ended)
}
