package ark_test

import (
	"testing"
	"time"

	"ark"
)

func TestSpans(t *testing.T) {
	rows := []struct {
		from, to int
		clock    string
		want     bool
	}{
		{22 * 60, 6 * 60, "21:59:59", false}, {22 * 60, 6 * 60, "22:00:00", true}, {22 * 60, 6 * 60, "00:00:00", true},
		{22 * 60, 6 * 60, "05:59:59", true}, {22 * 60, 6 * 60, "06:00:00", false},
		{12 * 60, 14 * 60, "11:59:59", false}, {12 * 60, 14 * 60, "12:00:00", true}, {12 * 60, 14 * 60, "14:00:00", false},
		{0, 0, "00:00:00", true}, {600, 600, "23:00:00", true}, // the whole day
		{0, 1, "00:00:59", true}, {0, 1, "00:01:00", false},
	}
	for _, row := range rows {
		at, err := time.Parse(time.TimeOnly, row.clock)
		if err != nil {
			t.Fatal(err)
		}
		if got := (ark.Span{From: row.from, To: row.to}).Holds(at); got != row.want {
			t.Errorf("%d to %d at %s: %v", row.from, row.to, row.clock, got)
		}
	}
}

func TestNeighbours(t *testing.T) {
	noon := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	all := ark.Span{}
	n := ark.Neighbours{Caps: []ark.Cap{{all, 800}, {ark.Span{From: 11 * 60, To: 13 * 60}, 700}, {ark.Span{From: 13 * 60, To: 14 * 60}, 600}}}
	if most, capped := n.MostAt(noon); most != 700 || !capped {
		t.Errorf("at noon %v, %v; want the lowest of those that hold", most, capped)
	}
	if _, capped := (ark.Neighbours{}).MostAt(noon); capped {
		t.Error("a cap of nobody")
	}
	d := ark.DefaultNeighbours()
	if d.QuietAt(noon) || !d.QuietAt(noon.Add(10*time.Hour)) || d.QuietAt(noon.Add(18*time.Hour)) {
		t.Error("the quiet hours of the law are 22 to 6")
	}
	s := ark.Settings{Rules: d, Places: []ark.PlaceRules{{Name: "学校", Neighbours: n}}}
	if len(s.At("学校").Caps) != 3 || len(s.At("").Quiet) != 1 || len(s.At("elsewhere").Quiet) != 1 {
		t.Error("a place's rules are its own, all else is the van's")
	}
}

func TestAfterACutByClass(t *testing.T) {
	s := ark.Settings{Classes: []ark.ClassRule{{ark.ClassMusic, ark.AfterCutDrop}, {ark.ClassScheduled, ark.AfterCutDefault}}}
	for class, want := range map[ark.Class]ark.AfterCut{ark.ClassMusic: ark.AfterCutDrop, ark.ClassScheduled: ark.AfterCutResume, ark.ClassRoutine: ark.AfterCutDrop,
		ark.ClassEmergencyUpper: ark.AfterCutRestart, ark.ClassEmergencyLocal: ark.AfterCutRestart} {
		if got := s.After(class); got != want {
			t.Errorf("%v: %v, want %v", class, got, want)
		}
	}
}

func TestLimitsOfSettings(t *testing.T) {
	if err := ark.DefaultSettings().Check(); err != nil {
		t.Fatal(err)
	}
	day := ark.Span{}
	rows := map[string]func(*ark.Settings){
		"no zone":                  func(s *ark.Settings) { s.Zone = "" },
		"too many places":          func(s *ark.Settings) { s.Places = make([]ark.PlaceRules, 201) },
		"a place without a name":   func(s *ark.Settings) { s.Places = []ark.PlaceRules{{}} },
		"a place with a strange":   func(s *ark.Settings) { s.Places = []ark.PlaceRules{{Name: "\xff"}} },
		"quiet at minute 1440":     func(s *ark.Settings) { s.Rules.Quiet = []ark.Span{{0, 1440}} },
		"quiet before the day":     func(s *ark.Settings) { s.Rules.Quiet = []ark.Span{{-1, 0}} },
		"too many quiet hours":     func(s *ark.Settings) { s.Rules.Quiet = make([]ark.Span, 25) },
		"too many caps":            func(s *ark.Settings) { s.Rules.Caps = make([]ark.Cap, 25) },
		"a cap of 131 dB":          func(s *ark.Settings) { s.Rules.Caps = []ark.Cap{{day, 1310}} },
		"a cap of 19 dB":           func(s *ark.Settings) { s.Rules.Caps = []ark.Cap{{day, 190}} },
		"a place's bad cap":        func(s *ark.Settings) { s.Places = []ark.PlaceRules{{"a", ark.Neighbours{Caps: []ark.Cap{{day, 0}}}}} },
		"an unknown class":         func(s *ark.Settings) { s.Classes = []ark.ClassRule{{5, ark.AfterCutDrop}} },
		"an unknown after-cut":     func(s *ark.Settings) { s.Classes = []ark.ClassRule{{ark.ClassMusic, 4}} },
		"too many classes":         func(s *ark.Settings) { s.Classes = make([]ark.ClassRule, 6) },
		"emergencies of 10 dB":     func(s *ark.Settings) { s.Emergency = 100 },
		"music louder than speech": func(s *ark.Settings) { s.Music = -1 },
		"music 61 dB softer":       func(s *ark.Settings) { s.Music = 610 },
		"an eighth day":            func(s *ark.Settings) { s.TestDay = 8 },
		"a test after midnight":    func(s *ark.Settings) { s.TestAt = 1440 },
		"somebody who is no text":  func(s *ark.Settings) { s.By = "\x00" },
	}
	for name, spoil := range rows {
		s := ark.DefaultSettings()
		if spoil(&s); s.Check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestRanks(t *testing.T) {
	order := []struct {
		class   ark.Class
		trigger ark.Trigger
	}{
		{ark.ClassRoutine, ark.Trigger{Talk: true}},
		{ark.ClassEmergencyUpper, ark.Trigger{Schedule: ark.ID{1}}},
		{ark.ClassEmergencyLocal, ark.Trigger{Button: "1"}},
		{ark.ClassRoutine, ark.Trigger{Schedule: ark.ID{1}}},
		{ark.ClassRoutine, ark.Trigger{Button: "1"}},
		{ark.ClassMusic, ark.Trigger{Schedule: ark.ID{1}}},
		{ark.ClassEmergencyUpper, ark.Trigger{Test: true}},
	}
	for i := 1; i < len(order); i++ {
		if above, below := order[i-1], order[i]; ark.RankOf(above.class, above.trigger) <= ark.RankOf(below.class, below.trigger) {
			t.Errorf("%v by %+v does not outrank %v by %+v", above.class, above.trigger, below.class, below.trigger)
		}
	}
	if ark.RankOf(ark.ClassScheduled, ark.Trigger{Button: "1"}) != ark.RankScheduled || ark.RankOf(ark.ClassRoutine, ark.Trigger{Order: ark.ID{1}}) != ark.RankButton {
		t.Error("a scheduled announcement keeps its rank whoever asks; a routine one from the hub is a routine one")
	}
}

func TestClassesByTheirNames(t *testing.T) {
	for _, c := range ark.Classes {
		if got, err := ark.ParseClass(c.String()); err != nil || got != c {
			t.Errorf("%v is read as %v, %v", c, got, err)
		}
	}
	if _, err := ark.ParseClass("loud"); err == nil || ark.Class(200).String() != "unknown" {
		t.Error("a class that is none")
	}
}
