package ark

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParsePlace(t *testing.T) {
	door := func(compound, building, unit, room string) Place {
		return Place{Compound: compound, Building: building, Unit: unit, Room: room}
	}
	cases := []struct {
		text string
		want Place
	}{
		{"3幢2单元501室", door("", "3", "2", "501")},
		{"3栋2单元501", door("", "3", "2", "501")},
		{"3号楼", door("", "3", "", "")},
		{"3#2单元501", door("", "3", "2", "501")},
		{"3#楼501", door("", "3", "", "501")},
		{"3-2-501", door("", "3", "2", "501")},
		{"３－２－５０１", door("", "3", "2", "501")},
		{"３幢２单元５０１室", door("", "3", "2", "501")},
		{"3—2—501室", door("", "3", "2", "501")},
		{"3-501", door("", "3", "", "501")},
		{"3幢-501", door("", "3", "", "501")},
		{"3幢-2-501", door("", "3", "2", "501")},
		{"翠苑一区3幢2单元501室", door("翠苑一区", "3", "2", "501")},
		{" 翠苑一区 3 幢 2 单元 501 室 ", door("翠苑一区", "3", "2", "501")},
		{"翠苑一区3-2-501", door("翠苑一区", "3", "2", "501")},
		{"翠苑一区", door("翠苑一区", "", "", "")},
		{"翠苑3区", door("翠苑3区", "", "", "")},
		{"三幢二单元五〇一室", door("", "3", "2", "501")},
		{"十二幢一单元", door("", "12", "1", "")},
		{"三号楼501", door("", "3", "", "501")},
		{"A座1203", door("", "A", "", "1203")},
		{"东方苑A3幢1203室", door("东方苑", "A3", "", "1203")},
		{"Sunny3幢101", door("Sunny", "3", "", "101")},
		{"3幢甲单元101", door("", "3", "甲", "101")},
		{"501", door("", "", "", "501")},
		{"501室", door("", "", "", "501")},
		{"2单元501", door("", "", "2", "501")},
		{"3幢501-1室", door("", "3", "", "501-1")},
		{"3棟2單元501號室", door("", "3", "2", "501")},
		{"12号302室", door("", "12", "", "302")},
		{"文三路123号", door("文三路123号", "", "", "")},
		{"文三路123号501室", door("文三路123号", "", "", "501")},
		{"文三路123号3幢501室", door("文三路123号", "3", "", "501")},
		{"中山路123弄4号501室", door("中山路123弄", "4", "", "501")},
		{"小区门口报刊亭", door("小区门口报刊亭", "", "", "")},
		{"3幢地下室", door("3幢地下室", "", "", "")},
		{"翠苑街道翠苑社区第3网格翠苑一区3幢2单元501室", Place{"翠苑街道", "翠苑社区", "第3", "翠苑一区", "3", "2", "501"}},
		{"翠苑社区3幢501", Place{Community: "翠苑社区", Building: "3", Room: "501"}},
		{"", Place{}},
		{" \t\u200b", Place{}},
		{strings.Repeat("长", MaxPart+1), door(strings.Repeat("长", MaxPart), "", "", "")},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, ParsePlace(c.text)); diff != "" {
			t.Errorf("%q: -want +got\n%s", c.text, diff)
		}
	}
}

