package console

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/hub"
)

func shanghai(t testing.TB) *time.Location { return zoneOf(t, "Asia/Shanghai") }

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	must(t, err)
	return zone
}

// at is a time of day as seconds.
func clockAt(s string) int {
	d, err := time.Parse(time.TimeOnly, s)
	if err != nil {
		panic(err)
	}
	return d.Hour()*3600 + d.Minute()*60 + d.Second()
}

const everyDay = 127

// edition is an announcement of a length, in three languages.
func edition(id ark.AnnouncementID, seconds int) hub.Edition {
	a := ark.Announcement{ID: id, Version: 1, Title: ark.Text{Zh: string(id)}}
	for _, l := range []ark.Language{"cmn-Hans-CN", "yue-Hant-HK", "en"} {
		a.Recordings = append(a.Recordings, ark.Recording{Language: l, Frames: int64(seconds) * ark.SampleRate / 3})
	}
	return hub.Edition{Announcement: a}
}

func with(e hub.Edition, change func(*hub.Edition)) hub.Edition {
	change(&e)
	return e
}

func rowAt(n byte, what ark.AnnouncementID, at string, vans ...ark.VanID) hub.PlanRow {
	return hub.PlanRow{PlanItem: ark.PlanItem{ID: ark.ID{n}, Announcement: what, Weekdays: everyDay, At: clockAt(at)}, Vans: vans}
}

