package console

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ark"
	"ark/hub"
)

// visitQuery is which visits a page asks for. It stands in the page's address
// and nowhere else, so that an address is a view that can be kept and sent on.
type visitQuery struct {
	Filter hub.VisitFilter
	Order  hub.VisitOrder
	At     hub.VisitPlace // the page begins after it, or ends before it; zero: at the top
	Up     bool           // it ends before it
	Known  url.Values     // what was asked for and understood
	Faults []queryFault   // what was not
}

// queryFault is a part of an address that asks for nothing.
type queryFault struct{ Key, Value string }

// mostQuery is the most characters of one value of a query.
const mostQuery = 200

// Parts of a query that do not choose visits.
const (
	keyOrder = "order"
	keyBelow = "below" // a place: the page that comes after it
	keyAbove = "above" // a place: the page that comes before it
)

// visitParams read one part of a query each; false: it asks for nothing. They
// are in the order in which people see them.
var visitParams = []struct {
	key  string
	read func(q *visitQuery, value string, zone *time.Location) bool
}{
	{"q", func(q *visitQuery, v string, _ *time.Location) bool { return short100(v, &q.Filter.Text) }},
	{"from", func(q *visitQuery, v string, z *time.Location) bool { return readMidnight(v, z, 0, &q.Filter.From) }},
	{"to", func(q *visitQuery, v string, z *time.Location) bool { return readMidnight(v, z, 1, &q.Filter.To) }},
	{"place", func(q *visitQuery, v string, _ *time.Location) bool { return readPlace(v, &q.Filter.Within) }},
	{"building", func(q *visitQuery, v string, _ *time.Location) bool {
		q.Filter.Within.Building = v
		return q.Filter.Within.Check() == nil
	}},
	{"van", func(q *visitQuery, v string, _ *time.Location) (ok bool) {
		van, err := ark.ParseVanID(v)
		q.Filter.Van = van
		return err == nil
	}},
	{"by", func(q *visitQuery, v string, _ *time.Location) bool { return short100(v, &q.Filter.By) }},
	{"outcome", func(q *visitQuery, v string, _ *time.Location) bool {
		o, err := ark.ParseOutcome(v)
		q.Filter.Outcome = o
		return err == nil
	}},
	{"service", func(q *visitQuery, v string, _ *time.Location) bool { return short100(v, (*string)(&q.Filter.Service)) }},
	{"need", func(q *visitQuery, v string, _ *time.Location) bool { return short100(v, &q.Filter.Need) }},
	{"state", func(q *visitQuery, v string, _ *time.Location) bool { return readReview(v, &q.Filter.State) }},
	{"assigned", func(q *visitQuery, v string, _ *time.Location) bool { return short100(v, &q.Filter.Assigned) }},
	{"doubtful", func(q *visitQuery, v string, _ *time.Location) bool { return readYesNo(v, &q.Filter.Doubtful) }},
	{"photo", func(q *visitQuery, v string, _ *time.Location) bool { return readYesNo(v, &q.Filter.Photo) }},
	{"withdrawn", func(q *visitQuery, v string, _ *time.Location) bool {
		q.Filter.Withdrawn = v == "yes"
		return q.Filter.Withdrawn
	}},
	{"household", func(q *visitQuery, v string, _ *time.Location) bool {
		id, err := ark.ParseID(v)
		q.Filter.Household = id
		return err == nil && !id.IsZero()
	}},
	{"box", func(q *visitQuery, v string, _ *time.Location) bool {
		b, ok := readBox(v)
		q.Filter.Box = &b
		return ok
	}},
	{keyOrder, func(q *visitQuery, v string, _ *time.Location) bool {
		q.Order = hub.ByTime
		return v == "time"
	}},
	{keyBelow, func(q *visitQuery, v string, _ *time.Location) bool { return readAt(v, &q.At) }},
	{keyAbove, func(q *visitQuery, v string, _ *time.Location) bool {
		q.Up = true
		return readAt(v, &q.At)
	}},
}

// visitQueryOf reads a query; days are those of a zone, both included. What it
// does not know it passes over; what it knows and does not understand is a
// fault.
func visitQueryOf(values url.Values, zone *time.Location) visitQuery {
	q := visitQuery{Known: url.Values{}}
	for _, p := range visitParams {
		v, ok := one(values[p.key])
		if v == "" && ok {
			continue
		}
		if !ok || !p.read(&q, v, zone) {
			q.Faults = append(q.Faults, queryFault{p.key, cutText(values.Get(p.key), 40)})
			continue
		}
		q.Known.Set(p.key, v)
	}
	if f := q.Filter; !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		q.Faults = append(q.Faults, queryFault{"to", q.Known.Get("to")})
	}
	if q.Known.Has(keyBelow) && q.Known.Has(keyAbove) || q.Order == hub.ByTime && q.At.Position != 0 && q.At.At == 0 {
		q.Faults = append(q.Faults, queryFault{keyBelow, ""})
	}
	return q
}

