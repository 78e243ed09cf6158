// Package tmpfs gives tests a disk that is soon full.
package tmpfs

import (
	"syscall"
	"testing"

	"ark/internal/skip"
)

// Mount mounts a small disk for a test, such as "1m". Only root can.
func Mount(t testing.TB, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		skip.Lacking(t, "mount a small disk: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}
