package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"ark/internal/pgtest"
	"ark/internal/rig"
	"ark/internal/skip"
)

// programs is the folder of the three programs, built once as they are shipped.
var programs struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	pgtest.Stop()
	os.RemoveAll(programs.dir)
	os.Exit(code)
}

// binary is the path of one of the programs.
func binary(t testing.TB, name string) string {
	t.Helper()
	programs.once.Do(func() {
		if programs.dir, programs.err = os.MkdirTemp("", "ark-programs-"); programs.err != nil {
			return
		}
		build := exec.Command("go", "build", "-trimpath", "-o", programs.dir+"/", "ark/cmd/...")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			programs.err = fmt.Errorf("build the programs: %w\n%s", err, out)
		}
	})
	if programs.err != nil {
		t.Fatal(programs.err)
	}
	return filepath.Join(programs.dir, name)
}

// program is one of them, running.
type program struct {
	t     testing.TB
	name  string
	cmd   *exec.Cmd
	log   string
	ended chan struct{}
	err   error // of its end; read after ended is closed
}

// start starts a program; what it says goes to the end of the file log.
func start(t testing.TB, log, name string, args ...string) *program {
	t.Helper()
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p := &program{t: t, name: name, log: log, cmd: exec.Command(binary(t, name), args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // no test leaves one behind
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.err = p.cmd.Wait(); close(p.ended) }() // end waits for it
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// words is the end of the program's log.
func (p *program) words() string { return tail(p.log) }

func tail(log string) string {
	data, err := os.ReadFile(log)
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-3000):])
}

// kill is SIGKILL. A program that had ended by itself is a failure.
func (p *program) kill() {
	p.t.Helper()
	p.mustRun()
	p.cmd.Process.Kill()
	<-p.ended
}

func (p *program) mustRun() {
	p.t.Helper()
	select {
	case <-p.ended:
		p.t.Fatalf("%s ended by itself: %v\n%s", p.name, p.err, p.words())
	default:
	}
}

// stop ends a program as systemd does, and waits.
func (p *program) stop() {
	p.t.Helper()
	p.mustRun()
	p.cmd.Process.Signal(syscall.SIGTERM)
	if code := p.end(); code != 0 {
		p.t.Fatalf("%s ended with %d\n%s", p.name, code, p.words())
	}
}

// end waits for the program's own end and tells its exit code.
func (p *program) end() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.t.Fatalf("%s does not end\n%s", p.name, p.words())
	}
	var exit *exec.ExitError
	if errors.As(p.err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// freeAddr is a loopback address with a port that nobody has, below those
// that the kernel gives to clients.
func freeAddr(t testing.TB) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)))
		if err == nil {
			l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no free port")
	return ""
}

// quietly runs a command that must succeed.
func quietly(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(name), err, bytes.TrimSpace(out))
	}
}

// slow skips a test of the real programs in the inner loop.
func slow(t *testing.T) {
	t.Helper()
	if skip.Quick() {
		t.Skip("slow; ARK_QUICK=1")
	}
}

// random is a seeded source, and says how to have the same again.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	var seed uint64
	if s := os.Getenv("ARK_CHAOS_SEED"); s != "" {
		if _, err := fmt.Sscan(s, &seed); err != nil {
			t.Fatalf("ARK_CHAOS_SEED: %v", err)
		}
	} else {
		var b [4]byte
		rig.Random(b[:])
		for _, x := range b {
			seed = seed<<8 | uint64(x)
		}
	}
	t.Logf("the schedule of faults again: ARK_CHAOS_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// long tells whether the long form was asked for: of the two numbers it
// chooses the second.
func long(short, long int) int {
	if os.Getenv("ARK_CHAOS") == "long" {
		return long
	}
	return short
}
