package hub_test

import (
	"fmt"
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
		if len(s) > hub.MaxDeedText || len(s) < hub.MaxDeedText-4 || !utf8.ValidString(s) || !strings.HasSuffix(s, "…") {
			t.Errorf("cut to %d bytes: %q", len(s), s)
		}
	}
	if len(got.Detail) != hub.MaxDetail {
		t.Errorf("%d details", len(got.Detail))
	}
	if whole := strings.Repeat("x", hub.MaxDeedText); (hub.Deed{Who: whole}).Plain().Who != whole {
		t.Error("a text that fits is cut")
	}
}
