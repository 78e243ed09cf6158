package store

import (
	"strings"

	"ark"
	"ark/hub"
)

// traits are what a visit is found by, as it is now, but for what staff made
// of it.
type traits struct {
	van       int64
	made      int64  // ms, corrected and bounded
	boot      []byte // of the first entry, if the van did not trust its clock
	doubtful  bool
	where     ark.Place // as it is written
	place     int64     // its number, down to the compound; 0: it names nothing
	plain     ark.Place // in the form for comparing; see Store.locate
	by        string
	outcome   ark.Outcome
	photo     bool
	household ark.ID
	geo       *ark.Geo
	marks     []mark
	words     []string
}

// mark is something that a visit may have more than one of.
type mark struct {
	kind  int64
	value string
}

// Kinds of marks. They are in the table.
const (
	markService int64 = 1
	markNeed    int64 = 2 // its code, or hub.AnyNeed
)

// madeAt is a time as visits are ordered by: nothing a van says lies outside
// of what a page can ask for.
func madeAt(at ark.UnixMilli) int64 { return int64(min(max(at, 0), latest)) }

// anyNeed is hub.AnyNeed as a mark.
const anyNeed = "*"

// traitsOf are those of a visit; first is the stamp of its first entry as it
// came, at the same corrected where it can be.
func traitsOf(van int64, v ark.Visit, first, at ark.Stamp) traits {
	t := traits{van: van, made: madeAt(v.MadeAt(at)), doubtful: v.Doubtful(at), where: v.Where, by: v.By, outcome: v.Outcome,
		household: v.Household, geo: v.Geo}
	if !first.Trusted {
		t.boot = first.Boot[:]
	}
	for _, a := range v.Attachments {
		t.photo = t.photo || a.Role == ark.RolePhoto
	}
	seen := map[mark]bool{}
	add := func(m mark) {
		if !seen[m] {
			seen[m] = true
			t.marks = append(t.marks, m)
		}
	}
	for _, s := range v.Services {
		add(mark{markService, string(s)})
	}
	if len(v.Needs) > 0 || v.Need != "" {
		add(mark{markNeed, anyNeed})
	}
	texts := []string{v.Place, v.Where.Street, v.Where.Community, v.Where.Grid, v.Person, v.Need, v.Note, v.By}
	if door := v.Where.String(); !strings.Contains(v.Place, door) {
		texts = append(texts, door)
	}
	for _, n := range v.Needs {
		add(mark{markNeed, n.Category})
		texts = append(texts, n.Words)
	}
	for i := range texts { // what is masked cannot be guessed by searching for parts of it
		texts[i] = hub.MaskNumbers(texts[i])
	}
	t.words = append(indexed(texts...), dayWord(t.made), monthWord(t.made))
	return t
}

// traitColumns are the columns of visits that hold traits, in the order of
// columns.
var traitColumns = [...]string{"van", "made", "boot", "doubtful", "place", "street", "community", "grid", "compound", "building", "by", "outcome",
	"photo", "household", "cell", "lat", "lon"}

func (t *traits) columns(args []any) []any {
	args = append(args, t.van, t.made, blob(t.boot), truth(t.doubtful), t.place, t.plain.Street, t.plain.Community, t.plain.Grid,
		t.plain.Compound, t.plain.Building, t.by, int64(t.outcome), truth(t.photo))
	if t.household.IsZero() {
		args = append(args, nil)
	} else {
		args = append(args, t.household[:])
	}
	if t.geo == nil {
		return append(args, nil, nil, nil)
	}
	return append(args, cellOf(t.geo.Lat, t.geo.Lon), t.geo.Lat, t.geo.Lon)
}

// blob is bytes for a column; none is NULL.
func blob(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}
