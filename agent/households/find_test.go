package households

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ark"
	"ark/agent"
)

func id(n int) ark.ID { return ark.NewID(1_790_000_000_000, [10]byte{9: byte(n)}) }

// town is a few households, known by the last byte of their ids.
func town(t testing.TB) *Index {
	t.Helper()
	x := New()
	for i, s := range []string{
		1: "翠苑一区3幢2单元501室 王秀英,李建国 13812345678",
		2: "翠苑一区3幢2单元502室 王小明 0571-88881234",
		3: "翠苑一区3幢1单元501室 张伟",
		4: "翠苑一区13幢1单元1203室 单雄信 13900000000",
		5: "东方苑A3幢501室 吕布",
		6: "翠苑二区5幢3单元302室 曾国藩,John Smith",
		7: "翠苑二区5幢3单元301室 尉迟恭",
		8: "翠苑一区30幢2单元101室 秀英",
	} {
		if s == "" {
			continue
		}
		part := strings.SplitN(s, " ", 3)
		h := ark.Household{ID: id(i), Place: ark.ParsePlace(part[0])}
		rest := part[1]
		if len(part) == 3 {
			rest = part[1] + " " + part[2]
		}
		names, phone := rest, ""
		if at := strings.LastIndex(rest, " "); at >= 0 && !strings.HasSuffix(rest, "Smith") {
			names, phone = rest[:at], rest[at+1:]
		}
		for name := range strings.SplitSeq(names, ",") {
			h.Members = append(h.Members, ark.Member{Name: name})
		}
		h.Phone = phone
		if i < 4 {
			h.Geo = &ark.Geo{Lat: 302_700_000, Lon: 1_201_500_000 + int64(i)*10_000} // about 96 m apart
		}
		if err := x.Add(h); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

func numbers(found []agent.Found) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%d ", f.ID[15])
	}
	return strings.TrimSpace(b.String())
}

