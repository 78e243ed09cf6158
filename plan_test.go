package ark_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ark"
)

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// walked is Between by looking at every minute: what the wall clock shows,
// what it skips, and what it has shown already.
func walked(p ark.Plan, from, to time.Time, zone *time.Location) (all []string) {
	shown := map[string]bool{}
	last := from.Add(-26 * time.Hour).Truncate(time.Minute).In(zone)
	for t := last.Add(time.Minute); !t.After(to); t = t.Add(time.Minute) {
		t = t.In(zone)
		// The clock shows t; minutes that it skipped come as much later.
		_, before := last.Zone()
		_, after := t.Zone()
		due := map[time.Time]time.Time{t: t} // what the clock shows or would have shown, as wall clock of the zone; when
		for m := time.Duration(0); m < time.Duration(after-before)*time.Second; m += time.Minute {
			due[t.Add(m).In(time.FixedZone("", before))] = t.Add(m)
		}
		last = t
		for clock, when := range due {
			all = append(all, startsAt(p, clock, when, from, to, shown)...)
		}
	}
	slices.Sort(all)
	return all
}

func startsAt(p ark.Plan, clock, when, from, to time.Time, shown map[string]bool) (all []string) {
	key := clock.Format(time.DateTime)
	if shown[key] {
		return nil
	}
	shown[key] = true
	for _, i := range p.Items {
		minute := clock.Hour()*60 + clock.Minute()
		if i.At == minute*60 && i.On(ark.DateOf(clock), clock.Weekday()) && when.After(from) && !when.After(to) {
			all = append(all, when.UTC().Format(time.DateTime)+" "+i.ID.String())
		}
	}
	return all
}

// changes are moments at which the clocks of some zones change in 2026: at
// night, at midnight, by half an hour.
var changes = map[string][]string{
	"Europe/Berlin":       {"2026-03-29", "2026-10-25"},
	"America/New_York":    {"2026-03-08", "2026-11-01"},
	"America/Santiago":    {"2026-04-05", "2026-09-06"},
	"Australia/Lord_Howe": {"2026-04-05", "2026-10-04"},
	"Africa/Cairo":        {"2026-04-24", "2026-10-30"},
	"Asia/Shanghai":       {"2026-03-29", "2026-10-25"},
	"Asia/Kathmandu":      {"2026-06-01"},
}

func TestBetweenAgainstAWalk(t *testing.T) {
	var zones []string
	for z := range changes {
		zones = append(zones, z)
	}
	slices.Sort(zones)
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(rt, "zone")
		zone := location(t, name)
		day, _ := time.ParseInLocation(time.DateOnly, rapid.SampledFrom(changes[name]).Draw(rt, "day"), zone)
		from := day.Add(time.Duration(rapid.IntRange(-48*60, 24*60).Draw(rt, "from")) * time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(0, 72*60).Draw(rt, "long")) * time.Minute)
		p := ark.Plan{Zone: name}
		for n := range rapid.IntRange(1, 5).Draw(rt, "items") {
			p.Items = append(p.Items, drawItem(rt, byte(n+1), day))
		}
		var got []string
		for _, o := range p.Between(from, to, zone) {
			got = append(got, o.Due.UTC().Format(time.DateTime)+" "+o.Item.ID.String())
		}
		slices.Sort(got)
		if diff := cmp.Diff(walked(p, from, to, zone), got); diff != "" {
			rt.Fatalf("in %s from %v to %v (-walked +got):\n%s", name, from, to, diff)
		}
	})
}

func drawItem(rt *rapid.T, n byte, day time.Time) ark.PlanItem {
	date := func(name string) ark.Date {
		return ark.DateOf(day.AddDate(0, 0, rapid.IntRange(-2, 2).Draw(rt, name)).Add(12 * time.Hour))
	}
	i := ark.PlanItem{ID: ark.ID{n}, Announcement: "a", At: 60 * rapid.OneOf(rapid.IntRange(0, 4*60), rapid.IntRange(0, 24*60-1)).Draw(rt, "at"),
		Weekdays: rapid.Uint8Range(0, 127).Draw(rt, "weekdays")}
	if rapid.Bool().Draw(rt, "dated") {
		i.Dates = []ark.Date{date("date")}
	}
	if rapid.Bool().Draw(rt, "excepted") {
		i.Except = []ark.Date{date("except")}
	}
	if rapid.Bool().Draw(rt, "bounded") {
		i.From, i.Until = date("from"), date("until")
	}
	return i
}

