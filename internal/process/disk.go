package process

import "golang.org/x/sys/unix"

// Free is how many bytes are free on the disk of a folder, and how many it has
// in all; 0 and 0 where that is not known.
func Free(dir string) (free, total int64) {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return 0, 0
	}
	return int64(st.Bavail) * int64(st.Bsize), int64(st.Blocks) * int64(st.Bsize) // Bsize has another width on each kind of machine
}
