package pi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// Config is how to build a Pi.
type Config struct {
	Kernel  string         // the arm64 Image
	Initrd  string         // as Initrd made it
	WAV     string         // where the sound goes on the host
	Card    string         // a raw ext4 image for /data; empty: none
	Forward map[int]string // guest TCP port to host address "127.0.0.1:port"
	Clock   string         // -rtc base, such as "1970-01-02"; empty: now
	Monitor string         // path of a socket for Monitor; empty: none
	USBWAV  string         // where the sound of a USB sound card (PlugUSB) goes; empty: there is no USB
}

// Pi is a running emulated Pi. The host is 10.0.2.2 to it.
type Pi struct {
	c     Config
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
	ended chan struct{}
	mu    sync.Mutex
	log   strings.Builder
}

// Boot starts a Pi and waits until its init takes commands. It runs until
// ctx ends or Close.
func Boot(ctx context.Context, c Config) (*Pi, error) {
	p := &Pi{c: c, cmd: exec.CommandContext(ctx, "qemu-system-aarch64", args(c)...), lines: make(chan string, 1024), ended: make(chan struct{})}
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("boot emulated Pi: %w", err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("boot emulated Pi: %w", err)
	}
	p.cmd.Stderr = logWriter{p} // QEMU's own words must not come between the console's
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("boot emulated Pi: %w", err)
	}
	go p.read(out)
	if err := p.await(ctx, func(line string) bool { return strings.HasPrefix(line, "@ready") }); err != nil {
		p.Close()
		return nil, fmt.Errorf("boot emulated Pi: %w\n%s", err, p.Log())
	}
	return p, nil
}

// soundRate is the rate of the WAV file, that of the vans' recordings: nothing
// is resampled on the way.
const soundRate = 48_000

func args(c Config) []string {
	clock := c.Clock
	if clock == "" {
		clock = "utc"
	}
	net := "user,id=n0"
	for guest, host := range c.Forward {
		net += ",hostfwd=tcp:" + host + "-:" + strconv.Itoa(guest)
	}
	a := []string{
		"-M", "virt", "-cpu", "cortex-a72", "-smp", "2", "-m", "512", "-nographic", "-no-reboot",
		"-kernel", c.Kernel, "-initrd", c.Initrd, "-append", "console=ttyAMA0 quiet panic=-1",
		"-audiodev", fmt.Sprintf("wav,id=a0,path=%s,out.frequency=%d", c.WAV, soundRate), "-device", "intel-hda", "-device", "hda-output,use-timer=off,audiodev=a0",
		"-netdev", net, "-device", "virtio-net-device,netdev=n0", "-rtc", "base=" + clock,
	}
	if c.Monitor != "" {
		a = append(a, "-monitor", "unix:"+c.Monitor+",server=on,wait=off")
	}
	if c.USBWAV != "" {
		a = append(a, "-device", "qemu-xhci", "-audiodev", fmt.Sprintf("wav,id=a1,path=%s,out.frequency=%d", c.USBWAV, soundRate))
	}
	if c.Card != "" {
		a = append(a, "-drive", "if=none,id=card,format=raw,cache=writeback,file="+c.Card, "-device", "virtio-blk-device,drive=card")
	}
	return a
}

// logWriter keeps what is written for Log.
type logWriter struct{ *Pi }

func (w logWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(b)
}

func (p *Pi) read(out io.Reader) {
	defer close(p.ended)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), "\r")
		p.mu.Lock()
		p.log.WriteString(line + "\n")
		p.mu.Unlock()
		select {
		case p.lines <- line:
		default: // nobody listens: the log has it
		}
	}
}

func (p *Pi) await(ctx context.Context, want func(string) bool) error {
	for {
		select {
		case line := <-p.lines:
			if want(line) {
				return nil
			}
		case <-p.ended:
			return errors.New("it has stopped")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Do runs one line of shell on the Pi and waits for its end. A non-zero exit
// code is an error. The output is returned.
func (p *Pi) Do(ctx context.Context, line string) (string, error) {
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		return "", fmt.Errorf("emulated Pi: %s: %w", line, err)
	}
	var output strings.Builder
	code := ""
	err := p.await(ctx, func(l string) bool {
		if rest, ok := strings.CutPrefix(l, "@done "); ok {
			code = rest
			return true
		}
		if l != line { // the console echoes
			output.WriteString(l + "\n")
		}
		return false
	})
	if err == nil && code != "0" {
		err = fmt.Errorf("exit code %s", code)
	}
	if err != nil {
		return output.String(), fmt.Errorf("emulated Pi: %s: %w\n%s", line, err, output.String())
	}
	return output.String(), nil
}

// Log is all that the console has shown.
func (p *Pi) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// Quit powers the Pi off in order, so that the WAV file is closed properly.
func (p *Pi) Quit(ctx context.Context) error {
	if _, err := io.WriteString(p.in, "sync; poweroff -f\n"); err != nil {
		return fmt.Errorf("power off emulated Pi: %w", err)
	}
	select {
	case <-p.ended:
		return p.Close()
	case <-ctx.Done():
		p.Close()
		return ctx.Err()
	}
}

// Close kills the Pi, if it still runs, and waits for its end.
func (p *Pi) Close() error {
	p.cmd.Process.Kill()
	<-p.ended
	p.cmd.Wait() // its exit code says only that it was killed
	return nil
}
