// Package tmpfs gives tests a disk that is soon full.
package tmpfs

import (
	"os"
	"syscall"
	"testing"
)

// Mount mounts a small disk for a test, such as "1m". It needs root and skips
// the test without, unless CI_NO_SKIP is 1.
func Mount(t testing.TB, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		if os.Getenv("CI_NO_SKIP") == "1" {
			t.Fatalf("mount a small disk: %v", err)
		}
		t.Skipf("mount a small disk: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}
