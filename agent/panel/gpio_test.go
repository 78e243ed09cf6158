package panel

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/skip"
)

// run runs a panel of one button and one lamp on the device files of a
// pattern, and gives what it tells first.
func run(t *testing.T, pattern string) agent.PanelState {
	t.Helper()
	began := time.Now()
	g := New(Config{Buttons: []ButtonLine{{Button: "1", Line: "GPIO17"}}, Lamps: []LampLine{{Lamp: agent.LampReady, Line: "GPIO5"}},
		Long: time.Second, Mono: func() time.Duration { return time.Since(began) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	g.devices = pattern
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	g.Light(agent.LampReady, true) // must not wait for wires
	select {
	case e := <-g.Events():
		return e.(agent.PanelChanged).State
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was told")
		return agent.PanelState{}
	}
}

func TestNoChip(t *testing.T) {
	if got := run(t, filepath.Join(t.TempDir(), "gpiochip*")); got.Fault != ark.PanelNoChip {
		t.Errorf("got %+v, want %s", got, ark.PanelNoChip)
	}
}

func TestADeviceThatIsNoChip(t *testing.T) {
	if paths, _ := filepath.Glob("/dev/gpiochip*"); len(paths) > 0 {
		t.Skip("this machine has GPIO chips of its own")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "gpiochip0"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := run(t, filepath.Join(dir, "gpiochip*")); got.Fault != ark.PanelNoChip {
		t.Errorf("got %+v, want %s", got, ark.PanelNoChip)
	}
}

func TestNoRightToTheChip(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "gpiochip0")
	if err := os.WriteFile(path, nil, 0); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 { // root may open anything: become nobody for a moment, in this thread
		defer asNobody(t, dir)()
	}
	_, err := deviceFiles(filepath.Join(dir, "gpiochip*"))
	if f, ok := err.(fault); !ok || f.word != ark.PanelNoRight {
		t.Errorf("got %v, want %s", err, ark.PanelNoRight)
	}
}

func TestFaultsOfALine(t *testing.T) {
	for err, want := range map[error]string{syscall.EBUSY: ark.PanelTaken, syscall.EPERM: ark.PanelNoRight, syscall.ENODEV: ark.PanelLost, syscall.EINVAL: ark.PanelFailed} {
		f, ok := lineFault("GPIO17", fmt.Errorf("line_request ioctl: %w", err)).(fault)
		if !ok || f.word != want || f.line != "GPIO17" {
			t.Errorf("%v: got %+v, want %s of GPIO17", err, f, want)
		}
	}
}

// asNobody gives this thread's right to pass over file modes away until back
// is called.
func asNobody(t *testing.T, dir string) (back func()) {
	t.Helper()
	for d := dir; d != "/" && d != "."; d = filepath.Dir(d) {
		os.Chmod(d, 0o755) // t.TempDir is root's alone; /tmp itself refuses nothing
		if filepath.Dir(d) == os.TempDir() {
			break
		}
	}
	runtime.LockOSThread()
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, ^uintptr(0), 65534, ^uintptr(0)); errno != 0 {
		runtime.UnlockOSThread()
		skip.Lacking(t, "cannot become nobody: %v", errno)
	}
	return func() {
		syscall.RawSyscall(syscall.SYS_SETRESUID, ^uintptr(0), 0, ^uintptr(0))
		runtime.UnlockOSThread()
	}
}
