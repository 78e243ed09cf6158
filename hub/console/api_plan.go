package console

import (
	"net/http"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

type toldPlanItem struct {
	ID           ark.ID             `json:"id"`
	Announcement ark.AnnouncementID `json:"announcement"`
	At           string             `json:"at"`                 // by the wall clock of the zone in the settings, such as 08:30 or 08:30:15
	Weekdays     []int              `json:"weekdays,omitempty"` // 1 Monday … 7 Sunday
	Dates        []ark.Date         `json:"dates,omitempty"`
	Except       []ark.Date         `json:"except,omitempty"`
	From         ark.Date           `json:"from,omitempty"`
	Until        ark.Date           `json:"until,omitempty"`
	Grace        int                `json:"grace_s"`
	Vans         []ark.VanID        `json:"vans,omitempty"` // absent: all
	Paused       bool               `json:"paused,omitempty"`
	By           string             `json:"by,omitempty"`
	Made         int64              `json:"made"`
}

// tellPlan lists the items of the plan by time of day.
func (c *Console) tellPlan(w http.ResponseWriter, r *http.Request) {
	rows, err := desk(r.Context()).PlanRows(r.Context())
	tell(c, w, "plan", rows, err, func(p hub.PlanRow) toldPlanItem {
		told := toldPlanItem{p.ID, p.Announcement, clockText(p.At), nil, p.Dates, p.Except, p.From, p.Until, p.Grace, p.Vans, p.Paused, p.By, milli(p.Made)}
		for i, d := range weekOrder {
			if p.Weekdays&(1<<d) != 0 {
				told.Weekdays = append(told.Weekdays, i+1)
			}
		}
		return told
	})
}

type toldSettings struct {
	Van       ark.VanID         `json:"van,omitempty"` // absent: for all
	Own       bool              `json:"own"`           // the van has its own
	Version   int64             `json:"version"`
	Zone      string            `json:"zone"`
	Rules     toldRules         `json:"rules"`
	Places    []toldPlace       `json:"places,omitempty"`
	After     map[string]string `json:"after_cut"` // by class: "drop", "restart", "resume"
	Emergency float64           `json:"emergency_db,omitempty"`
	Music     float64           `json:"music_softer_db,omitempty"`
	TestDay   int               `json:"test_day"` // 1 Monday … 7 Sunday; 0: none
	TestAt    string            `json:"test_at"`
	By        string            `json:"by,omitempty"`
}

type toldRules struct {
	Quiet []toldSpan `json:"quiet"`
	Caps  []toldCap  `json:"caps"`
}

type toldSpan struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type toldCap struct {
	toldSpan
	Most float64 `json:"most_db"`
}

type toldPlace struct {
	Name string `json:"name"`
	toldRules
}

var afterWords = map[ark.AfterCut]string{ark.AfterCutDrop: "drop", ark.AfterCutRestart: "restart", ark.AfterCutResume: "resume"}

// tellSettings tells what holds for all vans, or with ?van= for one.
func (c *Console) tellSettings(w http.ResponseWriter, r *http.Request) {
	van := ark.VanID(r.URL.Query().Get("van"))
	s, own, err := desk(r.Context()).Settings(r.Context(), van)
	if err != nil {
		c.untold(w, "settings", err)
		return
	}
	told := toldSettings{van, own, s.Version, s.Zone, rulesOf(s.Rules), nil, map[string]string{}, s.Emergency.DB(), s.Music.DB(), s.TestDay, clockOf(s.TestAt), s.By}
	for _, p := range s.Places {
		told.Places = append(told.Places, toldPlace{p.Name, rulesOf(p.Neighbours)})
	}
	for _, k := range ark.Classes {
		told.After[k.String()] = afterWords[s.After(k)]
	}
	web.JSON(w, http.StatusOK, told)
}

func rulesOf(n ark.Neighbours) toldRules {
	told := toldRules{[]toldSpan{}, []toldCap{}}
	for _, s := range n.Quiet {
		told.Quiet = append(told.Quiet, toldSpan{clockOf(s.From), clockOf(s.To)})
	}
	for _, c := range n.Caps {
		told.Caps = append(told.Caps, toldCap{toldSpan{clockOf(c.Span.From), clockOf(c.Span.To)}, c.Most.DB()})
	}
	return told
}
