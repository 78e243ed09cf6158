package ark

import (
	"maps"
	"testing"
)

// countMarks counts the marks taken until the test ends. Not for parallel
// tests.
func countMarks(t *testing.T) func() map[string]int {
	t.Helper()
	count := map[string]int{}
	onMark = func(name string) { count[name]++ }
	t.Cleanup(func() { onMark = nil })
	return func() map[string]int { return maps.Clone(count) }
}
