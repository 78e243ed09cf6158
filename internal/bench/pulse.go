package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"ark"
)

// pulse is a sound server of the bench's own with a null sink.
type pulse struct {
	server  string
	process *os.Process
}

func startPulse(t *bench) *pulse {
	dir, err := os.MkdirTemp("", "pulse") // a short path: it becomes a socket
	t.check(err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &pulse{server: "unix:" + filepath.Join(dir, "s")}
	cmd := exec.Command("pulseaudio", "-n", "--daemonize=no", "--system=no", "--disallow-exit=yes", "--exit-idle-time=-1", "--use-pid-file=no",
		"--load=module-native-protocol-unix auth-anonymous=1 socket="+filepath.Join(dir, "s"),
		"--load=module-null-sink sink_name=null rate=48000 channels=1")
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_RUNTIME_DIR="+dir)
	start(t, cmd)
	p.process = cmd.Process
	for deadline := time.Now().Add(10 * time.Second); p.tool("pactl", "info").Run() != nil; {
		if time.Now().After(deadline) {
			t.Fatal("the sound server does not start")
		}
	}
	return p
}

// start starts a process that ends with the measurement.
func start(t *bench, cmd *exec.Cmd) {
	t.check(cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
}

func (p *pulse) tool(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "PULSE_SERVER="+p.server)
	return c
}

// listen tells when something begins to sound at the sink's monitor after a
// tenth of a second of silence: when its first sample was read there, so how
// long the server and the monitor kept it is in it.
func (p *pulse) listen(t *bench) <-chan time.Time {
	c := p.tool("parec", "-d", "null.monitor", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=5", "--raw")
	out, err := c.StdoutPipe()
	t.check(err)
	start(t, c)
	heard, quiet := make(chan time.Time, 16), make(chan struct{})
	go listen(out, heard, sync.OnceFunc(func() { close(quiet) }))
	select {
	case <-quiet: // it listens
	case <-time.After(20 * time.Second):
		t.Fatal("the monitor cannot be listened to")
	}
	return heard
}

// listen calls atRest whenever it has been quiet for long enough that a sound
// counts as a beginning.
func listen(out io.Reader, heard chan<- time.Time, atRest func()) {
	const rest, loud = ark.SampleRate / 10, 16
	in := bufio.NewReader(out)
	var b [2]byte
	for quiet := 0; ; {
		if _, err := io.ReadFull(in, b[:]); err != nil {
			return
		}
		if v := int16(binary.LittleEndian.Uint16(b[:])); v < loud && v > -loud {
			if quiet++; quiet == rest {
				atRest()
			}
			continue
		}
		if quiet >= rest {
			select {
			case heard <- time.Now():
			default: // nobody waits for so many
			}
		}
		quiet = 0
	}
}
