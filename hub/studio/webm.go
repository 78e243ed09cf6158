package studio

import (
	"bufio"
	"fmt"
	"io"
	"math/bits"
	"slices"

	"ark/hub"
)

// Elements of Matroska (RFC 9559) that matter for one track of Opus. Those of
// idInside are entered, in whatever they stand; all others are passed over.
const (
	idTrackEntry   = 0xae
	idTrackNumber  = 0xd7
	idCodec        = 0x86
	idCodecPrivate = 0x63a2
	idEncodings    = 0x6d80
	idCluster      = 0x1f43b675
	idSimpleBlock  = 0xa3
	idBlock        = 0xa1
)

var idInside = map[uint32]bool{
	0x18538067:   true, // Segment
	0x1654ae6b:   true, // Tracks
	0xe0:         true, // Video: only its end matters
	0xe1:         true, // Audio
	0xa0:         true, // BlockGroup
	idTrackEntry: true,
	idCluster:    true,
}

// unknownSize is that of a live stream's Segment and Clusters: it ends where
// the next begins.
const unknownSize = -1

// track is what a file says of one of its tracks.
type track struct {
	number  uint64
	codec   string
	private []byte
	wrapped bool
}

// webm reads the elements of a file flat, without their nesting: what browsers
// record has no sizes to hold it against.
type webm struct {
	r      *bufio.Reader
	tracks []track
	block  []byte
}

// openWebM reads Opus out of WebM, as MediaRecorder of Chromium writes it. The
// first track of Opus is taken.
func openWebM(r *bufio.Reader) (stream, error) {
	w := &webm{r: r}
	if err := w.readTracks(); err != nil {
		return stream{}, fmt.Errorf("WebM: %w", cut(err))
	}
	for _, t := range w.tracks {
		if t.codec != "A_OPUS" || t.wrapped {
			continue
		}
		h, err := readHead(t.private)
		if err != nil {
			return stream{}, err
		}
		return opusStream(h, func() ([]byte, int64, error) { return w.packet(t.number) })
	}
	names := []string{}
	for _, t := range w.tracks {
		names = append(names, t.codec)
	}
	return stream{}, refuse(hub.RefusedUnknown, "WebM or Matroska with %q in it, and not Opus", names)
}

// readTracks reads up to the first cluster.
func (w *webm) readTracks() error {
	for {
		id, size, err := w.element()
		if err != nil {
			return err
		}
		var t *track
		if len(w.tracks) > 0 {
			t = &w.tracks[len(w.tracks)-1]
		}
		switch {
		case id == idCluster:
			return nil
		case id == idTrackEntry:
			if len(w.tracks) >= 16 {
				return fmt.Errorf("more than %d tracks", len(w.tracks))
			}
			w.tracks = append(w.tracks, track{})
		case t != nil && (id == idTrackNumber || id == idCodec || id == idCodecPrivate):
			value, err := w.content(size, 64<<10)
			if err != nil {
				return err
			}
			t.set(id, value)
		case t != nil && id == idEncodings:
			t.wrapped = true
			err = w.pass(id, size)
		case !idInside[id]:
			err = w.pass(id, size)
		}
		if err != nil {
			return err
		}
	}
}

func (t *track) set(id uint32, value []byte) {
	switch id {
	case idTrackNumber:
		for _, b := range value {
			t.number = t.number<<8 | uint64(b)
		}
	case idCodec:
		t.codec = string(value[:min(len(value), 32)])
	case idCodecPrivate:
		t.private = slices.Clone(value)
	}
}

// packet is the next packet of a track. The sound's exact end is not told.
func (w *webm) packet(number uint64) ([]byte, int64, error) {
	for {
		id, size, err := w.element()
		if err != nil {
			return nil, 0, err
		}
		if id != idSimpleBlock && id != idBlock {
			if !idInside[id] {
				if err := w.pass(id, size); err != nil {
					return nil, 0, err
				}
			}
			continue
		}
		block, err := w.content(size, 1<<20)
		if err != nil {
			return nil, 0, err
		}
		of, n := vint(block)
		if n == 0 || len(block) < n+3 {
			return nil, 0, fmt.Errorf("WebM: a block of %d bytes", len(block))
		}
		if of != number {
			continue
		}
		if block[n+2]&0x06 != 0 {
			return nil, 0, refuse(hub.RefusedUnknown, "WebM with laced blocks")
		}
		return block[n+3:], -1, nil
	}
}

// element reads the head of the next element.
func (w *webm) element() (id uint32, size int64, err error) {
	first, err := w.r.ReadByte()
	if err != nil {
		return 0, 0, err
	}
	more := bits.LeadingZeros8(first)
	if more > 3 {
		return 0, 0, fmt.Errorf("WebM: an element begins with 0x%02x", first)
	}
	id = uint32(first)
	for range more {
		b, err := w.r.ReadByte()
		if err != nil {
			return 0, 0, cut(err)
		}
		id = id<<8 | uint32(b)
	}
	head, _ := w.r.Peek(8)
	value, n := vint(head)
	if n == 0 {
		return 0, 0, fmt.Errorf("WebM: element 0x%x without a size", id)
	}
	w.r.Discard(n)
	if value == 1<<(7*n)-1 {
		return id, unknownSize, nil
	}
	return id, int64(value), nil
}

// vint reads a number of variable length (RFC 8794 §4); n 0: there is none.
func vint(b []byte) (value uint64, n int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	n = bits.LeadingZeros8(b[0]) + 1
	if len(b) < n {
		return 0, 0
	}
	value = uint64(b[0]) &^ (0x80 >> (n - 1))
	for _, v := range b[1:n] {
		value = value<<8 | uint64(v)
	}
	return value, n
}

// content reads an element's content; it is valid until the next is read.
func (w *webm) content(size, most int64) ([]byte, error) {
	if size < 0 || size > most {
		return nil, fmt.Errorf("WebM: an element of %d bytes", size)
	}
	if size > int64(cap(w.block)) {
		w.block = make([]byte, size)
	}
	w.block = w.block[:size]
	_, err := io.ReadFull(w.r, w.block)
	return w.block, cut(err)
}

// pass skips an element.
func (w *webm) pass(id uint32, size int64) error {
	if size == unknownSize {
		return fmt.Errorf("WebM: element 0x%x without an end", id)
	}
	return discard(w.r, size)
}
