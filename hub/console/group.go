package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"

	"ark"
	"ark/hub"
)

// groupPage is one form: how far each of its vans has come.
type groupPage struct {
	frame
	group
	Tally tally
	Only  string // which vans are shown: "", "trouble", "waiting"
	Shown []order
	Path  string
}

func (c *Console) showGroup(w http.ResponseWriter, r *http.Request) {
	at, err := strconv.ParseInt(r.PathValue("at"), 10, 64)
	if err != nil || at < 1 || at > 1<<60 {
		c.lost(w, r)
		return
	}
	g, ok, err := c.group(r.Context(), hub.Position(at))
	if err != nil {
		c.unread(w, r, err)
		return
	}
	if !ok {
		c.lost(w, r)
		return
	}
	p := groupPage{frame: c.frame(r, "orders"), group: g, Tally: g.Tally(), Only: r.URL.Query().Get("only"), Path: groupPath(hub.Position(at))}
	for _, o := range g.Orders {
		bad := o.Lapsed || o.State.Ended() && o.State != ark.BroadcastFinished
		if p.Only == "trouble" && !bad || p.Only == "waiting" && (bad || o.State != 0) {
			continue
		}
		p.Shown = append(p.Shown, o)
	}
	c.site.Page(w, r, http.StatusOK, "group.html", p)
}

// group is the form whose newest order has a position, its orders by van.
func (c *Console) group(ctx context.Context, at hub.Position) (g group, ok bool, err error) {
	k, err := c.catalog(ctx)
	if err != nil {
		return g, false, err
	}
	vans, err := desk(ctx).Vans(ctx)
	if err != nil {
		return g, false, err
	}
	here, sound := map[ark.VanID]bool{}, map[ark.VanID]string{}
	for _, v := range vans {
		here[v.ID] = v.Here
		if v.Health != nil && v.Health.Sound != "ok" {
			sound[v.ID] = v.Health.Sound
		}
	}
	for before := at + 1; ; {
		rows, err := desk(ctx).Orders(ctx, hub.Page{Before: before, Limit: ordersChunk})
		if err != nil {
			return g, false, err
		}
		for _, row := range rows {
			if g.Orders == nil && row.Position == at {
				g.Key, g.At = keyOf(row), at
			}
			if g.Key == "" || keyOf(row) != g.Key {
				rows = nil // what follows is of another form
				break
			}
			o := c.read(row, k)
			o.Here, o.Sound = here[row.Van], sound[row.Van]
			g.Orders = append(g.Orders, o)
		}
		if len(rows) < ordersChunk {
			break
		}
		before = rows[len(rows)-1].Position
	}
	slices.SortFunc(g.Orders, func(a, b order) int { return cmp.Compare(a.Van, b.Van) })
	return g, len(g.Orders) > 0, nil
}

// groupOf is where the page of the form is that an order came of.
func (c *Console) groupOf(ctx context.Context, ids []ark.ID) string {
	rows, err := desk(ctx).Orders(ctx, hub.Page{Limit: ordersChunk})
	if err != nil {
		return "/orders"
	}
	for _, row := range rows {
		if slices.Contains(ids, row.ID) {
			return groupPath(row.Position)
		}
	}
	return "/orders"
}

// findLimit is how many orders are looked through for one.
const findLimit = 20_000

// findOrder leads from an order's id to the page of its form.
func (c *Console) findOrder(w http.ResponseWriter, r *http.Request) {
	wanted, key := r.PathValue("id"), ""
	var first, before hub.Position
	for read := 0; read < findLimit; read += ordersChunk {
		rows, err := desk(r.Context()).Orders(r.Context(), hub.Page{Before: before, Limit: ordersChunk})
		if err != nil {
			c.unread(w, r, err)
			return
		}
		for _, row := range rows {
			if k := keyOf(row); k != key {
				first, key = row.Position, k
			}
			if before = row.Position; row.ID.String() == wanted {
				http.Redirect(w, r, groupPath(first)+"#o"+wanted, http.StatusSeeOther)
				return
			}
		}
		if len(rows) < ordersChunk {
			break
		}
	}
	c.lost(w, r)
}

// groupPath is the address of a form's page.
func groupPath(at hub.Position) string { return "/orders/" + strconv.FormatInt(int64(at), 10) }
