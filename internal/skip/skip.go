// Package skip holds the two reasons for which a test may be left out: the
// run is the quick one, or the machine lacks something. Where CI_NO_SKIP is 1
// a lack is a failure.
package skip

import (
	"os"
	"os/exec"
	"testing"
)

// Quick tells whether this is the quick run: ARK_QUICK=1.
func Quick() bool { return os.Getenv("ARK_QUICK") == "1" }

// Lacking skips a test for which the machine lacks something.
func Lacking(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI_NO_SKIP") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// WithoutTools skips a test where one of these programs is not installed.
func WithoutTools(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			Lacking(t, "%s is not installed (make deps)", name)
		}
	}
}

// WithoutRoot skips a test that only root can do.
func WithoutRoot(t testing.TB) {
	t.Helper()
	if os.Getuid() != 0 {
		Lacking(t, "only root can do this")
	}
}
