package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ark"
	"ark/hub"
)

// graces are for how many minutes a missed start may be made up for.
var graces = []int{0, 1, 5, 10, 30, 60}

// blankDates is how many empty fields for days a form has.
const blankDates = 2

// troubles are what is wrong with the fields of a form: keys of texts by the
// names of fields.
type troubles map[string]string

// planForm is an item as it stands in the form: what was typed.
type planForm struct {
	ID, Made     string // of the item, and when it was changed last; Made empty: it is new
	Announcement ark.AnnouncementID
	Time         string
	Days         [7]bool // Sunday first
	Dates        []string
	Except       []string
	From, Until  string
	Grace        int      // minutes
	For          []string // ids of vans, or everyVan
	Paused       bool
}

// planFormOf is an item as a form shows it.
func planFormOf(row hub.PlanRow) planForm {
	f := planForm{Announcement: row.Announcement, Time: clockText(row.At), From: string(row.From), Until: string(row.Until), Grace: row.Grace / 60, Paused: row.Paused}
	if !row.ID.IsZero() {
		f.ID, f.Made = row.ID.String(), madeText(row)
	}
	for d := range f.Days {
		f.Days[d] = row.Weekdays&(1<<d) != 0
	}
	for _, d := range row.Dates {
		f.Dates = append(f.Dates, string(d))
	}
	for _, d := range row.Except {
		f.Except = append(f.Except, string(d))
	}
	for _, v := range row.Vans {
		f.For = append(f.For, string(v))
	}
	if len(row.Vans) == 0 {
		f.For = []string{everyVan}
	}
	return f
}

// typed is the form without what nobody types.
func (f planForm) typed() planForm {
	f.ID, f.Made = "", ""
	return f
}

func madeText(row hub.PlanRow) string { return strconv.FormatInt(row.Made.UnixMilli(), 10) }

// readPlanForm reads what was posted.
func readPlanForm(v url.Values) planForm {
	f := planForm{ID: v.Get("id"), Made: v.Get("made"), Announcement: ark.AnnouncementID(v.Get("announcement")), Time: strings.TrimSpace(v.Get("time")),
		Dates: filled(v["date"]), Except: filled(v["except"]), From: v.Get("from"), Until: v.Get("until"), For: v["van"], Paused: v.Get("paused") == "yes"}
	for _, d := range v["day"] {
		if n, err := strconv.Atoi(d); err == nil && n >= 0 && n < len(f.Days) {
			f.Days[n] = true
		}
	}
	f.Grace, _ = strconv.Atoi(v.Get("grace")) // checked by row
	return f
}

// filled are the fields that hold something, each once.
func filled(all []string) (some []string) {
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(some, s) {
			some = append(some, s)
		}
	}
	return some
}

// row makes an item of a form, without an id, or says what is wrong. Days lie
// at most two years ahead of now.
func (f planForm) row(k catalog, vans []hub.Van, now time.Time) (row hub.PlanRow, bad troubles) {
	bad = troubles{}
	row.Paused, row.Announcement, row.Grace = f.Paused, f.Announcement, f.Grace*60
	if e, ok := k.ByID[f.Announcement]; !ok || e.Withdrawn {
		bad["announcement"] = "plan.noAnnouncement"
	}
	var ok bool
	if row.At, ok = readClock(f.Time); !ok {
		bad["time"] = "plan.noTime"
	}
	for d, on := range f.Days {
		if on {
			row.Weekdays |= 1 << d
		}
	}
	if row.Weekdays == 0 && len(f.Dates) == 0 {
		bad["day"] = "plan.noDay"
	}
	last := ark.DateOf(now.AddDate(ahead, 0, 0))
	row.Dates = readDates(f.Dates, last, "date", bad)
	row.Except = readDates(f.Except, last, "except", bad)
	row.From, row.Until = readDay(f.From, last, "from", bad), readDay(f.Until, "2200-12-31", "until", bad)
	if row.From != "" && row.Until != "" && row.Until < row.From {
		bad["until"] = "plan.backwards"
	}
	if !slices.Contains(graces, f.Grace) {
		bad["grace"] = "plan.noGrace"
	}
	if !slices.Contains(f.For, everyVan) {
		row.Vans = chosen(vans, f.For)
		if len(row.Vans) == 0 {
			bad["van"] = "play.noVan"
		}
	}
	return row, bad
}

func readDates(all []string, last ark.Date, field string, bad troubles) (days []ark.Date) {
	if len(all) > ark.MaxDates {
		bad[field] = "plan.manyDates"
		return nil
	}
	for _, s := range all {
		if d := readDay(s, last, field, bad); d != "" {
			days = append(days, d)
		}
	}
	slices.Sort(days)
	return days
}

func readDay(s string, last ark.Date, field string, bad troubles) ark.Date {
	if s == "" {
		return ""
	}
	d, err := ark.ParseDate(s)
	switch {
	case err != nil:
		bad[field] = "plan.badDate"
	case d > last:
		bad[field] = "plan.farDate"
	}
	return d
}

// readClock reads a time of day as browsers send it: 08:30 or 08:30:15, in
// seconds since midnight.
func readClock(s string) (seconds int, ok bool) {
	for _, form := range []string{time.TimeOnly, "15:04"} {
		if t, err := time.Parse(form, s); err == nil {
			return t.Hour()*3600 + t.Minute()*60 + t.Second(), true
		}
	}
	return 0, false
}

// clockText is a time of day as a form and people have it: seconds only where
// there are some.
func clockText(seconds int) string {
	if seconds%60 == 0 {
		return clockOf(seconds / 60)
	}
	return clockOf(seconds/60) + ":" + two(seconds%60)
}

// clockOf is a minute of the day as people read it.
func clockOf(minute int) string { return two(minute/60) + ":" + two(minute%60) }

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
