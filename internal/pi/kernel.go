package pi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"testing"

	"ark/internal/skip"
)

// Kernel is where tests find the kernel of the emulated Pi. Without one the
// test is skipped, and says so; where nothing may be skipped it fails.
func Kernel(t testing.TB) string {
	t.Helper()
	if skip.Quick() {
		t.Skip("no emulated Pi in the quick run (ARK_QUICK=1)")
	}
	kernel := os.Getenv("ARK_VM_KERNEL")
	if kernel == "" {
		skip.Lacking(t, "no kernel for the emulated Pi: set ARK_VM_KERNEL (scripts/build-vm-kernel makes one)")
	}
	return kernel
}

// wavHead is the size of the header that QEMU writes.
const wavHead = 44

// Heard reads the WAV file of a Pi that has been powered off: the left
// channel, 48,000 samples a second.
func Heard(path string) ([]int16, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read what was heard: %w", err)
	}
	if len(data) < wavHead || string(data[:4]) != "RIFF" {
		return nil, errors.New("read what was heard: no WAV header")
	}
	channels, rate := int(binary.LittleEndian.Uint16(data[22:])), binary.LittleEndian.Uint32(data[24:])
	if rate != soundRate || channels < 1 || binary.LittleEndian.Uint16(data[34:]) != 16 {
		return nil, fmt.Errorf("read what was heard: %d Hz, %d channels", rate, channels)
	}
	samples := make([]int16, 0, len(data)/2/channels)
	for rest := data[wavHead:]; len(rest) >= 2*channels; rest = rest[2*channels:] {
		samples = append(samples, int16(binary.LittleEndian.Uint16(rest)))
	}
	return samples, nil
}