// one is the value of a part that may stand once; false: it stands twice or is
// no text.
func one(values []string) (string, bool) {
	if len(values) == 0 {
		return "", true
	}
	v := strings.TrimSpace(values[0])
	ok := len(values) == 1 && utf8.ValidString(v) && utf8.RuneCountInString(v) <= mostQuery && strings.IndexFunc(v, unicode.IsControl) < 0
	return v, ok
}

// cutText is the beginning of what somebody wrote, fit to be shown.
func cutText(s string, most int) string {
	r := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}

func short100(v string, to *string) bool {
	*to = v
	return utf8.RuneCountInString(v) <= hub.MaxSearch
}

func readMidnight(v string, zone *time.Location, later int, to *time.Time) bool {
	*to = dayOf(v, zone, later)
	return !to.IsZero()
}

func readReview(v string, to **ark.ReviewState) bool {
	for _, s := range []ark.ReviewState{ark.ReviewNone, ark.ReviewApproved, ark.ReviewReturned, ark.ReviewRejected} {
		if s.String() == v {
			*to = &s
			return true
		}
	}
	return false
}

func readYesNo(v string, to *hub.Yes) bool {
	yes := v == "yes"
	*to = &yes
	return yes || v == "no"
}

// readBox reads south, west, north, east in degrees.
func readBox(v string) (b hub.Box, ok bool) {
	parts := strings.Split(v, ",")
	to := [...]*int64{&b.South, &b.West, &b.North, &b.East}
	if len(parts) != len(to) {
		return b, false
	}
	for i, part := range parts {
		degrees, err := strconv.ParseFloat(part, 64)
		if err != nil || !(degrees >= -180 && degrees <= 180) {
			return b, false
		}
		*to[i] = int64(degrees * degree)
	}
	return b, b.South <= b.North && b.West <= b.East
}

// degree is a degree of a map in the units of hub.Box and ark.Geo.
const degree = 1e7

// readAt reads a place in a list: a position, or a time and a position.
func readAt(v string, to *hub.VisitPlace) bool {
	at, position, timed := strings.Cut(v, ".")
	if !timed {
		at, position = "0", v
	}
	a, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return false
	}
	p, err := strconv.ParseInt(position, 10, 64)
	*to = hub.VisitPlace{At: ark.UnixMilli(a), Position: hub.Position(p)}
	return err == nil && p > 0
}

// atOf writes what readAt reads.
func (q visitQuery) atOf(v hub.Visit) string {
	if q.Order == hub.ByTime {
		return strconv.FormatInt(int64(v.MadeAt(v.At)), 10) + "." + strconv.FormatInt(int64(v.Position), 10)
	}
	return strconv.FormatInt(int64(v.Position), 10)
}

// readPlace reads street/community/grid/compound, of which the last may be
// left out and any may be empty.
func readPlace(v string, to *ark.Place) bool {
	parts, ok := splitPath(v)
	all := [...]*string{&to.Street, &to.Community, &to.Grid, &to.Compound}
	if !ok || len(parts) > len(all) {
		return false
	}
	for i, part := range parts {
		*all[i] = part
	}
	return to.Check() == nil && strings.Join(parts, "") != ""
}

// pathEscape keeps the names in a path apart; made once, since there are many.
var pathEscape = strings.NewReplacer(`\`, `\\`, `/`, `\/`)

// placePath writes what readPlace reads. A slash or backslash inside a part
// has a backslash before it.
func placePath(p ark.Place) string {
	parts := []string{pathEscape.Replace(p.Street), pathEscape.Replace(p.Community), pathEscape.Replace(p.Grid), pathEscape.Replace(p.Compound)}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, "/")
}

func splitPath(v string) (parts []string, ok bool) {
	var part strings.Builder
	escaped := false
	for _, r := range v {
		switch {
		case escaped || r != '\\' && r != '/':
			part.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		default:
			parts = append(parts, strings.TrimSpace(part.String()))
			part.Reset()
		}
	}
	return append(parts, strings.TrimSpace(part.String())), !escaped
}

// Chosen tells whether the query leaves any visit out.
func (q visitQuery) Chosen() bool { return len(q.keys()) > 0 }

// keys are the parts that choose visits, in the order in which people see
// them.
func (q visitQuery) keys() (keys []string) {
	for _, p := range visitParams {
		if q.Known.Has(p.key) && p.key != keyOrder && p.key != keyBelow && p.key != keyAbove {
			keys = append(keys, p.key)
		}
	}
	return keys
}

// Plain is the query on its first page.
func (q visitQuery) Plain() string { return q.with() }

// with is the query of an address with some parts changed, on its first page
// unless a place is among them; an empty value takes a part out.
func (q visitQuery) with(parts ...string) string {
	v := maps.Clone(q.Known)
	v.Del(keyBelow)
	v.Del(keyAbove)
	for pair := range slices.Chunk(parts, 2) {
		v.Set(pair[0], pair[1])
		if pair[1] == "" {
			v.Del(pair[0])
		}
	}
	return "?" + v.Encode()
}
