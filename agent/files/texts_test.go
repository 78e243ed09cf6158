package files

import (
	"os"
	"testing"
)

func TestTexts(t *testing.T) {
	for _, fault := range texts.Check(os.DirFS("."), "texts.go") {
		if fault != "error.ours is used and does not exist" { // pages use it, and there are none here
			t.Error(fault)
		}
	}
}
