package sound

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"ark"
	"ark/internal/skip"
)

// pulse is a sound server of the test's own with a null sink.
type pulse struct {
	cmd    *exec.Cmd
	server string
}

func needs(t testing.TB, tools ...string) {
	t.Helper()
	if skip.Quick() {
		t.Skip("not in the quick run")
	}
	skip.WithoutTools(t, tools...)
}

func startPulse(t testing.TB) *pulse {
	t.Helper()
	needs(t, "pulseaudio", "parec", "pactl")
	dir, err := os.MkdirTemp("", "pulse") // a short path: it becomes a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &pulse{server: "unix:" + filepath.Join(dir, "s")}
	p.cmd = exec.Command("pulseaudio", "-n", "--daemonize=no", "--system=no", "--disallow-exit=yes", "--exit-idle-time=-1", "--use-pid-file=no",
		"--load=module-native-protocol-unix auth-anonymous=1 socket="+filepath.Join(dir, "s"),
		// Without norewinds a null sink that nobody hears renders two seconds at
		// a time, and who connects to it waits for that long; no card does so.
		"--load=module-null-sink sink_name=null rate=48000 channels=1 norewinds=1")
	p.cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_RUNTIME_DIR="+dir)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	deadline := time.Now().Add(time.Minute)
	for p.answers() != nil {
		if time.Now().After(deadline) {
			t.Fatal("the sound server does not start")
		}
	}
	return p
}

// answers asks the server, which may take the question and never answer it.
func (p *pulse) answers() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, "pactl", "info")
	c.Env = p.env()
	return c.Run()
}

func (p *pulse) kill() {
	p.cmd.Process.Signal(syscall.SIGCONT)
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

func (p *pulse) env() []string { return append(os.Environ(), "PULSE_SERVER="+p.server) }

func (p *pulse) tool(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Env = p.env()
	return c
}

// speaker is the loudspeaker process: this test binary with a word.
func (p *pulse) speaker(t testing.TB) func() *exec.Cmd { return p.speakerWith(t, 20*time.Millisecond) }

func (p *pulse) speakerWith(t testing.TB, buffer time.Duration) func() *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return func() *exec.Cmd {
		c := p.tool(self)
		c.Env = append(c.Env, "ARK_TEST_SPEAKER="+buffer.String())
		return c
	}
}

func TestMain(m *testing.M) {
	if file := os.Getenv("ARK_TEST_PUPPET"); file != "" {
		puppet(file)
		os.Exit(0)
	}
	if word := os.Getenv("ARK_TEST_SPEAKER"); word != "" {
		buffer, err := time.ParseDuration(word)
		if err == nil {
			err = Speak(os.Stdin, os.Stdout, buffer)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// record listens at the sink until stop, and returns the samples.
func (p *pulse) record(t testing.TB) (stop func() []int16) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := p.tool("parec", "-d", "null.monitor", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=100", "--raw")
	var out lockedBuffer
	c.Stdout = &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); c.Process.Kill(); c.Wait() })
	for deadline := time.Now().Add(5 * time.Second); out.len() == 0 && time.Now().Before(deadline) && ctx.Err() == nil; {
		time.Sleep(time.Millisecond) // parec tells nothing but its samples
	}
	return func() []int16 {
		const tail = ark.SampleRate * 2 // bytes of one second: what the device took must still sound
		for until, deadline := out.len()+tail, time.Now().Add(20*time.Second); out.len() < until && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		c.Process.Signal(syscall.SIGINT)
		c.Wait()
		return out.samples()
	}
}
