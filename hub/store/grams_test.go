package store

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ark/hub"
)

func TestIndexedWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                 "",
		"，。":               "",
		"水":                "水",
		"漏水":               "漏水 水",
		"厨房漏水":             "厨房 房漏 漏水 水",
		"厨房，漏水":            "厨房 房 漏水 水",
		"3幢501":            "3幢 幢5 50 01 1",
		"３幢５０１":            "3幢 幢5 50 01 1",
		"WiFi坏":            "wi if fi i坏 坏",
		"Ｗｉ\u200bＦｉ":       "wi i fi i",
		"救-护":              "救 护",
		`a"b' OR 1=1 --`:   "a b or r 1 1",
		"a\x00b\xff\xfe水电": "a b 水电 电",
		"㎡½":               "m2 21 1 2", // NFKC: m2, 1⁄2
		"e\u0301té":        "ét té é",
		"𠮷野家":              "𠮷野 野家 家",
	} {
		if got := strings.Join(indexed(text), " "); got != want {
			t.Errorf("%q is found by %q, want %q", text, got, want)
		}
	}
	if got := strings.Join(indexed("甲乙", "丙丁"), " "); got != "甲乙 乙 丙丁 丁" {
		t.Errorf("two texts are found by %q", got)
	}
}

func TestPhrases(t *testing.T) {
	for text, want := range map[string]string{
		"漏水":        "漏水",
		"厨房漏水":      "厨房+房漏+漏水",
		"漏水 王":      "漏水", // one character is passed over
		"3幢501, 王阿": "3幢+幢5+50+01 王阿",
		`"漏水" OR a`: "漏水 or",
	} {
		all, err := phrases(text)
		var got []string
		for _, p := range all {
			got = append(got, strings.Join(p, "+"))
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q searches %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "王", "王 李", "- - \"", "\xff\xfe", "*"} {
		if got, err := phrases(text); !errors.Is(err, hub.ErrSearch) {
			t.Errorf("%q searches %q, %v", text, got, err)
		}
	}
}

// A text is found by what stands in it, and by nothing else.
func TestPhrasesAreFoundWhereTheyStand(t *testing.T) {
	alphabet := rapid.SampledFrom([]rune("漏水厨房王3幢5aＡ，\" -\u0301"))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(alphabet, 0, 30, -1).Draw(t, "text")
		words := indexed(text)
		plain := make([]string, 0, 8)
		for _, run := range runs(text) {
			plain = append(plain, string(run))
		}
		search := rapid.StringOfN(alphabet, 1, 5, -1).Draw(t, "search")
		wanted, err := phrases(search)
		if err != nil {
			return
		}
		all, has := true, true
		for _, p := range wanted {
			all = all && row(words, p)
		}
		for _, run := range runs(search) {
			has = has && (len(run) < 2 || slices.ContainsFunc(plain, func(s string) bool { return strings.Contains(s, string(run)) }))
		}
		if all != has {
			t.Fatalf("%q in %q: by words %v, in truth %v", search, text, all, has)
		}
	})
}

// row tells whether words stand in a row among others.
func row(words, wanted []string) bool {
	for i := range words {
		if len(words)-i >= len(wanted) && slices.Equal(words[i:i+len(wanted)], wanted) {
			return true
		}
	}
	return false
}
