package pi

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Kernel is where the tests find the kernel of the emulated Pi.
func kernel(t *testing.T) string {
	t.Helper()
	k := os.Getenv("ARK_VM_KERNEL")
	if k == "" {
		if os.Getenv("CI_NO_SKIP") == "1" {
			t.Fatal("no kernel: set ARK_VM_KERNEL (scripts/build-vm-kernel makes one)")
		}
		t.Skip("no kernel for the emulated Pi: set ARK_VM_KERNEL (scripts/build-vm-kernel makes one)")
	}
	return k
}

func TestBootPressAndSound(t *testing.T) {
	k := kernel(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir := t.TempDir()
	initrd, wav := filepath.Join(dir, "initrd.gz"), filepath.Join(dir, "out.wav")
	if err := Initrd(initrd, "../../build/vm/arm64", nil); err != nil {
		t.Fatal(err)
	}
	p, err := Boot(ctx, Config{Kernel: k, Initrd: initrd, WAV: wav})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if got, err := p.Do(ctx, "pull 17 down; value 17; pull 17 up; value 17"); err != nil || strings.Join(strings.Fields(got), " ") != "0 1" {
		t.Fatalf("GPIO17 while pressed and after: %q, %v; want 0 1", got, err)
	}
	if got, err := p.Do(ctx, "dd if=/dev/urandom bs=9600 count=10 2>/dev/null | aplay -q -D plughw:CARD=Intel -t raw -f S16_LE -r 48000 -c 1"); err != nil {
		t.Fatal(got, err)
	}
	if err := p.Quit(ctx); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(wav); err != nil || st.Size() < 96_000 {
		t.Fatalf("the host heard %v, %v; want at least a second's half", st, err)
	}
}
