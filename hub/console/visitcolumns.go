package console

import (
	"strings"

	"ark"
	"ark/hub"
	"ark/internal/sheet"
)

// visitColumns are what a table of visits says of each, in the words of
// whoever takes it. Keys never change; their titles are the texts column.<key>.
var visitColumns = []struct {
	key   string
	width int
	cell  func(t visitWords, v hub.Visit) sheet.Cell
}{
	{"made", 20, func(t visitWords, v hub.Visit) sheet.Cell { return t.moment(v.MadeAt(v.At)) }},
	{"doubtful", 10, func(t visitWords, v hub.Visit) sheet.Cell { return t.whether(v.Doubtful(v.At)) }},
	{"place", 28, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.Place) }},
	{"person", 12, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.Person) }},
	{"outcome", 10, func(t visitWords, v hub.Visit) sheet.Cell {
		return sheet.Text(texts.Known(t.l, "outcome.", v.Outcome.String()))
	}},
	{"services", 20, func(t visitWords, v hub.Visit) sheet.Cell { return sheet.Text(t.join(t.services(v.Visit))) }},
	{"needs", 28, func(t visitWords, v hub.Visit) sheet.Cell { return sheet.Text(t.needs(v.Visit)) }},
	{"note", 32, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.Note) }},
	{"return", 10, func(t visitWords, v hub.Visit) sheet.Cell { return t.whether(v.Return) }},
	{"answers", 28, func(t visitWords, v hub.Visit) sheet.Cell { return sheet.Text(t.answers(v.Visit)) }},
	{"by", 12, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.By) }},
	{"van", 10, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(string(v.Van)) }},
	{"state", 10, func(t visitWords, v hub.Visit) sheet.Cell {
		return sheet.Text(texts.Known(t.l, "review.", v.State.String()))
	}},
	{"assigned", 12, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.Assigned) }},
	{"withdrawn", 10, func(t visitWords, v hub.Visit) sheet.Cell { return t.whether(v.Withdrawn) }},
	{"amended", 10, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Int(int64(v.Amended)) }},
	{"photos", 8, func(_ visitWords, v hub.Visit) sheet.Cell { return attached(v, ark.RolePhoto) }},
	{"voices", 8, func(_ visitWords, v hub.Visit) sheet.Cell { return attached(v, ark.RoleVoice) }},
	{"street", 14, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.Where.Street) }},
	{"community", 14, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.Where.Community) }},
	{"grid", 12, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.Where.Grid) }},
	{"compound", 16, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.Where.Compound) }},
	{"building", 8, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.Where.Building) }},
	{"unit", 8, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.Where.Unit) }},
	{"room", 8, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Text(v.Where.Room) }},
	{"latitude", 12, func(_ visitWords, v hub.Visit) sheet.Cell {
		return onMap(v, func(g ark.Geo) float64 { return degrees(g.Lat) })
	}},
	{"longitude", 12, func(_ visitWords, v hub.Visit) sheet.Cell {
		return onMap(v, func(g ark.Geo) float64 { return degrees(g.Lon) })
	}},
	{"accuracy_m", 10, func(_ visitWords, v hub.Visit) sheet.Cell {
		return onMap(v, func(g ark.Geo) float64 { return float64(g.Acc) })
	}},
	{"received", 20, func(t visitWords, v hub.Visit) sheet.Cell { return sheet.Time(v.Received.In(t.c.c.Zone)) }},
	{"household", 36, func(_ visitWords, v hub.Visit) sheet.Cell { return named(v.Household) }},
	{"id", 36, func(_ visitWords, v hub.Visit) sheet.Cell { return named(v.ID) }},
	{"position", 10, func(_ visitWords, v hub.Visit) sheet.Cell { return sheet.Int(int64(v.Position)) }},
}

// columns are the columns of a table of visits in the language of whoever
// reads it.
func (t visitWords) columns() []sheet.Column {
	all := make([]sheet.Column, len(visitColumns))
	for i, c := range visitColumns {
		all[i] = sheet.Column{Title: t.t("column." + c.key), Key: c.key, Width: c.width}
	}
	return all
}

// cells appends a visit's cells.
func (t visitWords) cells(to []sheet.Cell, v hub.Visit) []sheet.Cell {
	for _, c := range visitColumns {
		to = append(to, c.cell(t, v))
	}
	return to
}

// moment is a time by the clock of the office.
func (t visitWords) moment(m ark.UnixMilli) sheet.Cell { return sheet.Time(m.Time().In(t.c.c.Zone)) }

// whether is a cell that says yes, or nothing.
func (t visitWords) whether(yes bool) sheet.Cell {
	if !yes {
		return sheet.Cell{}
	}
	return sheet.Text(t.t("visit.yes"))
}

// needs are a visit's needs in one text.
func (t visitWords) needs(v ark.Visit) string {
	var all []string
	for _, n := range v.Needs {
		all = append(all, t.need(t.forms[v.Form], n))
	}
	if v.Need != "" {
		all = append(all, v.Need)
	}
	return strings.Join(all, t.t("visit.semicolon"))
}

// answers are the form's further questions and what was said to them, in one
// text.
func (t visitWords) answers(v ark.Visit) string {
	var all []string
	for _, a := range v.Answers {
		label, value := t.answer(t.forms[v.Form], a)
		all = append(all, label+t.t("visit.colon")+value)
	}
	return strings.Join(all, t.t("visit.semicolon"))
}

// attached counts what is attached of one role.
func attached(v hub.Visit, r ark.Role) sheet.Cell {
	n := int64(0)
	for _, a := range v.Attachments {
		if a.Role == r {
			n++
		}
	}
	return sheet.Int(n)
}

// onMap is a figure of where the phone was, if anybody knows.
func onMap(v hub.Visit, of func(ark.Geo) float64) sheet.Cell {
	if v.Geo == nil {
		return sheet.Cell{}
	}
	return sheet.Float(of(*v.Geo))
}

// degrees are units of ark.Geo in degrees: the nearest number that has no more
// than the seven digits which are known.
func degrees(units int64) float64 { return float64(units) / 1e7 }

// named is an id, or nothing for the one of nobody.
func named(id ark.ID) sheet.Cell {
	if id.IsZero() {
		return sheet.Cell{}
	}
	return sheet.Text(id.String())
}
