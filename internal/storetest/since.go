package storetest

import (
	"fmt"
	"strings"
	"testing"

	"ark"
	"ark/hub"
)

// leavesASight: whoever follows the changes of a sight hears that a visit was
// amended out of it, and nothing else of it, then or later.
func leavesASight(t *testing.T, b *bench) {
	s := b.streets()
	j := b.journal("van-dong", 9)
	visit, last, names := b.id(), ark.ID{}, map[ark.ID]string{}
	names[visit] = "visit"
	move := func(where ark.Place) {
		amend := b.id()
		b.commit(j.delivery(j.fact(amend, ark.KindAmend, ark.Amend{Visit: visit, After: last, Now: ark.Visit{Place: "门", Where: where, Outcome: ark.Met, Note: "改了"}})))
		last = amend
	}
	comment := func() {
		b.must(b.AddComment(t.Context(), hub.Everything, visit, hub.VisitComment{By: "lin", At: 1, Words: "看看"}))
	}
	// follow tells what is new about the visit to one who has asked up to a change.
	since := map[string]int64{}
	follow := func(name string, sight hub.Sight, want string) {
		t.Helper()
		var told []string
		for {
			page, err := b.VisitsSince(t.Context(), sight, since[name], 2)
			b.must(err)
			for _, v := range page {
				if v.Changed <= since[name] {
					t.Fatalf("%s: change %d after %d", name, v.Changed, since[name])
				}
				since[name] = v.Changed
				switch {
				case v.ID != visit:
				case v.Gone:
					if v.Place+v.Note+string(v.Van) != "" || !v.Last.IsZero() || v.Position != 0 {
						t.Errorf("%s is told of what is gone: %+v", name, v)
					}
					told = append(told, "gone")
				default:
					told = append(told, v.Where.Street)
				}
			}
			if len(page) < 2 {
				break
			}
		}
		if got := strings.Join(told, " "); got != want {
			t.Errorf("%s is told %q, want %q", name, got, want)
		}
	}
	north, south, building := see(s.north), see(s.south), hub.Sight{Places: []ark.Place{{Street: "bei", Building: "3"}}}
	all := func(whole, inNorth, inSouth, inBuilding string) {
		t.Helper()
		b.must(b.Found(t.Context()))
		follow("whole", hub.Everything, whole)
		follow("north", north, inNorth)
		follow("south", south, inSouth)
		follow("building", building, inBuilding)
	}
	b.commit(j.delivery(j.fact(visit, ark.KindVisit, ark.Visit{Place: "门", Where: ark.Place{Street: "bei街道", Building: "3幢"}, Outcome: ark.Met})))
	all("bei街道", "bei街道", "", "bei街道")
	move(ark.Place{Street: "bei街道", Building: "4幢"})
	all("bei街道", "bei街道", "", "gone")
	move(ark.Place{Street: "nan街道"})
	all("nan街道", "gone", "nan街道", "")
	comment() // where it is now: nothing to those who no longer see it
	all("nan街道", "", "nan街道", "")
	b.reopen()
	move(ark.Place{Street: "bei"})
	all("bei", "bei", "gone", "")
	comment()
	move(ark.Place{}) // by its van, which has no area
	all("", "gone", "", "")
	since = map[string]int64{}
	if page, err := b.VisitsSince(t.Context(), hub.Sight{}, 0, 500); err != nil || len(page) != 0 {
		t.Errorf("nothing in sight: %s, %v", fmt.Sprint(page), err)
	}
	if _, err := b.VisitsSince(t.Context(), north, 0, 500); err != nil {
		t.Error(err)
	}
}
