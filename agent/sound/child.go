package sound

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

// The pipe to the child carries messages of a type byte, a length of four
// bytes (big-endian) and that many bytes. The pipe back carries reports of
// nine bytes: a type byte and a number (big-endian).
const (
	msgSamples = 'p'
	msgSplit   = 's' // the frame from which on the samples after it take the place of what was sent, eight bytes
	msgEnd     = 'e'

	repReady    = 'r' // the device is open
	repConsumed = 'c' // frames of the present stream
	repEnded    = 'd' // the stream is over; frames consumed in all
	repSplit    = 's' // the split was done; its frame
	repLate     = 'l' // the split came too late; frames that were read by then, or closed
	repAlive    = 'a' // at rest: how often the device has taken the silence it was given
)

const maxMessage = 64 << 10

// closed, for a frame, is after every frame: the stream is at its end, and
// the report of it is under way.
const closed = 1<<62 - 1

// childDevice is the loudspeaker process.
type childDevice struct {
	kill  func()       // ends the process
	wait  func() error // for its end, once
	said  *tail
	in    io.WriteCloser
	back  io.ReadCloser
	queue chan []byte
	out   chan report
	ready chan struct{} // closed when the device is open
	gone  chan struct{} // closed when the process has ended
	done  sync.WaitGroup
	once  sync.Once
	err   error // why it ended; valid once gone is closed

	mu    sync.Mutex
	spoke time.Time // when it last told of its device
}

// lastWord is when the process last told of its device.
func (d *childDevice) lastWord() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.spoke
}

func (d *childDevice) hear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.spoke = time.Now()
}

// startChild starts the loudspeaker process; command is its command line.
func startChild(command *exec.Cmd) (*childDevice, error) {
	said := &tail{}
	command.Stderr = said
	command.WaitDelay = time.Second // a sound server that it started may hold its standard error
	in, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start loudspeaker: %w", err)
	}
	back, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start loudspeaker: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start loudspeaker: %w", err)
	}
	return newChild(in, back, said, func() { command.Process.Kill() }, command.Wait), nil
}

// newChild is the device at the two pipes of a process.
func newChild(in io.WriteCloser, back io.ReadCloser, said *tail, kill func(), wait func() error) *childDevice {
	d := &childDevice{kill: kill, wait: wait, said: said, in: in, back: back, queue: make(chan []byte, 64), out: make(chan report, 256),
		ready: make(chan struct{}), gone: make(chan struct{})}
	d.done.Go(d.feed)
	d.done.Go(d.listen)
	return d
}

// feed writes what is queued. A child that does not read blocks only this.
func (d *childDevice) feed() {
	for {
		select {
		case m := <-d.queue:
			if _, err := d.in.Write(m); err != nil {
				<-d.gone
				return
			}
		case <-d.gone:
			return
		}
	}
}

// listen reads reports until the child ends.
func (d *childDevice) listen() {
	defer close(d.out)
	in := bufio.NewReader(d.back)
	var b [9]byte
	opened := false
	for {
		if _, err := io.ReadFull(in, b[:]); err != nil {
			break
		}
		d.hear()
		n := int64(binary.BigEndian.Uint64(b[1:]) & (1<<62 - 1))
		switch b[0] {
		case repReady:
			if !opened {
				opened = true
				close(d.ready)
			}
		case repConsumed, repEnded, repSplit, repLate:
			d.out <- report{b[0], n}
		}
	}
	d.kill()
	if err := d.wait(); err != nil {
		d.err = fmt.Errorf("%w: %s", err, d.said.line())
	}
	close(d.gone)
}

func (d *childDevice) send(kind byte, payload []byte) error {
	m := make([]byte, 5, 5+len(payload))
	m[0] = kind
	binary.BigEndian.PutUint32(m[1:], uint32(len(payload)))
	select {
	case d.queue <- append(m, payload...):
		return nil
	case <-d.gone:
		return errGone
	default:
		return errGone // 64 messages unread: it is as good as gone
	}
}

func (d *childDevice) write(samples []byte) error { return d.send(msgSamples, samples) }
func (d *childDevice) end() error                 { return d.send(msgEnd, nil) }
func (d *childDevice) split(from int64, samples []byte) error {
	return d.send(msgSplit, append(binary.BigEndian.AppendUint64(nil, uint64(from)), samples...))
}
func (d *childDevice) reports() <-chan report { return d.out }

func (d *childDevice) close() {
	d.once.Do(func() {
		d.kill()
		d.back.Close()    // whoever inherited the other end does not keep us
		for range d.out { // let listen end
		}
		d.done.Wait()
		d.in.Close()
	})
}
