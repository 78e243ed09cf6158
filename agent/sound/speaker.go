package sound

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/ebitengine/oto/v3"

	"ark"
)

// Speak is the loudspeaker process: it opens the device, plays the samples
// that come in, and reports what the device has taken. It returns when in
// ends (the agent is gone) or the device does. oto allows one context in a
// process and cannot heal a lost device, so a process is what is replaced.
func Speak(in io.Reader, out io.Writer, buffer time.Duration) error {
	ctx, ready, err := oto.NewContext(&oto.NewContextOptions{SampleRate: ark.SampleRate, ChannelCount: 1,
		Format: oto.FormatSignedInt16LE, BufferSize: buffer, ApplicationName: "Service Ark"})
	if err != nil {
		return fmt.Errorf("open sound device: %w", err)
	}
	select {
	case <-ready:
	case <-time.After(10 * time.Second):
		return errors.New("open sound device: it does not answer")
	}
	if err := ctx.Err(); err != nil { // a failed start shows only here
		return fmt.Errorf("open sound device: %w", err)
	}
	s := &mouth{ctx: ctx, out: bufio.NewWriter(out), buffer: buffer, tape: newTape(), messages: make(chan message, 16)}
	s.beat.start(ctx)
	s.tell(repReady, 0)
	go s.read(in) // ends with the process: a blocked read of stdin cannot be stopped otherwise
	return s.run()
}

type message struct {
	kind    byte
	payload []byte
	err     error
}

// mouth is the loudspeaker process's state.
type mouth struct {
	ctx      *oto.Context
	out      *bufio.Writer
	buffer   time.Duration
	tape     *tape
	player   *oto.Player
	told     int64
	beat     beat
	messages chan message
}

func (s *mouth) read(in io.Reader) {
	r := bufio.NewReaderSize(in, maxMessage)
	var head [5]byte
	for {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			s.messages <- message{err: err}
			return
		}
		n := binary.BigEndian.Uint32(head[1:])
		if n > maxMessage {
			s.messages <- message{err: errors.New("a message that is too long")}
			return
		}
		m := message{kind: head[0], payload: make([]byte, n)}
		if _, err := io.ReadFull(r, m.payload); err != nil {
			s.messages <- message{err: err}
			return
		}
		s.messages <- m
	}
}

func (s *mouth) run() error {
	tick := time.NewTicker(3 * time.Millisecond)
	tick.Stop()
	rest := time.NewTicker(beatEvery)
	defer rest.Stop()
	for {
		select {
		case <-rest.C:
			if err := s.ctx.Err(); err != nil {
				return fmt.Errorf("sound device: %w", err)
			}
			if n, more := s.beat.count(); more {
				s.tell(repAlive, n)
			}
		case m := <-s.messages:
			if m.err != nil {
				if errors.Is(m.err, io.EOF) {
					return nil
				}
				return fmt.Errorf("read samples: %w", m.err)
			}
			s.take(m)
			if s.player != nil {
				tick.Reset(3 * time.Millisecond)
			}
		case <-tick.C:
			if err := s.ctx.Err(); err != nil {
				return fmt.Errorf("sound device: %w", err)
			}
			if s.progress() {
				tick.Stop()
			}
		}
	}
}

// take does what a message asks for.
func (s *mouth) take(m message) {
	switch {
	case m.kind == msgSamples:
		s.tape.add(m.payload)
		if s.player == nil {
			s.begin()
		}
	case s.player == nil: // the program has ended, and the report of it is under way
	case m.kind == msgEnd:
		s.tape.finish()
	case m.kind == msgHush:
		s.tape.fade()
	}
}

// begin starts a player on the tape. Its own buffer is one device buffer, so
// that little is between a press and the loudspeaker.
func (s *mouth) begin() {
	s.player = s.ctx.NewPlayer(s.tape)
	s.player.SetBufferSize(int(s.buffer.Seconds()*ark.SampleRate) * 2)
	s.player.Play()
}

// progress reports what the device has taken. over: the program has ended.
func (s *mouth) progress() (over bool) {
	if s.player == nil {
		return true
	}
	playing := s.player.IsPlaying()
	consumed := max(s.tape.taken()-int64(s.player.BufferedSize()/2), 0)
	if s.tape.done() && !playing {
		s.player, s.tape, s.told = nil, newTape(), 0
		s.tell(repEnded, consumed)
		return true
	}
	if consumed > s.told {
		s.told = consumed
		s.tell(repConsumed, consumed)
	}
	return false
}

func (s *mouth) tell(kind byte, n int64) {
	s.out.WriteByte(kind)
	s.out.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	s.out.Flush() // a parent that is gone shows at the other pipe
}

// tape is what waits to be played. Reading it never waits.
type tape struct {
	mu     sync.Mutex
	data   []byte
	read   int64 // frames of the program that were read
	last   bool  // no more comes
	fading int   // frames of the fade still to come; -1: no fade
}

func newTape() *tape { return &tape{fading: -1} }

// fadeFrames is 20 ms.
const fadeFrames = ark.SampleRate / 50

func (t *tape) add(samples []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.last {
		t.data = append(t.data, samples...)
	}
}

func (t *tape) finish() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = true
}

// fade lets the next 20 ms die away and drops the rest.
func (t *tape) fade() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fading >= 0 {
		return
	}
	t.last, t.fading = true, fadeFrames
	if len(t.data) > 2*fadeFrames {
		t.data = t.data[:2*fadeFrames]
	}
	n := len(t.data) / 2
	for i := range n {
		v := int32(int16(binary.LittleEndian.Uint16(t.data[2*i:])))
		binary.LittleEndian.PutUint16(t.data[2*i:], uint16(int16(v*int32(n-i)/int32(n))))
	}
}

// Read is oto's: it gives what is there, and io.EOF once all was given.
func (t *tape) Read(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := copy(b[:len(b)&^1], t.data)
	t.data = t.data[n:]
	t.read += int64(n / 2)
	if n == 0 && t.last {
		return 0, io.EOF
	}
	return n, nil
}

func (t *tape) taken() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.read
}

func (t *tape) done() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last && len(t.data) == 0
}
