package sound

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Recorder makes the processes that record from a device: "pulse" or
// "pulse:<source>" at a sound server, else an ALSA device, best named by the
// id of its card, such as "plughw:CARD=Device".
func Recorder(device string) func() *exec.Cmd {
	return func() *exec.Cmd {
		var c *exec.Cmd
		if server, source, _ := strings.Cut(device, ":"); server == "pulse" {
			args := []string{"--raw", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=20"}
			if source != "" {
				args = append(args, "--device="+source)
			}
			c = exec.Command("parec", args...)
		} else {
			c = exec.Command("arecord", "-q", "-D", device, "-t", "raw", "-f", "S16_LE", "-r", "48000", "-c", "1",
				"--buffer-time=80000", "--period-time=10000")
		}
		c.Env = plainALSA(os.Environ())
		return c
	}
}

// capturePipe is the most that may lie between a recording process and us: 43
// ms. One that is not read stops to record, and what it then loses is time
// that nobody has to catch up with.
const capturePipe = 4 << 10

// Capture makes what opens an input: a process that records, 48 kHz, mono, 16
// bit, little-endian, at its standard output. What it opened ends by Close,
// which waits for the process, or with its ctx; why a process ended by itself
// is the error of the last Read.
func Capture(command func() *exec.Cmd) func(context.Context) (io.ReadCloser, error) {
	return func(ctx context.Context) (io.ReadCloser, error) {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("open input: %w", err)
		}
		c := &capture{cmd: command(), said: &tail{}}
		c.cmd.Stderr, c.cmd.WaitDelay = c.said, time.Second
		out, err := c.cmd.StdoutPipe()
		if err != nil {
			return nil, fmt.Errorf("open input: %w", err)
		}
		c.out = out
		if f, ok := out.(*os.File); ok {
			unix.FcntlInt(f.Fd(), unix.F_SETPIPE_SZ, capturePipe) // without it only more is kept
			unix.SetNonblock(int(f.Fd()), true)                   // Fd has made it blocking; a Read must end with Close
		}
		if err := c.cmd.Start(); err != nil {
			return nil, fmt.Errorf("open input: %w", err)
		}
		c.forget = context.AfterFunc(ctx, func() { c.cmd.Process.Kill() })
		return c, nil
	}
}

// capture is an input that is open.
type capture struct {
	cmd    *exec.Cmd
	out    io.ReadCloser
	said   *tail
	forget func() bool // the ctx
	once   sync.Once
}

func (c *capture) Read(b []byte) (int, error) {
	n, err := c.out.Read(b)
	if err != nil {
		c.Close() // its last word may still be on the way when its samples have ended
		err = fmt.Errorf("input ended: %w: %s", err, c.said.line())
	}
	return n, err
}

// Close ends the process and waits for it. A Read that waits ends.
func (c *capture) Close() error {
	c.once.Do(func() {
		c.forget()
		c.cmd.Process.Kill()
		c.out.Close()
		c.cmd.Wait() // that it was killed is no news
	})
	return nil
}
