package studio

import (
	"encoding/binary"
	"fmt"
)

// mp3Header is the first four bytes of a frame (ISO/IEC 11172-3 §2.4.1.3,
// 13818-3).
type mp3Header uint32

// steady is the part that must be the same in all frames: sync, version,
// layer, rate.
const steady = 0xfffe0c00

var mp3Rates = [2][16]int{ // kbit/s of Layer III: MPEG-2, MPEG-1
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
}

func (h mp3Header) synced() bool  { return h>>21 == 0x7ff }
func (h mp3Header) version() int  { return int(h>>19) & 3 } // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
func (h mp3Header) layer() int    { return 4 - int(h>>17)&3 }
func (h mp3Header) mpeg1() int    { return int(h>>19) & 1 }
func (h mp3Header) mono() bool    { return h>>6&3 == 3 }
func (h mp3Header) samples() int  { return 576 << h.mpeg1() }
func (h mp3Header) kilobits() int { return mp3Rates[h.mpeg1()][h>>12&15] }

func (h mp3Header) channels() int {
	if h.mono() {
		return 1
	}
	return 2
}

func (h mp3Header) rate() int {
	return [...]int{44100, 48000, 32000, 0}[h>>10&3] >> (1 - h.mpeg1())
}

// size is of the whole frame in bytes; 0: this is no header of Layer III that
// is taken.
func (h mp3Header) size() int {
	if !h.synced() || h.version() < 2 || h.layer() != 3 || h.rate() == 0 || h.kilobits() == 0 {
		return 0
	}
	return h.samples()/8*1000*h.kilobits()/h.rate() + int(h>>9&1)
}

// alone makes the present frame, of MPEG-2, one that needs none before it. Its
// data, which begin up to 255 bytes before it, are put into a frame of a bit
// rate that has room for them. It is done because the decoder reads padded
// frames of 22.05 kHz a byte short and then loses its place in the data; other
// rates of MPEG-2 need no padding.
func (f *mp3Frames) alone(h mp3Header) ([]byte, error) {
	head, side, private := 4, 17, 2
	if h.mono() {
		side, private = 9, 1
	}
	if h>>16&1 == 0 {
		head = 6 // a CRC
	}
	if len(f.frame) < head+side {
		return nil, fmt.Errorf("MP3: a frame of %d bytes", len(f.frame))
	}
	info, data := f.frame[head:head+side], f.frame[head+side:]
	start := len(f.held) - int(info[0])
	f.held = append(f.held, data...)
	info[0] = 0
	need := 0
	for c := range h.channels() {
		need += bitsAt(info, 8+private+63*c, 12) // part2_3_length
	}
	if start < 0 { // what it needs was before the file began: silence
		clear(info)
		start, need = 0, 0
	}
	data = f.held[start:min(start+(need+7)/8, len(f.held))]
	for index := mp3Header(1); index < 15; index++ {
		out := h&^0xf200 | index<<12 | 1<<16
		if out.size() < 4+side+len(data) {
			continue
		}
		frame := make([]byte, out.size())
		binary.BigEndian.PutUint32(frame, uint32(out))
		copy(frame[4+copy(frame[4:], info):], data)
		f.held = f.held[:copy(f.held, f.held[max(0, len(f.held)-255):])]
		return frame, nil
	}
	return nil, fmt.Errorf("MP3: a frame of 22.05 kHz with %d bytes", len(data))
}

// bitsAt reads a number of n bits that begins at a bit.
func bitsAt(b []byte, at, n int) (v int) {
	for i := at; i < at+n; i++ {
		v = v<<1 | int(b[i/8]>>(7-i%8)&1)
	}
	return v
}
