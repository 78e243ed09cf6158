package crew

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"ark"
	"ark/agent"
)

// todayTold is what a crew did on one day: as a list, as buildings at a
// glance, and as numbers to read out.
type todayTold struct {
	Day       string         `json:"day"`
	Visits    []visitTold    `json:"visits"`
	Buildings []buildingTold `json:"buildings"`
	Stats     dayStats       `json:"stats"`
}

// buildingTold is a building as a grid: its floors from the top, the rooms of
// each side by side.
type buildingTold struct {
	Name   string      `json:"name"`
	Place  ark.Place   `json:"place"` // down to the building
	Floors []floorTold `json:"floors"`
}

type floorTold struct {
	Floor int        `json:"floor"` // 0: the room's number does not tell
	Rooms []roomTold `json:"rooms"`
}

// roomTold is a door. Its state is an outcome's word, "again" where the crew
// means to come back, "no-visit" where nobody may call, or "none".
type roomTold struct {
	Unit      string `json:"unit,omitempty"`
	Room      string `json:"room"`
	Household ark.ID `json:"household,omitzero"`
	State     string `json:"state"`
}

// dayStats counts doors, not visits: of a door that was called at twice the
// last time counts. Services and needs are counted each time.
type dayStats struct {
	Doors    int            `json:"doors"`
	Met      int            `json:"met"`
	NoAnswer int            `json:"no_answer"`
	Refused  int            `json:"refused"`
	Moved    int            `json:"moved"`
	Again    int            `json:"again"` // to return to
	Services map[string]int `json:"services"`
	Needs    map[string]int `json:"needs"`
}

// mostNeighbours is the most doors of one building that are shown although
// nobody called there.
const mostNeighbours = 200

// today tells of one day.
func (c *Crew) today(r *http.Request, by caller) (int, any, error) {
	from, to, err := c.day(r.URL.Query().Get("day"))
	if err != nil {
		return 0, nil, err
	}
	list, err := c.c.Logbook.Find(r.Context(), agent.VisitFilter{From: from, To: to, Limit: 1000})
	if err != nil {
		return 0, nil, err
	}
	homes, err := c.neighbours(r.Context(), list)
	if err != nil {
		return 0, nil, err
	}
	t := todayTold{Day: from.Time().In(c.c.Zone).Format(time.DateOnly), Visits: []visitTold{}, Buildings: buildingsOf(list, homes), Stats: statsOf(list, homes)}
	for _, l := range list {
		t.Visits = append(t.Visits, visitToldOf(by, l))
	}
	return http.StatusOK, t, c.tellWhere(r.Context(), t.Visits)
}

// neighbours are the households that visits name, and those of the same
// buildings.
func (c *Crew) neighbours(ctx context.Context, list []agent.Logged) (map[ark.ID]ark.Household, error) {
	homes, asked := map[ark.ID]ark.Household{}, map[ark.Place]bool{}
	for _, l := range list {
		if _, known := homes[l.Household]; !l.Household.IsZero() && !known {
			if h, err := c.c.Register.Household(ctx, l.Household); err == nil {
				homes[h.ID] = h
			}
		}
		at := buildingOf(doorOf(l.Visit, homes))
		if at.Building == "" || asked[at] {
			continue
		}
		asked[at] = true
		for _, f := range c.c.Finder.Find(agent.Query{Area: ark.Place{Compound: at.Compound, Building: at.Building}, Limit: mostNeighbours}) {
			homes[f.ID] = f.Household
		}
	}
	return homes, ctx.Err()
}

// doorOf is the door of a visit in its parts: as the household has it, as the
// phone said it, or else read from its words.
func doorOf(v ark.Visit, homes map[ark.ID]ark.Household) ark.Place {
	if h, ok := homes[v.Household]; ok && !v.Household.IsZero() {
		return h.Place
	}
	if v.Where.Building != "" || v.Where.Room != "" {
		return v.Where
	}
	return ark.ParsePlace(v.Place)
}

// buildingOf is a place down to its building; the parts above the compound do
// not tell buildings apart.
func buildingOf(p ark.Place) ark.Place { return ark.Place{Compound: p.Compound, Building: p.Building} }

