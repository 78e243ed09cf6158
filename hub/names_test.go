package hub_test

import (
	"testing"

	"ark/hub"
)

// Of a name the family's is left, and people of one household are told apart.
func TestMaskName(t *testing.T) {
	for name, want := range map[string]string{"": "", "王秀英": "王••", "王": "王••", "欧阳娜娜": "欧阳••", "欧阳": "欧••", "John Smith": "J••", "王••2": "王••", "\xff": "\uFFFD••"} {
		if got := hub.MaskName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	var names hub.Names
	for _, c := range [][2]string{{"王秀英", "王••"}, {"王建国", "王••2"}, {"", ""}, {"李", "李••"}, {"王秀英", "王••"}, {"王三", "王••3"}} {
		if got := names.Mask(c[0]); got != c[1] {
			t.Errorf("%q among others: got %q, want %q", c[0], got, c[1])
		}
	}
}
