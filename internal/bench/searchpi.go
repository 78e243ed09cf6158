package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"ark/internal/pi"
)

// searchPi is search on the emulated Pi, which takes its time: it is measured
// only when it is asked for.
func searchPi(t *bench) []figure {
	kernel, userland := pi.Kernel(t), filepath.Join("build", "vm", "arm64")
	dir := t.TempDir()
	program, initrd := filepath.Join(dir, "bench"), filepath.Join(dir, "initrd.gz")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "ark/internal/bench")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build for the Pi: %v\n%s", err, out)
	}
	t.check(pi.Initrd(initrd, userland, map[string]pi.File{"/usr/bin/bench": {From: program, Mode: 0o755}}))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	p, err := pi.Boot(ctx, pi.Config{Kernel: kernel, Initrd: initrd, WAV: filepath.Join(dir, "out.wav")})
	t.check(err)
	defer p.Close()
	out, err := p.Do(ctx, "GOMEMLIMIT=300MiB /usr/bin/bench -only search -out /tmp/figures >/dev/null 2>&1; cat /tmp/figures")
	t.check(err)
	var all []figure
	for line := range strings.Lines(out) {
		var f figure
		if json.Unmarshal([]byte(line), &f) != nil {
			continue
		}
		f.Name, f.Goal, f.Met = strings.Replace(f.Name, "search as one types", "the same on the emulated Pi", 1), "", nil
		if f.Unit == "ms" && strings.Contains(f.Name, "p99") {
			f = f.most(300)
		}
		all = append(all, f)
	}
	if len(all) == 0 {
		t.Fatalf("no figures came: %s", out)
	}
	return all
}
