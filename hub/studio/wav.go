package studio

import (
	"bufio"
	"fmt"
	"io"
	"math"

	"ark/hub"
)

// Format tags of WAV (Microsoft, Multiple Channel Audio Data and WAVE Files,
// 2007; RFC 2361).
const (
	tagPCM        = 1
	tagFloat      = 3
	tagALaw       = 6
	tagMuLaw      = 7
	tagExtensible = 0xfffe
)

// endless is from which size on a data chunk means "to the end": programs that
// write to a pipe cannot know it and put the greatest number that they dare,
// espeak-ng 0x7ffff000.
const endless = 0x7fff0000

// maxWord is the greatest magnitude of a floating-point sample that is
// believed: +120 dB over full scale.
const maxWord = 1e6

// wavForm is the chunk "fmt ".
type wavForm struct {
	tag, channels, rate int
	block               int // bytes of a frame
}

// openWAV reads RIFF WAVE: PCM of 8 to 32 bits, floating point of 32 or 64
// bits, A-law and µ-law. Chunks that it does not need are passed over.
func openWAV(r *bufio.Reader) (stream, error) {
	if err := discard(r, 12); err != nil {
		return stream{}, err
	}
	var form *wavForm
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err == io.EOF {
			return stream{}, refuse(hub.RefusedEmpty, "a WAV without samples")
		} else if err != nil {
			return stream{}, err
		}
		id, size := string(head[:4]), int64(le.Uint32(head[4:]))
		switch {
		case id == "fmt " && form == nil:
			f, err := readForm(r, size)
			if err != nil {
				return stream{}, err
			}
			form = &f
		case id == "data" && form == nil:
			return stream{}, fmt.Errorf("WAV: samples before their format")
		case id == "data" && (size > 0 || !chunkFollows(r)):
			return form.stream(r, size)
		default:
			if err := discard(r, size+size%2); err != nil {
				return stream{}, fmt.Errorf("WAV: chunk %q of %d bytes is cut short: %w", id, size, err)
			}
		}
	}
}

// chunkFollows tells an empty data chunk, after which another comes, from one
// whose size nobody filled in.
func chunkFollows(r *bufio.Reader) bool {
	h, _ := r.Peek(4)
	switch string(h) {
	case "LIST", "id3 ", "ID3 ", "bext", "cue ", "fact", "smpl", "iXML", "_PMX":
		return true
	}
	return false
}

func readForm(r io.Reader, size int64) (wavForm, error) {
	if size < 16 || size > 1<<12 {
		return wavForm{}, fmt.Errorf("WAV: a format of %d bytes", size)
	}
	c := make([]byte, size+size%2)
	if _, err := io.ReadFull(r, c); err != nil {
		return wavForm{}, cut(err)
	}
	f := wavForm{
		tag: int(le.Uint16(c)), channels: int(le.Uint16(c[2:])),
		rate: int(le.Uint32(c[4:])), block: int(le.Uint16(c[12:])),
	}
	if f.tag == tagExtensible {
		if size < 40 {
			return f, fmt.Errorf("WAV: an extensible format of %d bytes", size)
		}
		f.tag = int(le.Uint16(c[24:])) // the first two bytes of a GUID, the rest of which is always the same
	}
	if err := formCheck(f.rate, f.channels); err != nil {
		return f, err
	}
	return f, f.check(int(le.Uint16(c[14:])))
}

func (f wavForm) check(bits int) error {
	width := f.block / f.channels // bytes of a sample
	known := false
	switch f.tag {
	case tagPCM:
		known = width >= 1 && width <= 4
	case tagFloat:
		known = width == 4 || width == 8
	case tagALaw, tagMuLaw:
		known = width == 1
	default:
		return refuse(hub.RefusedUnknown, "WAV of kind 0x%04x; want PCM, floating point, A-law or µ-law", f.tag)
	}
	if !known || f.block != width*f.channels || bits > 8*width || bits < 1 {
		return refuse(hub.RefusedUnknown, "WAV of kind %d: %d bits, %d bytes for a frame of %d channels", f.tag, bits, f.block, f.channels)
	}
	return nil
}

// stream reads size bytes of samples; 0, or endless and more: to the end.
func (f wavForm) stream(r io.Reader, size int64) (stream, error) {
	known := size > 0 && size < endless
	if known {
		r = io.LimitReader(r, size)
	}
	raw := make([]byte, 4096*f.block)
	out := make([]float32, 4096*f.channels)
	read := int64(0)
	next := func() ([]float32, error) {
		n, err := io.ReadFull(r, raw)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return nil, err
		}
		read += int64(n)
		if n < len(raw) && known && read < size {
			return nil, fmt.Errorf("WAV: cut short: %d bytes of samples of %d", read, size)
		}
		n -= n % f.block
		if n == 0 {
			return nil, io.EOF
		}
		return out[:n/f.block*f.channels], f.convert(raw[:n], out)
	}
	return stream{format: "WAV", rate: f.rate, channels: f.channels, next: next}, nil
}

func (f wavForm) convert(raw []byte, out []float32) error {
	width := f.block / f.channels
	for i := range len(raw) / width {
		b := raw[i*width:]
		switch {
		case f.tag == tagALaw:
			out[i] = aLaw[b[0]]
		case f.tag == tagMuLaw:
			out[i] = muLaw[b[0]]
		case f.tag == tagFloat:
			v := 0.0
			if width == 4 {
				v = float64(math.Float32frombits(le.Uint32(b)))
			} else {
				v = math.Float64frombits(le.Uint64(b))
			}
			if math.IsNaN(v) || math.Abs(v) > maxWord {
				return fmt.Errorf("WAV: a sample of %v", v)
			}
			out[i] = float32(v)
		default:
			out[i] = whole(b, width)
		}
	}
	return nil
}

// whole reads one PCM sample. One byte is unsigned, more are signed.
func whole(b []byte, width int) float32 {
	switch width {
	case 1:
		return float32(int(b[0])-128) / 128
	case 2:
		return float32(int16(le.Uint16(b))) / (1 << 15)
	case 3:
		return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	}
	return float32(int32(le.Uint32(b))) / (1 << 31)
}

// aLaw and muLaw are the samples of ITU-T G.711, full scale 1.
var aLaw, muLaw = lawTables()

func lawTables() (a, mu [256]float32) {
	for i := range 256 {
		v := i ^ 0x55
		step, seg := v&0x0f<<4+8, v>>4&7
		if seg > 0 {
			step = (step + 0x100) << (seg - 1)
		}
		if v&0x80 == 0 {
			step = -step
		}
		a[i] = float32(step) / (1 << 15)

		v = ^i & 0xff
		step = (v&0x0f<<3+0x84)<<(v>>4&7) - 0x84
		if v&0x80 != 0 {
			step = -step
		}
		mu[i] = float32(step) / (1 << 15)
	}
	return a, mu
}
