package hub_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"ark/hub"
)

// Whatever is typed into a search can be put on record.
func TestADeedCanBeKept(t *testing.T) {
	d := hub.Deed{Who: "林\x00\xff", From: strings.Repeat("字", 1000), Object: hub.Object{Kind: "visit", ID: strings.Repeat("x", 401)}, Detail: map[string]string{}}
	for i := range 100 {
		d.Detail[fmt.Sprintf("%03d", i)] = "a\x00"
	}
	got := d.Plain()
	if got.Who != "林\uFFFD\uFFFD" || got.Detail["000"] != "a\uFFFD" {
		t.Errorf("%q, %q", got.Who, got.Detail["000"])
	}
	for _, s := range []string{got.From, got.Object.ID} {
		if len(s) > hub.MaxDeedText || len(s) < hub.MaxDeedText-4 || !utf8.ValidString(s) || !strings.Contains(s, " bytes, sha256 ") {
			t.Errorf("cut to %d bytes: %q", len(s), s)
		}
	}
	if len(got.Detail) != hub.MaxDetail || !strings.HasPrefix(got.Detail[hub.MoreDetail], "77, sha256 ") {
		t.Errorf("%d details, of the rest %q", len(got.Detail), got.Detail[hub.MoreDetail])
	}
	for name, other := range map[string]hub.Deed{
		"the end of a text": {Object: hub.Object{ID: strings.Repeat("x", 400) + "y"}, Detail: d.Detail},
		"a detail more":     {Object: d.Object, Detail: map[string]string{"100": "a"}},
		"the last detail":   {Object: d.Object, Detail: map[string]string{"099": "b"}},
	} {
		all := maps.Clone(d.Detail)
		maps.Copy(all, other.Detail)
		other.Detail = all
		if plain := other.Plain(); plain.Object.ID == got.Object.ID && plain.Detail[hub.MoreDetail] == got.Detail[hub.MoreDetail] {
			t.Errorf("%s is hidden", name)
		}
	}
	if whole := strings.Repeat("x", hub.MaxDeedText); (hub.Deed{Who: whole}).Plain().Who != whole {
		t.Error("a text that fits is cut")
	}
}
