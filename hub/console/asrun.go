package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"ark"
	"ark/hub"
)

// asRunQuery is what a reader of the as-run log asks for: the fields of the
// form as they were typed.
type asRunQuery struct {
	Van, From, To, Class, State, Language string
}

func queryOf(v url.Values) asRunQuery {
	return asRunQuery{v.Get("van"), v.Get("from"), v.Get("to"), v.Get("class"), v.Get("state"), v.Get("language")}
}

// values are the query's fields that are not empty.
func (q asRunQuery) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"van": q.Van, "from": q.From, "to": q.To, "class": q.Class, "state": q.State, "language": q.Language} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// Chosen tells whether anything is asked for.
func (q asRunQuery) Chosen() bool { return q != asRunQuery{} }

// filter is the query as the store takes it; days are those of a zone, both
// included. A field that is none of its kind is passed over.
func (q asRunQuery) filter(zone *time.Location) (f hub.AsRunFilter) {
	if van, err := ark.ParseVanID(q.Van); err == nil {
		f.Van = van
	}
	f.From, f.To = dayOf(q.From, zone, 0), dayOf(q.To, zone, 1)
	if c, err := ark.ParseClass(q.Class); err == nil {
		f.Class = &c
	}
	if l, err := ark.ParseLanguage(q.Language); err == nil {
		f.Language = l
	}
	for s := ark.BroadcastAccepted; s <= ark.BroadcastExpired; s++ {
		if s.String() == q.State {
			f.State = s
		}
	}
	return f
}

// dayOf is the midnight with which a day begins, or one so many days later;
// zero: it is no day.
func dayOf(s string, zone *time.Location, later int) time.Time {
	if _, err := ark.ParseDate(s); err != nil {
		return time.Time{}
	}
	at, err := time.ParseInLocation(time.DateOnly, s, zone)
	if err != nil {
		return time.Time{}
	}
	return at.AddDate(0, 0, later)
}

// asRunAll reads so many broadcasts of the log.
func asRunAll(ctx context.Context, f hub.AsRunFilter, most int) (all []hub.Broadcast, err error) {
	for f.Limit = 500; len(all) < most; f.Before = all[len(all)-1].Position {
		rows, err := desk(ctx).AsRun(ctx, f)
		if all = append(all, rows...); err != nil || len(rows) < f.Limit {
			return all, err
		}
	}
	return all, nil
}

// askedAt is when a broadcast was asked for; where nobody has told, when its
// record was made.
func askedAt(b hub.Broadcast) time.Time {
	switch {
	case b.Asked != 0:
		return b.Asked.Time()
	case b.RequestedAt != 0:
		return b.RequestedAt.Time()
	}
	return b.At.Wall.Time()
}

// broadcastsPage is the as-run log, what was last asked for first.
type broadcastsPage struct {
	frame
	pager
	Query      asRunQuery
	Vans       []hub.Van
	Classes    []ark.Class
	States     []ark.BroadcastState
	Tongues    []ark.Language
	Broadcasts []hub.Broadcast
	OlderAt    string // addresses of the other pages and of the file
	NewestAt   string
	CSVAt      string
	TimelineAt string
}

func (c *Console) showBroadcasts(w http.ResponseWriter, r *http.Request) {
	p := broadcastsPage{frame: c.frame(r, "broadcasts"), Query: queryOf(r.URL.Query()), Classes: ark.Classes}
	for s := ark.BroadcastAccepted; s <= ark.BroadcastExpired; s++ {
		p.States = append(p.States, s)
	}
	f := p.Query.filter(c.c.Zone)
	f.Page = asked(r, shown+1)
	rows, err := desk(r.Context()).AsRun(r.Context(), f)
	if err == nil {
		p.Vans, err = desk(r.Context()).Vans(r.Context())
	}
	if err == nil {
		p.Tongues, err = desk(r.Context()).Languages(r.Context())
	}
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p.Broadcasts, p.pager = cut(r, rows, func(b hub.Broadcast) hub.Position { return b.Position })
	if l := ark.Language(p.Query.Language); f.Language == l && l != "" && !slices.Contains(p.Tongues, l) {
		p.Tongues = append(slices.Clone(p.Tongues), l) // it is spoken no more
	}
	v := p.Query.values()
	p.NewestAt, p.CSVAt = "?"+v.Encode(), "/broadcasts.csv?"+v.Encode()
	v.Set("before", positionText(p.Older))
	p.OlderAt = "?" + v.Encode()
	p.TimelineAt = "/broadcasts/timeline?" + url.Values{"van": {p.Query.Van}, "day": {p.Query.From}}.Encode()
	c.site.Page(w, r, http.StatusOK, "broadcasts.html", p)
}