// Each thing that can stand against a start, and what does not.
func TestWhatStandsAgainstAStart(t *testing.T) {
	zone := shanghai(t)
	day := time.Date(2026, 11, 25, 0, 0, 0, 0, zone)
	night := func(van ark.VanID, at time.Time) bool {
		return van != "deaf-1" && ark.DefaultNeighbours().QuietAt(at.In(zone))
	}
	g := grounds{Languages: []ark.Language{"cmn-Hans-CN", "yue-Hant-HK", "en"}, Vans: []ark.VanID{"van-1", "van-2", "deaf-1"}, Quiet: night,
		Editions: map[ark.AnnouncementID]hub.Edition{
			"a": edition("a", 30), "b": edition("b", 30),
			"siren":  with(edition("siren", 30), func(e *hub.Edition) { e.Class = ark.ClassEmergencyLocal }),
			"music":  with(edition("music", 3600), func(e *hub.Edition) { e.Class = ark.ClassMusic; e.Recordings = e.Recordings[:1] }),
			"music2": with(edition("music2", 3600), func(e *hub.Edition) { e.Class = ark.ClassMusic }),
			"gone":   with(edition("gone", 30), func(e *hub.Edition) { e.Withdrawn = true }),
			"old":    with(edition("old", 30), func(e *hub.Edition) { e.ValidUntil = ark.Milli(day) }),
			"half":   with(edition("half", 30), func(e *hub.Edition) { e.Recordings = e.Recordings[1:] }),
			"long":   with(edition("long", 30), func(e *hub.Edition) { e.Repeats, e.RestMillis = 3, 30_000 }),
		}}
	for _, c := range []struct {
		name string
		rows []hub.PlanRow
		want string // by row: its clashes
	}{
		{"alone by day", []hub.PlanRow{rowAt(1, "a", "08:30:00")}, "1:"},
		{"same second", []hub.PlanRow{rowAt(1, "a", "08:30:00"), rowAt(2, "b", "08:30:00")}, "1:same b, 2:same a"},
		{"same second on different vans", []hub.PlanRow{rowAt(1, "a", "08:30:00", "van-1"), rowAt(2, "b", "08:30:00", "van-2")}, "1:, 2:"},
		{"same second on one van of all", []hub.PlanRow{rowAt(1, "a", "08:30:00"), rowAt(2, "b", "08:30:00", "van-2")}, "1:same b, 2:same a"},
		{"still sounding", []hub.PlanRow{rowAt(1, "a", "08:30:00"), rowAt(2, "b", "08:30:29")}, "1:, 2:overlap a"},
		{"just over", []hub.PlanRow{rowAt(1, "a", "08:30:00"), rowAt(2, "b", "08:30:30")}, "1:, 2:"},
		{"repeats sound on", []hub.PlanRow{rowAt(1, "long", "08:30:00"), rowAt(2, "b", "08:33:29")}, "1:, 2:overlap long"},
		{"music beneath speech", []hub.PlanRow{rowAt(1, "music", "08:30:00"), rowAt(2, "b", "08:40:00")}, "1:, 2:"},
		{"music upon music", []hub.PlanRow{rowAt(1, "music", "08:30:00"), rowAt(2, "music2", "08:40:00")}, "1:, 2:overlap music"},
		{"at night", []hub.PlanRow{rowAt(1, "a", "22:00:00", "van-1")}, "1:quiet"},
		{"at night on some vans", []hub.PlanRow{rowAt(1, "a", "22:00:00")}, "1:quiet [van-1 van-2]"},
		{"as the night ends", []hub.PlanRow{rowAt(1, "a", "06:00:00")}, "1:"},
		{"a second before", []hub.PlanRow{rowAt(1, "a", "05:59:59", "van-2")}, "1:quiet"},
		{"an emergency at night", []hub.PlanRow{rowAt(1, "siren", "03:00:00")}, "1:"},
		{"withdrawn", []hub.PlanRow{rowAt(1, "gone", "08:30:00")}, "1:withdrawn"},
		{"no more valid", []hub.PlanRow{rowAt(1, "old", "08:30:00")}, "1:not-valid"},
		{"a language lacks", []hub.PlanRow{rowAt(1, "half", "08:30:00")}, "1:missing"},
		{"not there", []hub.PlanRow{rowAt(1, "nothing", "03:00:00")}, "1:unknown"},
		{"paused", []hub.PlanRow{with2(rowAt(1, "a", "08:30:00"), func(r *hub.PlanRow) { r.Paused = true }), rowAt(2, "b", "08:30:00")}, "2:"},
	} {
		var got []string
		for _, s := range startsOf(c.rows, day.Add(-time.Millisecond), day.AddDate(0, 0, 1).Add(-time.Millisecond), zone, g) {
			word := fmt.Sprintf("%d:", s.Row.ID[0])
			for _, f := range s.Clashes {
				word += f.Word
				if f.Other.Zh != "" {
					word += " " + f.Other.Zh
				}
				if len(f.Vans) > 0 {
					word += fmt.Sprintf(" %v", f.Vans)
				}
			}
			got = append(got, word)
		}
		slices.Sort(got)
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func with2(r hub.PlanRow, change func(*hub.PlanRow)) hub.PlanRow {
	change(&r)
	return r
}

// A plan as full as it may be, all at one second, makes no page of a hundred
// thousand sentences; each start still tells that it meets others.
func TestManyStartsAtOnceStayReadable(t *testing.T) {
	zone := shanghai(t)
	day := time.Date(2026, 11, 25, 0, 0, 0, 0, zone)
	var rows []hub.PlanRow
	for i := range ark.MaxPlanItems {
		rows = append(rows, rowAt(byte(i+1), "a", map[bool]string{true: "08:30:00", false: "08:30:01"}[i%2 == 0]))
	}
	g := grounds{Editions: map[ark.AnnouncementID]hub.Edition{"a": edition("a", 30)}}
	starts := startsOf(rows, day, day.AddDate(0, 0, 1), zone, g)
	if len(starts) != len(rows) {
		t.Fatalf("%d starts, want %d", len(starts), len(rows))
	}
	for _, s := range starts {
		if len(s.Clashes) == 0 || len(s.Clashes) > mostMet {
			t.Fatalf("start %v meets %d", s.Row.ID, len(s.Clashes))
		}
	}
}

func TestHowLongAnAnnouncementSounds(t *testing.T) {
	for name, c := range map[string]struct {
		a    hub.Edition
		want time.Duration
	}{
		"one time":       {edition("a", 30), 30 * time.Second},
		"gaps":           {with(edition("a", 30), func(e *hub.Edition) { e.GapMillis = 500 }), 31 * time.Second},
		"chime and gaps": {with(edition("a", 30), func(e *hub.Edition) { e.Chime, e.GapMillis = true, 500 }), 30*time.Second + chimeLength + 1500*time.Millisecond},
		"repeats":        {with(edition("a", 30), func(e *hub.Edition) { e.Repeats, e.RestMillis = 2, 10_000 }), 110 * time.Second},
		"bounded":        {with(edition("a", 30), func(e *hub.Edition) { e.Repeats, e.MaxSeconds = 20, 100 }), 100 * time.Second},
		"for ever":       {with(edition("a", 30), func(e *hub.Edition) { e.Class, e.Repeats = ark.ClassMusic, ark.RepeatForever }), 30 * time.Second},
		"nothing":        {hub.Edition{}, 0},
	} {
		if got := lengthOf(c.a.Announcement); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// The calendar is right where the clocks change, and a year from now.
func TestWeeks(t *testing.T) {
	g := grounds{Editions: map[ark.AnnouncementID]hub.Edition{"a": edition("a", 30)}}
	for _, c := range []struct {
		name, zone, monday string
		row                hub.PlanRow
		want               string
	}{
		{"an ordinary week", "Asia/Shanghai", "2026-11-23", rowAt(1, "a", "08:30:00"), "23 08:30 24 08:30 25 08:30 26 08:30 27 08:30 28 08:30 29 08:30"},
		{"over the new year", "Asia/Shanghai", "2026-12-28", with2(rowAt(1, "a", "00:00:00"), func(r *hub.PlanRow) { r.Until = "2026-12-31" }), "28 00:00 29 00:00 30 00:00 31 00:00"},
		{"the last second of Sunday", "Asia/Shanghai", "2026-11-23", with2(rowAt(1, "a", "23:59:59"), func(r *hub.PlanRow) { r.Weekdays = 1 }), "29 23:59"},
		{"one date in a year", "Asia/Shanghai", "2027-11-22", with2(rowAt(1, "a", "09:00:00"), func(r *hub.PlanRow) { r.Weekdays, r.Dates = 0, []ark.Date{"2027-11-25"} }), "25 09:00"},
		{"an exception", "Asia/Shanghai", "2026-11-23", with2(rowAt(1, "a", "09:00:00"), func(r *hub.PlanRow) { r.Weekdays, r.Except = 0b110, []ark.Date{"2026-11-24"} }), "23 09:00"},
		{"the clocks skip it", "Europe/Berlin", "2026-03-23", with2(rowAt(1, "a", "02:30:00"), func(r *hub.PlanRow) { r.Weekdays = 0b1000001 }), "28 02:30 29 03:30"},
		{"it comes twice", "Europe/Berlin", "2026-10-19", with2(rowAt(1, "a", "02:30:00"), func(r *hub.PlanRow) { r.Weekdays = 0b1000001 }), "24 02:30 25 02:30"},
	} {
		zone := zoneOf(t, c.zone)
		monday, err := time.ParseInLocation(time.DateOnly, c.monday, zone)
		must(t, err)
		w := weekOf(monday, monday, startsOf([]hub.PlanRow{c.row}, monday.Add(-time.Millisecond), monday.AddDate(0, 0, 7).Add(-time.Millisecond), zone, g), nil)
		var got []string
		for _, d := range w.Days {
			for _, s := range d.Starts {
				got = append(got, s.Due.Format("2 15:04"))
			}
		}
		if got := strings.Join(got, " "); got != c.want || !w.Days[0].Today || w.Days[1].Today {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestMondayOf(t *testing.T) {
	zone := shanghai(t)
	for day, want := range map[string]ark.Date{"2026-11-23": "2026-11-23", "2026-11-25": "2026-11-23", "2026-11-29": "2026-11-23", "2027-01-01": "2026-12-28"} {
		at, err := time.ParseInLocation(time.DateOnly, day, zone)
		must(t, err)
		if got := ark.DateOf(mondayOf(at.Add(23 * time.Hour))); got != want {
			t.Errorf("%s: got %s, want %s", day, got, want)
		}
	}
}

func TestQuietHoursOfADay(t *testing.T) {
	for name, c := range map[string]struct{ spans, want []ark.Span }{
		"none":           {nil, nil},
		"over midnight":  {[]ark.Span{{From: 22 * 60, To: 6 * 60}}, []ark.Span{{From: 0, To: 360}, {From: 1320, To: 1440}}},
		"at noon too":    {[]ark.Span{{From: 750, To: 840}, {From: 1320, To: 360}}, []ark.Span{{From: 0, To: 360}, {From: 750, To: 840}, {From: 1320, To: 1440}}},
		"they meet":      {[]ark.Span{{From: 600, To: 660}, {From: 660, To: 720}}, []ark.Span{{From: 600, To: 720}}},
		"all day":        {[]ark.Span{{From: 0, To: 0}}, []ark.Span{{From: 0, To: 1440}}},
		"until midnight": {[]ark.Span{{From: 1320, To: 0}}, []ark.Span{{From: 1320, To: 1440}}},
	} {
		if diff := cmp.Diff(c.want, ofDay(c.spans)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
