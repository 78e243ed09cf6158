package studio

import (
	"bufio"
	"fmt"
	"io"

	"github.com/pion/opus"

	"ark"
	"ark/hub"
)

// maxPacket is the most bytes of an Opus packet that is taken. The codec's own
// most is 120 ms of 1,275 bytes each 20.
const maxPacket = 16 << 10

// opusMost is the most frames that a packet holds, 120 ms (RFC 6716 §2.1.4).
const opusMost = ark.SampleRate * 120 / 1000

// opusHead is the identification header of Ogg (RFC 7845 §5.1), which WebM
// carries as CodecPrivate.
type opusHead struct {
	channels int
	skip     int // frames to throw away at the beginning
	gain     float32
}

func readHead(b []byte) (opusHead, error) {
	if len(b) < 19 || string(b[:8]) != "OpusHead" || b[8]&0xf0 != 0 {
		return opusHead{}, fmt.Errorf("opus: no header of version 1")
	}
	h := opusHead{channels: int(b[9]), skip: int(le.Uint16(b[10:]))}
	h.gain = float32(linear(float64(int16(le.Uint16(b[16:]))) / 256))
	if family := b[18]; h.channels < 1 || h.channels > 2 || family > 1 {
		return h, refuse(hub.RefusedRate, "Opus of %d channels, mapping family %d; want 1 or 2", h.channels, family)
	}
	return h, nil
}

// packets gives the packets of one Opus stream, each valid until the next, and
// io.EOF. until is the length of the sound at its end in frames, with what the
// header skips; below 0: not said.
type packets func() (packet []byte, until int64, err error)

// opusStream decodes. Opus always gives 48 kHz; what the source had is not
// known for sure.
func opusStream(h opusHead, from packets) (stream, error) {
	d, err := opus.NewDecoderWithOutput(ark.SampleRate, h.channels)
	if err != nil {
		return stream{}, fmt.Errorf("opus: %w", err)
	}
	raw := make([]float32, opusMost*h.channels)
	skip, got := h.skip, int64(0)
	next := func() ([]float32, error) {
		packet, until, err := from()
		if err != nil {
			return nil, err
		}
		if len(packet) > maxPacket {
			return nil, fmt.Errorf("opus: a packet of %d bytes, at most %d", len(packet), maxPacket)
		}
		n, err := d.DecodeToFloat32(packet, raw)
		if err != nil {
			return nil, fmt.Errorf("opus: a packet of %d bytes: %w", len(packet), err)
		}
		if until >= 0 && until >= got && until < got+int64(n) {
			n, got = int(until-got), until
		} else {
			got += int64(n)
		}
		gone := min(skip, n)
		skip -= gone
		out := raw[gone*h.channels : n*h.channels]
		if h.gain != 1 {
			for i := range out {
				out[i] *= h.gain
			}
		}
		return out, nil
	}
	return stream{format: "Opus", rate: ark.SampleRate, channels: h.channels, next: next}, nil
}

// openOgg reads Opus out of Ogg.
func openOgg(r *bufio.Reader) (stream, error) {
	o := &oggReader{r: r}
	first, _, err := o.next()
	if err != nil {
		return stream{}, fmt.Errorf("ogg: %w", cut(err))
	}
	if len(first) < 8 || string(first[:8]) != "OpusHead" {
		return stream{}, refuse(hub.RefusedUnknown, "Ogg with %s in it, and not Opus", oggName(first))
	}
	h, err := readHead(first)
	if err != nil {
		return stream{}, err
	}
	tags, _, err := o.next()
	if err != nil || len(tags) < 8 || string(tags[:8]) != "OpusTags" {
		return stream{}, fmt.Errorf("ogg: no second Opus header: %w", cut(err))
	}
	return opusStream(h, func() ([]byte, int64, error) {
		packet, until, err := o.next()
		if err == nil && len(packet) >= 8 && string(packet[:8]) == "OpusHead" {
			return nil, 0, refuse(hub.RefusedUnknown, "several streams in one Ogg file")
		}
		return packet, until, err
	})
}

