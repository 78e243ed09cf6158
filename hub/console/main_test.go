package console

import (
	"testing"

	"ark/internal/browser"
)

func TestMain(m *testing.M) { browser.Share(m) }
