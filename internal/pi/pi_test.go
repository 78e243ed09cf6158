package pi

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestBootPressAndSound(t *testing.T) {
	k := Kernel(t)
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
	if heard, err := Heard(wav); err != nil || len(heard) < soundRate/2 {
		t.Fatalf("the host heard %d samples, %v; want at least half a second", len(heard), err)
	}
}
