package sound

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os/exec"
	"sync"
	"time"

	"ark"
)

// studio makes loudspeaker processes that live in this one and keep its time,
// so that in a synctest bubble a day is over in minutes. They speak to the
// player through the same two pipes, by the same messages, as the real ones.
type studio struct {
	mu     sync.Mutex
	now    *fakeSpeaker
	refuse int   // the next so many cannot open their device
	begun  int   // speakers that were started
	total  int64 // frames that all devices have taken
}

// start takes the place of startChild.
func (st *studio) start(*exec.Cmd) (*childDevice, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.begun++
	ourIn, in := io.Pipe()
	back, ourOut := io.Pipe()
	f := &fakeSpeaker{studio: st, in: ourIn, out: ourOut, tape: newTape(), messages: make(chan message, 16), killed: make(chan struct{}), frozen: make(chan time.Duration, 1)}
	if st.refuse > 0 {
		st.refuse--
		f.kill()
	}
	st.now = f
	f.done.Go(f.read)
	f.done.Go(f.run)
	return newChild(in, back, &tail{}, f.kill, f.wait), nil
}

// trouble does something to the device that is open.
func (st *studio) trouble(do func(*fakeSpeaker)) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.now != nil {
		do(st.now)
	}
}

func (st *studio) refuseNext(n int) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.refuse = n
}

// fakeSpeaker is a loudspeaker process whose device takes frames at its pace,
// ten milliseconds at a time, off the same tape as the real one.
type fakeSpeaker struct {
	studio   *studio
	in       *io.PipeReader
	out      *io.PipeWriter
	tape     *tape
	took     int64     // frames of the stream
	began    time.Time // of the stream; zero: none
	messages chan message
	frozen   chan time.Duration
	killed   chan struct{}
	once     sync.Once
	done     sync.WaitGroup
}

func (f *fakeSpeaker) kill() {
	f.once.Do(func() { close(f.killed); f.in.Close(); f.out.Close() })
}

func (f *fakeSpeaker) wait() error { f.done.Wait(); return errors.New("killed") }

func (f *fakeSpeaker) freeze(d time.Duration) {
	select {
	case f.frozen <- d:
	default: // it is already
	}
}

func (f *fakeSpeaker) read() {
	r := bufio.NewReader(f.in)
	var head [5]byte
	for {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return
		}
		m := message{kind: head[0], payload: make([]byte, binary.BigEndian.Uint32(head[1:]))}
		if _, err := io.ReadFull(r, m.payload); err != nil {
			return
		}
		select {
		case f.messages <- m:
		case <-f.killed:
			return
		}
	}
}

func (f *fakeSpeaker) run() {
	f.say(repReady, 0)
	step, beat := time.NewTicker(10*time.Millisecond), time.NewTicker(beatEvery)
	defer step.Stop()
	defer beat.Stop()
	step.Stop()
	for {
		select {
		case <-f.killed:
			return
		case d := <-f.frozen:
			select {
			case <-time.After(d):
			case <-f.killed:
				return
			}
		case m := <-f.messages:
			f.take(m)
			if !f.began.IsZero() {
				step.Reset(10 * time.Millisecond)
			}
		case <-beat.C:
			f.say(repAlive, 1)
		case <-step.C:
			if f.consume() {
				step.Stop()
			}
		}
	}
}

func (f *fakeSpeaker) take(m message) {
	switch m.kind {
	case msgSamples:
		if f.tape.add(m.payload); f.began.IsZero() {
			f.began = time.Now()
		}
	case msgSplit:
		from := int64(binary.BigEndian.Uint64(m.payload))
		if read := f.tape.split(from, m.payload[8:]); read >= 0 {
			f.say(repLate, read)
		} else {
			f.say(repSplit, from)
		}
	case msgEnd:
		f.tape.finish()
	}
}

// consume takes what is due by now. over: the stream has ended.
func (f *fakeSpeaker) consume() (over bool) {
	due := int64(time.Since(f.began).Seconds()*ark.SampleRate) - f.took
	n, err := f.tape.Read(make([]byte, 2*min(due, ark.SampleRate)))
	f.took += int64(n / 2)
	f.studio.mu.Lock()
	f.studio.total += int64(n / 2)
	f.studio.mu.Unlock()
	if err == io.EOF {
		f.say(repEnded, f.took)
		f.tape, f.took, f.began = newTape(), 0, time.Time{}
		return true
	}
	if int64(n/2) < due { // it had nothing to play: its clock goes on
		f.began = time.Now().Add(-time.Duration(f.took) * time.Second / ark.SampleRate)
	}
	f.say(repConsumed, f.took)
	return false
}

func (f *fakeSpeaker) say(kind byte, n int64) {
	f.out.Write(binary.BigEndian.AppendUint64([]byte{kind}, uint64(n)))
}