func TestPlaceKey(t *testing.T) {
	same := [][]string{
		{"3幢2单元501室", "3栋2单元501", "3号楼2单元501房", "３－２－５０１", "03幢02单元0501", "3座2单元501", "三幢二单元五〇一室"},
		{"翠苑一区3幢501", "翠苑1区 3-501", "翠苑一区小区3号楼501室", "翠苑一区·3栋501户"},
		{"A座1203", "a座1203室", "Ａ座１２０３"},
	}
	var keys []string
	for _, group := range same {
		want := ParsePlace(group[0]).Key()
		for _, text := range group {
			if got := ParsePlace(text).Key(); got != want {
				t.Errorf("%q: %q, want %q as %q", text, got, want, group[0])
			}
		}
		keys = append(keys, want)
	}
	for _, text := range []string{"13幢2单元501室", "3幢1单元501室", "3幢2单元502室", "3幢501", "翠苑二区3幢501", "翠苑十区3幢501"} {
		keys = append(keys, ParsePlace(text).Key())
	}
	for i, key := range keys {
		for _, other := range keys[:i] {
			if key == other || key == "" {
				t.Errorf("two doors have one key %q", key)
			}
		}
	}
	// Staff write the parts with their words, or without.
	if a, b := (Place{Compound: "翠苑", Building: "3幢", Unit: "2单元", Room: "501室"}).Key(), ParsePlace("翠苑小区3-2-501").Key(); a != b {
		t.Errorf("%q and %q", a, b)
	}
	if got := ParsePlace("翠苑一区").Key(); got != "" {
		t.Errorf("a compound alone has the key of a door: %q", got)
	}
}

func TestFloor(t *testing.T) {
	for room, want := range map[string]int{"501": 5, "1203": 12, "101": 1, "0501": 5, "A501": 5, "５０１": 5, "501-1": 5, "12034": 20, "": 0, "12": 0, "地下": 0, "999999": 0, "11203": 12} {
		if got := (Place{Room: room}).Floor(); got != want {
			t.Errorf("%s: %d, want %d", room, got, want)
		}
	}
}

// What a place says is read back as that place.
func TestPlaceSaysWhatIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Place{
			Compound: rapid.SampledFrom([]string{"", "翠苑一区", "东方苑", "文三路12号"}).Draw(t, "compound"),
			Building: rapid.SampledFrom([]string{"1", "3", "12", "A", "B2"}).Draw(t, "building"),
			Unit:     rapid.SampledFrom([]string{"", "1", "12"}).Draw(t, "unit"),
			Room:     rapid.SampledFrom([]string{"", "101", "1203", "A501"}).Draw(t, "room"),
		}
		if diff := cmp.Diff(want, ParsePlace(want.String())); diff != "" {
			t.Fatalf("%s: -want +got\n%s", want, diff)
		}
	})
}

func FuzzParsePlace(f *testing.F) {
	for _, s := range []string{"3幢2单元501室", "翠苑一区3-2-501", "十十幢", "\xff501室", "３－２－５０１", "#", "号室", "---", "0000000幢"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := ParsePlace(s)
		if err := p.Check(); err != nil {
			t.Fatalf("%q: %+v: %v", s, p, err)
		}
		if f := p.Floor(); f < 0 || f > 99 {
			t.Fatalf("%q: floor %d", s, f)
		}
		if strings.HasPrefix(p.Key(), "\x00") {
			t.Fatalf("%q: key %q", s, p.Key())
		}
		if again := ParsePlace(s); again != p {
			t.Fatalf("%q: read twice as %+v and %+v", s, p, again)
		}
	})
}

// A part of town is the same however it is written, and never everywhere.
func TestPlain(t *testing.T) {
	whole := Place{Street: "翠苑街道", Community: "翠苑一区社区", Grid: "3", Compound: "翠苑一区", Building: "3", Unit: "2", Room: "501"}
	for _, p := range []Place{
		whole,
		{Street: "翠苑", Community: "翠苑１区 社区", Grid: "3网格", Compound: "翠苑1区小区", Building: "03幢", Unit: "二单元", Room: "501室"},
	} {
		if got := p.Plain(); got != whole.Plain() || !got.Within(whole.Plain()) {
			t.Errorf("%+v is %+v, not %+v", p, got, whole.Plain())
		}
	}
	for _, other := range []Place{{Compound: "翠苑二区"}, {Building: "13"}, {Compound: "小区"}, {Street: "街道"}, {Grid: "网格"}, {Community: "社区"}} {
		if other.Plain() == (Place{}) || whole.Plain().Within(other.Plain()) {
			t.Errorf("%+v is taken for the same: %+v", other, other.Plain())
		}
	}
}