func TestBetweenIsInOrderAndHalfOpen(t *testing.T) {
	zone := location(t, "Asia/Shanghai")
	p := ark.Plan{Items: []ark.PlanItem{{ID: ark.ID{1}, Announcement: "late", At: 9 * 3600, Weekdays: 127}, {ID: ark.ID{2}, Announcement: "early", At: 8*3600 + 1, Weekdays: 127}}}
	at := func(clock string) time.Time {
		when, err := time.ParseInLocation(time.DateTime, "2026-11-25 "+clock, zone)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	rows := []struct{ from, to, want string }{
		{"08:00:00", "09:00:00", "early late"},
		{"08:00:01", "08:59:59", ""}, // after from …
		{"08:00:00", "08:00:01", "early"},
		{"08:30:00", "09:00:00", "late"}, // … and not after to
		{"09:00:00", "08:00:00", ""},
	}
	for _, row := range rows {
		var got []string
		for _, o := range p.Between(at(row.from), at(row.to), zone) {
			got = append(got, string(o.Item.Announcement))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("from %s to %s: %v, want %s", row.from, row.to, got, row.want)
		}
	}
}

func TestLimitsOfAPlan(t *testing.T) {
	good := ark.PlanItem{ID: ark.ID{1}, Announcement: "a", Weekdays: 127, At: 86399, Grace: ark.MaxGrace, From: "2026-01-01", Until: "2026-01-01"}
	rows := map[string]func(*ark.PlanItem){
		"no id":               func(i *ark.PlanItem) { i.ID = ark.ID{} },
		"no announcement":     func(i *ark.PlanItem) { i.Announcement = "" },
		"a strange one":       func(i *ark.PlanItem) { i.Announcement = "../a" },
		"an eighth weekday":   func(i *ark.PlanItem) { i.Weekdays = 128 },
		"before midnight":     func(i *ark.PlanItem) { i.At = -1 },
		"after the day":       func(i *ark.PlanItem) { i.At = 86400 },
		"a grace of a day":    func(i *ark.PlanItem) { i.Grace = ark.MaxGrace + 1 },
		"a negative grace":    func(i *ark.PlanItem) { i.Grace = -1 },
		"too many dates":      func(i *ark.PlanItem) { i.Dates = slices.Repeat([]ark.Date{"2026-01-01"}, ark.MaxDates+1) },
		"too many exceptions": func(i *ark.PlanItem) { i.Except = slices.Repeat([]ark.Date{"2026-01-01"}, ark.MaxDates+1) },
		"no such day":         func(i *ark.PlanItem) { i.Dates = []ark.Date{"2026-02-30"} },
		"another form":        func(i *ark.PlanItem) { i.Except = []ark.Date{"26-2-3"} },
		"the year 20000":      func(i *ark.PlanItem) { i.Until = "20000-01-01" },
		"ends before it is":   func(i *ark.PlanItem) { i.Until = "2025-12-31" },
	}
	if err := (ark.Plan{Zone: "UTC", Items: []ark.PlanItem{good}}).Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range rows {
		i := good
		if spoil(&i); (ark.Plan{Zone: "UTC", Items: []ark.PlanItem{i}}).Check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for name, p := range map[string]ark.Plan{"no zone": {}, "a zone of a novel": {Zone: strings.Repeat("x", 65)}, "an item twice": {Zone: "UTC", Items: []ark.PlanItem{good, good}},
		"too many items": {Zone: "UTC", Items: make([]ark.PlanItem, ark.MaxPlanItems+1)}} {
		if p.Check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
