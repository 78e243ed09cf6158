package pi

import (
	"fmt"
	"os"
	"os/exec"
)

// cardSize is that of the emulated Pi's card.
const cardSize = 64 << 20

// Card makes an empty card: a file with an ext4 file system, mounted at /data
// on the Pi. It outlives the Pi that it is plugged into.
func Card(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("make card: %w", err)
	}
	defer f.Close()
	if err := f.Truncate(cardSize); err != nil {
		return fmt.Errorf("make card: %w", err)
	}
	if out, err := exec.Command("/sbin/mkfs.ext4", "-q", path).CombinedOutput(); err != nil {
		return fmt.Errorf("make card: %w: %s", err, out)
	}
	return nil
}