func oggName(packet []byte) string {
	for magic, name := range map[string]string{"\x01vorbis": "Vorbis", "\x7fFLAC": "FLAC", "Speex   ": "Speex", "\x80theora": "video"} {
		if len(packet) >= len(magic) && string(packet[:len(magic)]) == magic {
			return name
		}
	}
	return "something unknown"
}

var errOgg = fmt.Errorf("ogg: a page is damaged")

// oggReader gives the packets of the first logical stream of an Ogg file (RFC
// 3533). pion/opus has one too, which hides where a stream ends and keeps a
// packet of any size.
type oggReader struct {
	r      io.Reader
	serial uint32
	begun  bool
	sizes  []byte // of the segments of this page that are still to come
	page   []byte // and their content
	until  int64  // the page's position
	ended  bool   // it is the last page
	packet []byte // as far as it is there
	room   []byte // for a page: small ones can be many
}

// next is the next packet. until is said with the last packet of the last
// page.
func (o *oggReader) next() (packet []byte, until int64, err error) {
	o.packet = o.packet[:0]
	for {
		for len(o.sizes) > 0 {
			n := int(o.sizes[0])
			o.sizes = o.sizes[1:]
			o.packet = append(o.packet, o.page[:n]...)
			o.page = o.page[n:]
			if n == 255 {
				continue
			}
			if until = -1; o.ended && len(o.sizes) == 0 {
				until = o.until
			}
			return o.packet, until, nil
		}
		// The comment header can carry a picture; it goes the same way.
		if len(o.packet) > 1<<20 {
			return nil, 0, fmt.Errorf("ogg: a packet of more than %d bytes", 1<<20)
		}
		if o.ended {
			return nil, 0, io.EOF
		}
		if err := o.load(); err != nil {
			if len(o.packet) > 0 {
				err = cut(err)
			}
			return nil, 0, err
		}
	}
}

// load reads the next page of the stream.
func (o *oggReader) load() error {
	for {
		var head [27]byte
		if _, err := io.ReadFull(o.r, head[:]); err != nil {
			return err
		}
		if string(head[:4]) != "OggS" || head[4] != 0 {
			return errOgg
		}
		if o.room == nil {
			o.room = make([]byte, 256+255*255)
		}
		body := o.room[:head[26]]
		if _, err := io.ReadFull(o.r, body); err != nil {
			return cut(err)
		}
		sizes, total := body, 0
		for _, s := range sizes {
			total += int(s)
		}
		body = body[:len(sizes)+total]
		if _, err := io.ReadFull(o.r, body[len(sizes):]); err != nil {
			return cut(err)
		}
		want := le.Uint32(head[22:])
		clear(head[22:26])
		if oggSum(oggSum(0, head[:]), body) != want {
			return errOgg
		}
		serial, first := le.Uint32(head[14:]), head[5]&2 != 0
		if !o.begun {
			o.serial, o.begun = serial, true
		} else if serial != o.serial && first {
			return refuse(hub.RefusedUnknown, "several streams in one Ogg file")
		} else if serial != o.serial {
			continue
		}
		o.sizes, o.page = sizes, body[len(sizes):]
		o.until, o.ended = int64(le.Uint64(head[6:])), head[5]&4 != 0
		return nil
	}
}

// oggSum is Ogg's CRC: polynomial 0x04c11db7, neither reflected nor inverted.
func oggSum(sum uint32, b []byte) uint32 {
	for _, v := range b {
		sum = sum<<8 ^ oggTable[byte(sum>>24)^v]
	}
	return sum
}

var oggTable = func() (t [256]uint32) {
	for i := range t {
		r := uint32(i) << 24
		for range 8 {
			r = r<<1 ^ r>>31*0x04c11db7
		}
		t[i] = r
	}
	return t
}()