func TestFind(t *testing.T) {
	x := town(t)
	for text, want := range map[string]string{
		"王":            "1 2",
		"王秀英":          "1",
		"秀英":           "8 1", // who is called so before who is called so among others
		"wxy":          "1",
		"WXY":          "1",
		"ｗｘｙ":          "1",
		"wangxiuying":  "1",
		"wang xiu":     "1",
		"wangxy":       "1",
		"wxiuy":        "1",
		"wan":          "1 2",
		"xiuying":      "8 1",
		"xy":           "8 1",
		"wx":           "1 2",
		"zhangw":       "3",
		"zhw":          "3",
		"章伟":           "3", // sounds so
		"zang":         "3", // as it is heard
		"zangw":        "3",
		"zanwei":       "3",
		"zhan":         "3",
		"cenguofan":    "6",
		"zenguohan":    "6",
		"huguo":        "",
		"lijiangguo":   "1", // an for ang, and the other way round
		"nijianguo":    "1",
		"niguo":        "",
		"lj":           "1",
		"nj":           "",  // an initial is what it is
		"shanxx":       "4", // as a surname
		"dan":          "4", // as it is read otherwise
		"lvbu":         "5",
		"lubu":         "5",
		"lb":           "5",
		"zengguofan":   "6",
		"john":         "6",
		"smith":        "6",
		"yuchigong":    "7",
		"501":          "5 3 1",
		"5":            "7 6 5 3 1 2",
		"50":           "5 3 1 2",
		"3-2-501":      "1",
		"3-2-5":        "1 2",
		"3-2":          "1 2",
		"3-501":        "3 1",
		"3-2-":         "1 2",
		"３－２－５０１":      "1",
		"3幢2单元501室":    "1",
		"3栋2单元":        "1 2",
		"3号楼":          "3 1 2",
		"3幢2":          "1 2",
		"3幢2单":         "1 2",
		"翠苑一区3幢2单元501": "1",
		"翠苑二区":         "7 6",
		"cuiyuan":      "3 1 2 4 8 7 6",
		"东方苑A3幢":       "5",
		"a3幢501":       "5",
		"13812345678":  "1",
		"5678":         "1",
		"1381":         "1",
		"88881234":     "2",
		"+86 138":      "",
		"王 501":        "1",
		"501 王":        "1",
		"王501":         "1",
		"wxy501":       "1",
		"wxy 3-2":      "1",
		"cy w 501":     "1 3",
		"王 李":          "1",
		"王 张":          "",
		"·王·":          "1 2",
		"不存在":          "",
		"zzzz":         "",
		"   ":          "5 3 1 2 4 8 7 6",
		"...":          "",
	} {
		if got := numbers(x.Find(agent.Query{Text: text, Limit: 20})); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// 单 is a surname as well as what a unit is called while it is being typed.
func TestANameLikeAUnit(t *testing.T) {
	x := New()
	for _, h := range []ark.Household{
		{ID: id(1), Place: ark.ParsePlace("翠苑一区3幢2单元501室"), Members: []ark.Member{{Name: "A单"}}},
		{ID: id(2), Place: ark.ParsePlace("翠苑一区3幢B单元502室")},
	} {
		if err := x.Add(h); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{"A单": "1", "2单": "1", "B单元": "2"} {
		if got := numbers(x.Find(agent.Query{Text: text, Limit: 9})); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestFindNear(t *testing.T) {
	x := town(t)
	near := &ark.Geo{Lat: 302_700_000, Lon: 1_201_530_000}
	found := x.Find(agent.Query{Near: near, Limit: 4})
	if got, want := numbers(found), "3 2 1 5"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	var metres []int
	for _, f := range found {
		metres = append(metres, f.Metres)
	}
	if diff := cmp.Diff([]int{0, 96, 192, -1}, metres); diff != "" {
		t.Errorf("metres: -want +got\n%s", diff)
	}
	if got := numbers(x.Find(agent.Query{Text: "wang", Near: near, Limit: 20})); got != "2 1" {
		t.Errorf("of the same name the nearer: %s", got)
	}
	for _, compound := range []string{"翠苑二区", "翠苑２区小区"} {
		if got := numbers(x.Find(agent.Query{Area: ark.Place{Compound: compound}, Limit: 20})); got != "7 6" {
			t.Errorf("of the area %s: %s", compound, got)
		}
	}
	if got := numbers(x.Find(agent.Query{Text: "501", Area: ark.Place{Compound: "翠苑一区", Building: "03", Unit: "1单元"}, Limit: 20})); got != "3" {
		t.Errorf("of a unit: %s", got)
	}
}

func TestAddReplacesAndRemoves(t *testing.T) {
	x := town(t)
	h := x.Find(agent.Query{Text: "张伟", Limit: 1})[0].Household
	h.Members[0].Name, h.Place.Room = "赵云", "601"
	if err := x.Add(h); err != nil {
		t.Fatal(err)
	}
	if got := numbers(x.Find(agent.Query{Text: "张伟", Limit: 9})) + "," + numbers(x.Find(agent.Query{Text: "zy 601", Limit: 9})); got != ",3" {
		t.Errorf("after a change: %s", got)
	}
	h.MovedOut = 1
	h.Members = append(h.Members, ark.Member{Name: "王秀英"})
	if err := x.Add(h); err != nil {
		t.Fatal(err)
	}
	if got := numbers(x.Find(agent.Query{Text: "王秀英", Limit: 9})); got != "1 3" {
		t.Errorf("who moved out comes last: %s", got)
	}
	if err := x.Add(ark.Household{ID: h.ID, Forget: true}); err != nil {
		t.Fatal(err)
	}
	x.Remove(id(1))
	x.Remove(id(1))
	if got := numbers(x.Find(agent.Query{Text: "王", Limit: 9})); got != "2" || x.Len() != 6 {
		t.Errorf("after removals: %s of %d", got, x.Len())
	}
	for i := range 10 {
		x.Remove(id(i))
	}
	if x.Len() != 0 || len(x.Find(agent.Query{Limit: 9})) != 0 {
		t.Errorf("%d are left", x.Len())
	}
	if err := x.Add(ark.Household{ID: id(1)}); err == nil {
		t.Error("one without a door was taken")
	}
}

// Whoever is written down is found by the whole of their name, its readings,
// their door and their telephone number.
func TestWhoIsThereIsFound(t *testing.T) {
	runes := []rune("王李张单曾欧阳吕秀英建国伟芳长乐行 A·")
	rapid.Check(t, func(t *rapid.T) {
		x := New()
		var all []ark.Household
		for i := range rapid.IntRange(1, 4).Draw(t, "households") {
			name := rapid.StringOfN(rapid.SampledFrom(runes), 1, 4, -1).Draw(t, "name")
			all = append(all, ark.Household{ID: id(i + 1), Members: []ark.Member{{Name: name}},
				Phone: rapid.StringMatching(`1[0-9]{10}`).Draw(t, "phone"),
				Place: ark.Place{Compound: "翠苑", Building: rapid.StringMatching(`[1-9][0-9]?`).Draw(t, "building"), Room: rapid.StringMatching(`[1-9]0[1-9]`).Draw(t, "room")}})
			if err := x.Add(all[i]); err != nil {
				t.Fatal(err)
			}
		}
		for _, h := range all {
			queries := []string{h.Phone, h.Place.String(), h.Place.Building + "-" + h.Place.Room}
			if strings.Trim(h.Members[0].Name, " ·") != "" {
				queries = append(queries, h.Members[0].Name)
			}
			for _, w := range strings.Fields(Words(h)) {
				if strings.Trim(w, "·") != "" {
					queries = append(queries, w)
				}
			}
			for _, q := range queries {
				found := x.Find(agent.Query{Text: q, Limit: 20})
				hit := false
				for _, f := range found {
					hit = hit || f.ID == h.ID
				}
				if !hit {
					t.Fatalf("%q does not find %+v but %s", q, h, numbers(found))
				}
			}
		}
	})
}

func TestNoTypingTakesLong(t *testing.T) {
	x := New()
	if err := x.Add(ark.Household{ID: id(1), Place: ark.Place{Room: "1"}, Members: []ark.Member{{Name: strings.Repeat("啊", ark.MaxPerson)}}}); err != nil {
		t.Fatal(err)
	}
	// By trying all ways to read it this would not end.
	x.Find(agent.Query{Text: strings.Repeat("a", 10_000) + "b", Limit: 1})
	x.Find(agent.Query{Text: strings.Repeat("a ", 10_000), Limit: 1})
	x.Find(agent.Query{Text: strings.Repeat("1-", 10_000), Limit: 1})
}

func TestFindWhileItChanges(t *testing.T) {
	x := town(t)
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for i := range 50 {
				h := ark.Household{ID: id(20 + i), Place: ark.Place{Compound: fmt.Sprint("小区", n), Room: fmt.Sprint(100 + i)}, Members: []ark.Member{{Name: string(rune('一' + n*50 + i))}}}
				if err := x.Add(h); err != nil {
					t.Error(err)
				}
				x.Find(agent.Query{Text: "wang 501", Limit: 5})
				x.Alike(h, 3)
				x.Remove(id(20 + i))
			}
		})
	}
	all.Wait()
	if got := numbers(x.Find(agent.Query{Text: "王", Limit: 9})); got != "1 2" {
		t.Errorf("afterwards: %s", got)
	}
}

func TestWords(t *testing.T) {
	h := ark.Household{Place: ark.Place{Building: "03", Unit: "2单元", Room: "501室"}, Phone: "0571-8888", Members: []ark.Member{{Name: "单秀英", Phone: "+86 138-1234-5678"}, {Name: "John"}, {Name: "李", Left: true}}}
	if got, want := Words(h), "单秀英 shanxiuying sxy John john 3-2-501 501 05718888 13812345678"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
