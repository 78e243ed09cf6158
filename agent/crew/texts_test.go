package crew

import (
	"os"
	"testing"
)

func TestTexts(t *testing.T) {
	for _, fault := range texts.Check(os.DirFS("."), "texts*.go") {
		t.Error(fault)
	}
}
