package process

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHeat(t *testing.T) {
	old := heatFile
	t.Cleanup(func() { heatFile = old })
	heatFile = filepath.Join(t.TempDir(), "temp")
	if got := Heat(); got != 0 {
		t.Errorf("of none: %d", got)
	}
	for text, want := range map[string]int{"61234\n": 612, "-5000\n": -50, "": 0, "x": 0, "999999999999999999999": 0, "2147483647": 0} {
		if err := os.WriteFile(heatFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Heat(); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
