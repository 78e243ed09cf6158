package pi

import (
	"fmt"
	"net"
	"strings"
	"time"
)

// PlugUSB plugs a USB sound card in; ALSA calls it "Audio".
func (p *Pi) PlugUSB() error { return p.monitor("device_add usb-audio,id=dac,audiodev=a1") }

// PullUSB pulls it out.
func (p *Pi) PullUSB() error { return p.monitor("device_del dac") }

// monitor gives QEMU a command, and waits for the prompt after it.
func (p *Pi) monitor(command string) error {
	conn, err := net.Dial("unix", p.c.Monitor)
	if err != nil {
		return fmt.Errorf("monitor: %w", err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return fmt.Errorf("monitor: %w", err)
	}
	if _, err := untilPrompt(conn); err != nil {
		return fmt.Errorf("monitor: %w", err)
	}
	if _, err := fmt.Fprintln(conn, command); err != nil {
		return fmt.Errorf("monitor: %s: %w", command, err)
	}
	said, err := untilPrompt(conn)
	if err == nil && strings.Contains(said, "Error") {
		err = fmt.Errorf("%s", strings.TrimSpace(said))
	}
	if err != nil {
		return fmt.Errorf("monitor: %s: %w", command, err)
	}
	return nil
}

func untilPrompt(conn net.Conn) (string, error) {
	var said strings.Builder
	buf := make([]byte, 4096)
	for !strings.HasSuffix(said.String(), "(qemu) ") {
		n, err := conn.Read(buf)
		if err != nil {
			return said.String(), err
		}
		said.Write(buf[:n])
	}
	return said.String(), nil
}
