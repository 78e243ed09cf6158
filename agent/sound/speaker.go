package sound

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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
			if n, more := s.beat.count(s.ctx); more {
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
	case m.kind == msgSplit && len(m.payload) >= 8:
		from := int64(binary.BigEndian.Uint64(m.payload))
		if read := s.tape.split(from, m.payload[8:]); read >= 0 {
			s.tell(repLate, read)
		} else {
			s.tell(repSplit, from)
		}
	case m.kind == msgEnd && s.player != nil: // else the stream has ended, and the report of it is under way
		s.tape.finish()
	}
}

// begin starts a player on the tape. Its own buffer is one device buffer, so
// that little is between a press and the loudspeaker.
func (s *mouth) begin() {
	s.player = s.ctx.NewPlayer(s.tape)
	size := int(s.buffer.Seconds()*ark.SampleRate) * 2
	s.player.SetBufferSize(size)
	s.tape.holds(size, s.player.BufferedSize)
	s.player.Play()
}

// progress reports what the device has taken. over: the stream has ended.
func (s *mouth) progress() (over bool) {
	if s.player == nil {
		return true
	}
	playing := s.player.IsPlaying()
	consumed, sure := s.tape.consumed(time.Now())
	if s.tape.done() && !playing {
		s.player, s.tape, s.told = nil, newTape(), 0
		s.tell(repEnded, consumed)
		return true
	}
	if sure && consumed > s.told {
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
