package households

import (
	"fmt"
	"strings"
	"testing"

	"ark"
	"ark/agent"
)

func TestAlike(t *testing.T) {
	x := town(t)
	house := func(place, phone string, names ...string) ark.Household {
		h := ark.Household{Place: ark.ParsePlace(place), Phone: phone}
		for _, n := range names {
			h.Members = append(h.Members, ark.Member{Name: n})
		}
		return h
	}
	itself := x.Find(agent.Query{Text: "王秀英", Limit: 1})[0].Household
	located := house("9幢1单元101", "", "张伟")
	located.Geo = &ark.Geo{Lat: 302_700_000, Lon: 1_201_530_000}
	cases := []struct {
		name string
		h    ark.Household
		want string
	}{
		{"the same door, written otherwise", house("翠苑1区3号楼02单元0501", ""), "1 door"},
		{"a door without its unit", house("翠苑一区3-501", ""), "1 door, 3 door"},
		{"a door without its compound", house("3-2-501", ""), "1 door"},
		{"another unit", house("翠苑一区3幢3单元501", ""), ""},
		{"another compound", house("翠苑三区3幢2单元501", ""), ""},
		{"the telephone", house("某地1幢101", "+86 138 1234 5678"), "1 phone"},
		{"without the area code", house("某地1幢101", "88881234"), "2 phone"},
		{"a part of a number", house("某地1幢101", "1234"), ""},
		{"the same name in the building", house("翠苑一区3幢7单元101", "", "王秀英"), "1 name"},
		{"the same name in the compound", house("翠苑一区9幢7单元101", "", "李建国"), "1 name"},
		{"the same name elsewhere", house("别处9幢7单元101", "", "王秀英"), ""},
		{"the same name near by", located, "3 name"},
		{"it sounds so", house("翠苑一区3幢7单元101", "", "汪秀颖"), "1 name"},
		{"it sounds so to many", house("翠苑一区3幢7单元101", "", "王小民"), "2 name"},
		{"it sounds so, in another building", house("翠苑一区9幢7单元101", "", "汪秀颖"), ""},
		{"most characters", house("翠苑一区3幢7单元101", "", "王秀芝"), "1 name"},
		{"the door before the name", house("翠苑一区3幢2单元502", "", "王秀英"), "2 door, 1 name"},
		{"a title is no name", house("翠苑一区9幢7单元101", "", "张奶奶"), ""},
		{"itself", itself, ""},
		{"nothing is known yet", ark.Household{}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, a := range x.Alike(c.h, 9) {
				got = append(got, fmt.Sprintf("%d %s", a.ID[15], a.Why))
			}
			if got := strings.Join(got, ", "); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
	if got := len(x.Alike(house("翠苑一区3-501", ""), 1)); got != 1 {
		t.Errorf("%d where one was wanted", got)
	}
}
