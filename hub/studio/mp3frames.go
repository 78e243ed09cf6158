package studio

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"ark/hub"
)

// Limits of what stands between frames.
const (
	mp3Junk   = 64 << 10 // bytes, together
	mp3Reach  = 4 << 10  // a frame and the header after it
	mp3Delay  = 529      // frames by which any decoder is late
	mp3Finest = 16       // a header with less behind it is none
)

// mp3Frames gives the frames of a file, one after the other, without tags and
// what else stands between them.
type mp3Frames struct {
	r      *bufio.Reader
	form   mp3Header // of the first frame
	frame  []byte    // what is left of the present one
	junk   int
	seen   int    // frames
	told   int    // frames by the Xing header; 0: it does not say
	skip   int    // samples of each channel that the encoder put in front
	length int64  // samples of each channel that the encoder was given; below 0: unknown
	held   []byte // main data of the frames before, for alone
	err    error  // why it ended, other than io.EOF
}

// begin finds the first frame, and reads what it says if it is a header of
// Xing's kind.
func (f *mp3Frames) begin() error {
	f.length = -1
	if err := f.load(); err != nil {
		if err == io.EOF {
			return refuse(hub.RefusedUnknown, "no MP3 frame in it")
		}
		return err
	}
	f.xing()
	return nil
}

// xingAt is where a header of Xing's kind begins in the present frame; below
// 0: it has none.
func (f *mp3Frames) xingAt() int {
	head := f.frame[:min(len(f.frame), 48)]
	return max(bytes.Index(head, []byte("Xing")), bytes.Index(head, []byte("Info")))
}

// xing reads the header that LAME and FFmpeg put into a first, silent frame
// (as both write it), and then forgets that frame.
func (f *mp3Frames) xing() {
	at := f.xingAt()
	if at < 0 || len(f.frame) < at+8 {
		return
	}
	rest, flags := f.frame[at+8:], f.frame[at+7]
	f.frame = nil
	f.seen = 0
	for bit, size := range []int{4, 4, 100, 4} {
		if flags>>bit&1 == 0 {
			continue
		}
		if len(rest) < size {
			return
		}
		if bit == 0 {
			f.told = int(binary.BigEndian.Uint32(rest))
		}
		rest = rest[size:]
	}
	if len(rest) < 24 || f.told == 0 {
		return
	}
	delay, padding := int(rest[21])<<4|int(rest[22])>>4, int(rest[22]&15)<<8|int(rest[23])
	if whole := int64(f.told)*int64(f.form.samples()) - int64(delay+padding); delay > 0 && whole > 0 {
		f.skip, f.length = delay+mp3Delay, whole
	}
}

// Read gives frames.
func (f *mp3Frames) Read(p []byte) (int, error) {
	if len(f.frame) == 0 {
		if err := f.load(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.frame)
	f.frame = f.frame[n:]
	return n, nil
}

// because is the true reason of an error of the decoder, which takes any end
// for a good one.
func (f *mp3Frames) because(err error) error {
	switch {
	case f.err != nil:
		return f.err
	case err != io.EOF && err != io.ErrUnexpectedEOF:
		return fmt.Errorf("MP3: %w", err)
	case f.seen+1 < f.told:
		return fmt.Errorf("MP3: cut short: %d frames of %d", f.seen, f.told)
	}
	return io.EOF
}

// load reads the next frame.
func (f *mp3Frames) load() error {
	for {
		head, err := f.r.Peek(4)
		if len(head) < 4 {
			if err != io.EOF {
				f.err = err
			}
			return err
		}
		h := mp3Header(binary.BigEndian.Uint32(head))
		if f.seen > 0 && (bytes.HasPrefix(head, []byte("TAG")) || string(head) == "APET") {
			return io.EOF // ID3v1 or APE tags follow the last frame
		}
		ok, err := f.judge(h)
		if err != nil {
			f.err = err
			return err
		}
		if !ok {
			if f.junk++; f.junk > mp3Junk {
				f.err = fmt.Errorf("MP3: more than %d bytes that are no frames", mp3Junk)
				return f.err
			}
			f.r.Discard(1)
			continue
		}
		return f.take(h)
	}
}

// take reads the frame of a header that was judged good. The last may be cut
// short, as it often is: it is left out.
func (f *mp3Frames) take(h mp3Header) error {
	f.frame = make([]byte, h.size())
	if _, err := io.ReadFull(f.r, f.frame); err != nil {
		f.frame = nil
		if err == io.ErrUnexpectedEOF {
			return io.EOF
		}
		f.err = err
		return err
	}
	if f.seen++; f.seen == 1 {
		f.form = h
	}
	if h.mpeg1() == 0 && h.rate() == 22050 && (f.seen > 1 || f.xingAt() < 0) {
		f.frame, f.err = f.alone(h)
	}
	return f.err
}

// judge tells whether a frame begins here. The first one, and one after
// rubbish, must be followed by another.
func (f *mp3Frames) judge(h mp3Header) (bool, error) {
	if f.form == 0 && h.synced() && h.rate() != 0 && f.junk == 0 {
		switch {
		case h.layer() != 3 && h.layer() != 4:
			return false, refuse(hub.RefusedUnknown, "MPEG audio of layer %d", h.layer())
		case h.version() == 0:
			return false, refuse(hub.RefusedRate, "MP3 of 8 to 12 kHz (MPEG-2.5)")
		}
	}
	size := h.size()
	if size < mp3Finest {
		return false, nil
	}
	after, _ := f.r.Peek(min(size+4, mp3Reach))
	last := len(after) < size+4
	followed := !last && mp3Header(binary.BigEndian.Uint32(after[size:])).size() > 0 && (binary.BigEndian.Uint32(after[size:])^uint32(h))&steady == 0
	if f.form == 0 {
		return followed || last && f.junk == 0, nil
	}
	if (h^f.form)&steady == 0 && h.mono() == f.form.mono() {
		return true, nil
	}
	if followed {
		return false, fmt.Errorf("MP3: it changes in the middle from %d Hz, %d channels to %d Hz, %d channels", f.form.rate(), f.form.channels(), h.rate(), h.channels())
	}
	return false, nil
}
