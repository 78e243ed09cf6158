package files

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// signatures are the bytes by which content says what it is, by its media
// type (https://mimesniff.spec.whatwg.org, 6.1 and 6.2): some at the
// beginning, and more at a place behind it.
var signatures = []struct {
	kind, begins string
	at           int
	holds        string
}{
	{"image/jpeg", "\xff\xd8\xff", 0, ""},
	{"image/png", "\x89PNG\r\n\x1a\n", 12, "IHDR"},
	{"image/webp", "RIFF", 8, "WEBP"},
	{"audio/ogg", "OggS\x00", 0, ""},
	{"audio/mp4", "", 4, "ftyp"},
}

var errUnknown = errors.New("of no known type")

// kindOf is the media type that content is of, by its first bytes.
func kindOf(r io.ReaderAt) (string, error) {
	var head [64]byte
	n, err := r.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return "", err
	}
	text := string(head[:n])
	for _, s := range signatures {
		if len(text) >= s.at+len(s.holds) && text[:min(len(s.begins), len(text))] == s.begins && text[s.at:s.at+len(s.holds)] == s.holds {
			return s.kind, nil
		}
	}
	if len(text) > 4 && text[:4] == "\x1a\x45\xdf\xa3" && bytes.Contains(head[:n], []byte("webm")) {
		return "audio/webm", nil
	}
	return "", errUnknown
}

// picture is what matters of one.
type picture struct {
	wide, high int
	located    bool // it says where it was taken
}

var errDamaged = errors.New("damaged")

// mostParts is the most segments, chunks or boxes of content that are read: a
// file of nothing but their heads would keep a Pi busy for long.
const mostParts = 20_000

// lookAt reads what matters of content of a kind. What is no picture has no
// size.
func lookAt(kind string, r io.ReaderAt) (p picture, err error) {
	switch kind {
	case "image/jpeg":
		p, err = lookAtJPEG(r)
	case "image/webp":
		p, err = lookAtChunks(r, 12, littleChunk)
	case "image/png":
		p, err = lookAtChunks(r, 8, bigChunk)
	default:
		p.located, err = soundTellsPlace(kind, r)
		return p, err
	}
	if err == nil && (p.wide == 0 || p.high == 0) {
		err = errDamaged
	}
	if err == nil && !p.located {
		p.located, err = tellsPlace(r)
	}
	return p, err
}

// lookAtJPEG reads the segments up to the picture itself (ITU-T T.81, annex B).
func lookAtJPEG(r io.ReaderAt) (p picture, err error) {
	var head [9]byte
	at := int64(2)
	for range mostParts {
		n, _ := r.ReadAt(head[:], at)
		if n < 4 || head[0] != 0xff {
			return p, errDamaged
		}
		marker, size := head[1], int64(binary.BigEndian.Uint16(head[2:]))
		switch {
		case marker == 0xff: // a byte to fill
			at++
			continue
		case marker == 0xda: // the picture begins
			return p, nil
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc && n == len(head):
			p.high, p.wide = int(binary.BigEndian.Uint16(head[5:])), int(binary.BigEndian.Uint16(head[7:]))
		case size < 2:
			return p, errDamaged
		}
		at += 2 + size
	}
	return p, errDamaged
}

// chunk is a part of a PNG or a WebP.
type chunk struct {
	name string
	at   int64 // of its content
	size int64
	next int64
}

// littleChunk is RIFF's, as in WebP; bigChunk is PNG's, which has its length
// first and a sum behind.
func littleChunk(head []byte, at int64) chunk {
	size := int64(binary.LittleEndian.Uint32(head[4:]))
	return chunk{string(head[:4]), at + 8, size, at + 8 + size + size&1}
}

func bigChunk(head []byte, at int64) chunk {
	size := int64(binary.BigEndian.Uint32(head))
	return chunk{string(head[4:8]), at + 8, size, at + 12 + size}
}

// lookAtChunks reads the chunks of a PNG (PNG, third edition, 5) or a WebP
// (RFC 9649, 2).
func lookAtChunks(r io.ReaderAt, from int64, read func([]byte, int64) chunk) (p picture, err error) {
	var head [8]byte
	at := from
	for range mostParts {
		if n, _ := r.ReadAt(head[:], at); n < len(head) {
			return p, nil
		}
		c := read(head[:], at)
		var body [32]byte
		n, _ := r.ReadAt(body[:min(int64(len(body)), c.size)], c.at)
		switch {
		case c.name == "IHDR" && n >= 8:
			p.wide, p.high = int(binary.BigEndian.Uint32(body[:])), int(binary.BigEndian.Uint32(body[4:]))
		case c.name == "VP8X" && n >= 10:
			p.wide, p.high = 1+int(little24(body[4:])), 1+int(little24(body[7:]))
		case c.name == "VP8 " && n >= 10 && p.wide == 0:
			p.wide, p.high = int(binary.LittleEndian.Uint16(body[6:])&0x3fff), int(binary.LittleEndian.Uint16(body[8:])&0x3fff)
		case c.name == "VP8L" && n >= 5 && p.wide == 0:
			bits := binary.LittleEndian.Uint32(body[1:])
			p.wide, p.high = 1+int(bits&0x3fff), 1+int(bits>>14&0x3fff)
		case c.name == "eXIf" || c.name == "EXIF":
			p.located = p.located || exifTellsPlace(r, c.at)
		case hidesText(c.name, body[:n]):
			p.located = true
		case c.name == "IEND":
			return p, nil
		}
		at = c.next
	}
	return p, errDamaged
}

// hidesText tells a PNG's words that cannot be looked through as they stand:
// they are compressed, or EXIF written out in digits. They are taken to tell a
// place.
func hidesText(name string, body []byte) bool {
	switch name {
	case "zTXt":
		return true
	case "tEXt":
		return bytes.HasPrefix(body, []byte("Raw profile type"))
	case "iTXt":
		_, rest, whole := bytes.Cut(body, []byte{0}) // the keyword, and behind it whether the text is compressed
		return !whole || len(rest) == 0 || rest[0] != 0
	}
	return false
}

func little24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }
