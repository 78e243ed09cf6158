package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// Tiles are pictures of the ground from another server; without them a map
// shows the outline alone.
type Tiles struct {
	URL  string // https://host/…{z}/{x}/{y}.png; empty: none
	From string // whose they are, as its licence wants it said
}

// Zoom levels of the map. One pixel is 360°/256/2^zoom wide.
const (
	leastZoom = 3
	mostZoom  = 19
	cityZoom  = 12
)

// mapPage is the map, and beside it the newest visits of the part that it
// shows.
type mapPage struct {
	visitsPage
	Box     hub.Box
	ListAt  string // the list of all of them
	Tiles   Tiles
	Outline bool
	Broken  bool // there is an outline that cannot be used
}

func (c *Console) showMap(w http.ResponseWriter, r *http.Request) {
	p := mapPage{visitsPage: c.visitsAsked(r), Tiles: c.c.Tiles}
	if !c.seek(w, r, &p.visitsPage) {
		return
	}
	c.answerVisits(w, r, &p.visitsPage, c.fillMap(r, &p), func(status int) {
		data, err := c.outline.read()
		p.Outline, p.Broken = len(data) > 0 && err == nil, err != nil
		if err != nil {
			c.c.Log.Warn("the outline beneath the map cannot be used", "err", err)
		}
		p.frame = c.frame(r, "map")
		p.Chips = slices.DeleteFunc(p.Chips, func(k chip) bool { return k.Key == "box" }) // it is what is shown, not what is left out
		web.AllowPictures(w, web.Origin(c.c.Tiles.URL))
		c.site.Page(w, r, status, "map.html", p)
	})
}

// fillMap finds what part of the Earth is looked at, and the newest visits in
// it.
func (c *Console) fillMap(r *http.Request, p *mapPage) (err error) {
	if p.Trouble != "" {
		return nil
	}
	if p.Query.Filter.Box == nil {
		box, err := townBox(r.Context(), p.Query.Filter)
		if err != nil {
			return err
		}
		p.Query.Filter.Box = &box
	}
	p.Box = *p.Query.Filter.Box
	p.ListAt = "/" + p.Query.with("box", boxText(p.Box))
	if err := p.see(r.Context()); err != nil {
		return err
	}
	return c.findVisits(r, &p.visitsPage)
}

// townBox is where most of the visits are: the town about their largest
// cluster. Of all visits, the newest tell.
func townBox(ctx context.Context, f hub.VisitFilter) (hub.Box, error) {
	const far, near = 6, cityZoom
	if f == (hub.VisitFilter{}) {
		if b, found, err := desk(ctx).VisitsBox(ctx); err != nil || found {
			return hull([]hub.Cluster{{Lat: b.South, Lon: b.West}, {Lat: b.North, Lon: b.East}}), err
		}
	}
	box := hub.Box{South: -85 * degree, West: -180 * degree, North: 85 * degree, East: 180 * degree}
	for _, zoom := range []int{far, near} {
		all, err := desk(ctx).MapVisits(ctx, f, box, zoom)
		if err != nil {
			return box, err
		}
		most := hub.Cluster{}
		for _, k := range all {
			if k.Count > most.Count {
				most = k
			}
		}
		if most.Count == 0 {
			return hub.Box{South: 18 * degree, West: 74 * degree, North: 53 * degree, East: 134 * degree}, nil // China: nothing is on the map yet
		}
		if zoom == far {
			box = nearby(most, 1.5)
			continue
		}
		box = hull(all)
	}
	return box, nil
}

// nearby is a box so many degrees about a cluster.
func nearby(k hub.Cluster, degrees float64) hub.Box {
	d := int64(degrees * degree)
	return hub.Box{South: max(k.Lat-d, -85*degree), West: max(k.Lon-d, -180*degree), North: min(k.Lat+d, 85*degree), East: min(k.Lon+d, 180*degree)}
}

// hull is the box with all clusters of cityZoom, and a square of theirs more,
// since each stands for visits all about.
func hull(all []hub.Cluster) hub.Box {
	const margin = 360.0 / 4 / (1 << cityZoom) // degrees
	b := nearby(all[0], margin)
	for _, k := range all[1:] {
		n := nearby(k, margin)
		b = hub.Box{South: min(b.South, n.South), West: min(b.West, n.West), North: max(b.North, n.North), East: max(b.East, n.East)}
	}
	return b
}

func boxText(b hub.Box) string {
	d := func(n int64) string { return strconv.FormatFloat(float64(n)/degree, 'f', 6, 64) }
	return d(b.South) + "," + d(b.West) + "," + d(b.North) + "," + d(b.East)
}

// Marks are the states of review.
func (p mapPage) Marks() []ark.ReviewState {
	return []ark.ReviewState{ark.ReviewNone, ark.ReviewReturned, ark.ReviewApproved, ark.ReviewRejected}
}

// Degrees are the box for the script.
func (p mapPage) Degrees() string { return boxText(p.Box) }

// ClustersAt is where the script asks for what is on the map.
func (p mapPage) ClustersAt() string { return "/map/clusters" + p.Query.with("box", "") }

// MapAt is the address of the map without its box, for the script.
func (p mapPage) MapAt() string { return "/map" + p.Query.with("box", "") }

// toldCluster is visits that lie close together: the degrees of their middle,
// and how many there are in each state.
type toldCluster struct {
	Lat    float64        `json:"lat"`
	Lon    float64        `json:"lon"`
	N      int            `json:"n"`
	States map[string]int `json:"states"`
	Visit  string         `json:"visit,omitempty"` // the one that it is
}

func (c *Console) tellClusters(w http.ResponseWriter, r *http.Request) {
	q := visitQueryOf(r.URL.Query(), c.c.Zone)
	zoom, err := strconv.Atoi(r.URL.Query().Get("zoom"))
	if len(q.Faults) > 0 || err != nil || zoom < leastZoom || zoom > mostZoom || q.Filter.Box == nil {
		tellError(w, http.StatusBadRequest, "filter")
		return
	}
	box := *q.Filter.Box
	q.Filter.Box = nil
	all, err := desk(r.Context()).MapVisits(r.Context(), q.Filter, box, zoom)
	switch {
	case errors.Is(err, hub.ErrSearch):
		tellError(w, http.StatusBadRequest, "search")
		return
	case err != nil:
		c.c.Log.Error("a map cannot be read", "err", err)
		tellError(w, http.StatusServiceUnavailable, "store")
		return
	}
	told := make([]toldCluster, len(all))
	for i, k := range all {
		told[i] = toldCluster{Lat: round6(k.Lat), Lon: round6(k.Lon), N: k.Count, States: map[string]int{}}
		for state, n := range k.States {
			told[i].States[state.String()] = n
		}
		if !k.Visit.IsZero() {
			told[i].Visit = k.Visit.String()
		}
	}
	web.JSON(w, http.StatusOK, map[string]any{"clusters": told})
}

// round6 is a place in degrees to the decimetre.
func round6(n int64) float64 { return math.Round(float64(n)/10) / 1e6 }

func (c *Console) tellOutline(w http.ResponseWriter, r *http.Request) {
	data, err := c.outline.read()
	if err != nil || data == nil {
		tellError(w, http.StatusNotFound, "not-there")
		return
	}
	w.Header().Set("Content-Type", "application/geo+json")
	w.Header().Set("Cache-Control", "private, max-age=60")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// stateMark is a state of review as a sign, so that nobody needs its colour.
func stateMark(s ark.ReviewState) string {
	return [...]string{"○", "✓", "↩", "✕"}[min(int(s), 3)]
}

// check tells what is wrong with tiles, if anything.
func (t Tiles) check() error {
	if t.URL != "" && web.Origin(t.URL) == "" {
		return fmt.Errorf("tiles: %q is not like https://host/{z}/{x}/{y}.png", t.URL)
	}
	return nil
}
