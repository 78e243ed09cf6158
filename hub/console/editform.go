package console

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ark"
	"ark/hub"
)

// editForm is what the editor's fields say, as it was typed: so that a form
// that is refused comes back as it was.
type editForm struct {
	ID, TitleZh, TitleEn string
	Class                string // its word
	Times                string // how often it is played in all
	Forever              bool   // music: until it is stopped
	Gap, Rest            string // seconds
	Most                 string // minutes
	From, Until          string // as an input of type datetime-local has it, by the office's clocks
	Chime                bool
}

// localTime is how an input of type datetime-local writes a time.
const localTime = "2006-01-02T15:04"

// formOf is a form that says what an announcement says.
func formOf(a ark.Announcement, zone *time.Location) editForm {
	local := func(at ark.UnixMilli) string {
		if at == 0 {
			return ""
		}
		return at.Time().In(zone).Format(localTime)
	}
	f := editForm{ID: string(a.ID), TitleZh: a.Title.Zh, TitleEn: a.Title.En, Class: a.Class.String(), Chime: a.Chime, Forever: a.Repeats == ark.RepeatForever,
		Times: strconv.Itoa(max(1, a.Repeats+1)), Gap: decimal(float64(a.GapMillis) / 1000), Rest: decimal(float64(a.RestMillis) / 1000),
		From: local(a.ValidFrom), Until: local(a.ValidUntil)}
	if a.MaxSeconds > 0 {
		f.Most = decimal(float64(a.MaxSeconds) / 60)
	}
	return f
}

// decimal writes a figure with at most three places.
func decimal(x float64) string {
	return strconv.FormatFloat(math.Round(x*1000)/1000, 'f', -1, 64)
}

// readForm takes the fields of an editor's form.
func readForm(v url.Values) editForm {
	field := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	return editForm{ID: field("id"), TitleZh: field("zh"), TitleEn: field("en"), Class: field("class"), Times: field("times"), Forever: v.Has("forever"),
		Gap: field("gap"), Rest: field("rest"), Most: field("most"), From: field("validfrom"), Until: field("until"), Chime: v.Has("chime")}
}

// fault says which field of a form is wrong, and by the key of a text what to
// do about it.
type fault struct{ Field, Key string }

// announcement is what the form says. Recordings and version are not in it.
func (f editForm) announcement(zone *time.Location) (ark.Announcement, *fault) {
	a := ark.Announcement{ID: ark.AnnouncementID(f.ID), Title: ark.Text{Zh: f.TitleZh, En: f.TitleEn}, Chime: f.Chime}
	class, err := ark.ParseClass(f.Class)
	times, timesOK := number(f.Times, 1, 1, 1, ark.MaxRepeats+1)
	gap, gapOK := number(f.Gap, 0, 1000, 0, ark.MaxGap)
	rest, restOK := number(f.Rest, 0, 1000, 0, ark.MaxRest)
	most, mostOK := number(f.Most, 0, 60, 0, ark.MaxSecondsMost)
	from, fromOK := localMilli(f.From, zone)
	until, untilOK := localMilli(f.Until, zone)
	for _, c := range []struct {
		bad        bool
		field, key string
	}{
		{f.TitleZh == "", "zh", "edit.noTitle"},
		{utf8.RuneCountInString(f.TitleZh) > ark.MaxTitle, "zh", "edit.longTitle"},
		{utf8.RuneCountInString(f.TitleEn) > ark.MaxTitle, "en", "edit.longTitle"},
		{!goodID(a.ID), "id", "edit.badID"},
		{err != nil, "class", "edit.noClass"},
		{!timesOK, "times", "edit.badTimes"},
		{!gapOK, "gap", "edit.badGap"},
		{!restOK, "rest", "edit.badRest"},
		{!mostOK, "most", "edit.badMost"},
		{!fromOK, "validfrom", "edit.badDate"},
		{!untilOK, "until", "edit.badDate"},
		{untilOK && until != 0 && until <= from, "until", "edit.badSpan"},
	} {
		if c.bad {
			return a, &fault{c.field, c.key}
		}
	}
	a.Class, a.Repeats, a.GapMillis, a.RestMillis, a.MaxSeconds, a.ValidFrom, a.ValidUntil = class, times-1, gap, rest, most, from, until
	if f.Forever && class == ark.ClassMusic {
		a.Repeats = ark.RepeatForever
	}
	return a, nil
}

// number reads a figure that stands in a form in a unit, and answers it in
// the small unit of which per make one: least to most. An empty field is
// empty's worth.
func number(s string, empty int, per float64, least, most int) (int, bool) {
	if s == "" {
		return empty, true
	}
	x, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	n := math.Round(x * per)
	if err != nil || math.IsNaN(n) || n < float64(least) || n > float64(most) {
		return 0, false
	}
	return int(n), true
}

func localMilli(s string, zone *time.Location) (ark.UnixMilli, bool) {
	if s == "" {
		return 0, true
	}
	for _, layout := range []string{localTime, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil && t.Year() >= 2000 && t.Year() <= 2200 {
			return ark.Milli(t), true
		}
	}
	return 0, false
}

// whole reads a number that a form carries for itself; 0 where it is none.
func whole(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

var idForm = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// goodID tells whether an announcement may be called so: its form is right,
// and no page of the library has that address.
func goodID(id ark.AnnouncementID) bool {
	switch id {
	case "new", "edit", "languages":
		return false
	}
	return idForm.MatchString(string(id))
}

// proposeID is an id for a new announcement that none has: a-20261125-1.
func proposeID(editions []hub.Edition, now time.Time) string {
	taken := map[ark.AnnouncementID]bool{}
	for _, e := range editions {
		taken[e.ID] = true
	}
	for n := 1; ; n++ {
		if id := fmt.Sprintf("a-%s-%d", now.Format("20060102"), n); !taken[ark.AnnouncementID(id)] {
			return id
		}
	}
}