// door names one door on one day.
type door struct {
	household ark.ID // zero: none, then
	place     string // its key, or the words
}

func doorNamed(v ark.Visit, at ark.Place) door {
	if key := at.Key(); key != "" {
		return door{place: key}
	}
	if !v.Household.IsZero() {
		return door{household: v.Household}
	}
	return door{place: v.Place}
}

// lastCalls are the visits of a day that count, the last of each door, in the
// order in which they were made.
func lastCalls(list []agent.Logged, homes map[ark.ID]ark.Household) (last map[door]agent.Logged, all []agent.Logged) {
	for _, l := range list {
		if !l.Withdrawn {
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b agent.Logged) int { return cmp.Compare(a.Made, b.Made) })
	last = map[door]agent.Logged{}
	for _, l := range all {
		last[doorNamed(l.Visit, doorOf(l.Visit, homes))] = l
	}
	return last, all
}

func statsOf(list []agent.Logged, homes map[ark.ID]ark.Household) dayStats {
	s := dayStats{Services: map[string]int{}, Needs: map[string]int{}}
	last, all := lastCalls(list, homes)
	for _, l := range all {
		for _, service := range l.Services {
			s.Services[string(service)]++
		}
		for _, n := range l.Needs {
			s.Needs[n.Category]++
		}
	}
	for _, l := range last {
		s.Doors++
		if l.Return {
			s.Again++
		}
		switch l.Outcome {
		case ark.Met:
			s.Met++
		case ark.NoAnswer:
			s.NoAnswer++
		case ark.Refused:
			s.Refused++
		case ark.Moved:
			s.Moved++
		}
	}
	return s
}

// buildingsOf are the buildings in which somebody called, with all doors that
// the van knows there.
func buildingsOf(list []agent.Logged, homes map[ark.ID]ark.Household) []buildingTold {
	rooms := map[ark.Place]map[string]roomTold{} // by building, then by door
	last, _ := lastCalls(list, homes)
	enter := func(at ark.Place, r roomTold) {
		b := buildingOf(at)
		if rooms[b] == nil {
			rooms[b] = map[string]roomTold{}
		}
		if had := rooms[b][at.Key()]; r.Household.IsZero() {
			r.Household = had.Household
		}
		rooms[b][at.Key()] = r
	}
	for _, l := range last {
		if at := doorOf(l.Visit, homes); at.Building != "" && at.Room != "" {
			enter(at, roomTold{at.Unit, at.Room, l.Household, roomState(l)})
		}
	}
	for _, h := range homes {
		b := rooms[buildingOf(h.Place)]
		if b == nil || h.Place.Room == "" {
			continue
		}
		if r, called := b[h.Place.Key()]; called {
			if r.Household.IsZero() {
				r.Household = h.ID
				b[h.Place.Key()] = r
			}
			continue
		}
		state := "none"
		if h.NoVisit != "" {
			state = "no-visit"
		}
		enter(h.Place, roomTold{h.Place.Unit, h.Place.Room, h.ID, state})
	}
	return inOrder(rooms)
}

func roomState(l agent.Logged) string {
	if l.Return {
		return "again"
	}
	return l.Outcome.String()
}

// inOrder sorts buildings by name, floors from the top, rooms by unit and
// number.
func inOrder(rooms map[ark.Place]map[string]roomTold) []buildingTold {
	all := []buildingTold{}
	for at, doors := range rooms {
		b := buildingTold{Name: at.String(), Place: at}
		floors := map[int][]roomTold{}
		for _, r := range doors {
			n := ark.Place{Room: r.Room}.Floor()
			floors[n] = append(floors[n], r)
		}
		for n, list := range floors {
			slices.SortFunc(list, func(a, b roomTold) int {
				return cmp.Or(byNumber(a.Unit, b.Unit), byNumber(a.Room, b.Room))
			})
			b.Floors = append(b.Floors, floorTold{n, list})
		}
		slices.SortFunc(b.Floors, func(a, b floorTold) int { return cmp.Compare(b.Floor, a.Floor) })
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b buildingTold) int {
		return cmp.Or(cmp.Compare(a.Place.Compound, b.Place.Compound), byNumber(a.Place.Building, b.Place.Building))
	})
	return all
}

// byNumber orders 9 before 10.
func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
