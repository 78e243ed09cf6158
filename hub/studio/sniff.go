package studio

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"ark/hub"
)

// stream is sound as a decoder gives it.
type stream struct {
	format   string // hub.Source.Format
	rate     int    // Hz
	channels int
	// next is the next block: interleaved samples, full scale ±1, whole frames,
	// valid until the next call. io.EOF: the sound is over.
	next func() ([]float32, error)
}

// foreign is what people upload that is not taken, by its first bytes, to be
// called by its name.
var foreign = []struct {
	at          int
	magic, name string
}{
	{0, "RF64", "RF64, a WAV of more than 4 GB"},
	{0, "BW64", "BW64, a WAV of more than 4 GB"},
	{0, "RIFX", "RIFX, a big-endian WAV"},
	{4, "ftyp", "MP4 or M4A (AAC)"},
	{0, "FORM", "AIFF"},
	{0, "caff", "CAF"},
	{0, "#!AMR", "AMR"},
	{0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"},
	{0, "\xff\xf1", "AAC"},
	{0, "\xff\xf9", "AAC"},
	{0, "MThd", "MIDI"},
	{0, "%PDF", "PDF"},
	{0, "PK\x03\x04", "ZIP or an office document"},
}

// openStream knows the format by the content.
func openStream(in io.Reader) (stream, error) {
	r := bufio.NewReaderSize(in, 64<<10)
	tagged, err := skipTags(r)
	if err != nil {
		return stream{}, err
	}
	head, err := r.Peek(12)
	if len(head) == 0 {
		return stream{}, refuse(hub.RefusedEmpty, "no sound: %v", err)
	}
	has := func(at int, magic string) bool {
		return len(head) >= at+len(magic) && string(head[at:at+len(magic)]) == magic
	}
	for _, f := range foreign {
		if has(f.at, f.magic) {
			return stream{}, refuse(hub.RefusedUnknown, "%s", f.name)
		}
	}
	switch {
	case has(0, "RIFF") && has(8, "WAVE"):
		return openWAV(r)
	case has(0, "RIFF"):
		return stream{}, refuse(hub.RefusedUnknown, "RIFF, and no WAV")
	case has(0, "fLaC"):
		return openFLAC(r)
	case has(0, "OggS"):
		return openOgg(r)
	case has(0, "\x1a\x45\xdf\xa3"):
		return openWebM(r)
	case tagged, len(head) >= 2 && head[0] == 0xff && head[1]&0xe0 == 0xe0:
		return openMP3(r)
	}
	return stream{}, refuse(hub.RefusedUnknown, "it begins with % x", head)
}

// skipTags passes over ID3v2 tags (id3.org, ID3v2.4.0 §3.1) at the beginning,
// whatever their size says: at most the upload is read to its end.
func skipTags(r *bufio.Reader) (found bool, err error) {
	for {
		h, _ := r.Peek(10)
		if len(h) < 10 || !bytes.HasPrefix(h, []byte("ID3")) {
			return found, nil
		}
		size := int64(0)
		for _, b := range h[6:10] {
			size = size<<7 | int64(b&0x7f)
		}
		if h[5]&0x10 != 0 {
			size += 10 // a footer
		}
		if n, err := io.CopyN(io.Discard, r, 10+size); err != nil {
			return true, fmt.Errorf("an ID3 tag of %d bytes ends after %d: %w", size, n, err)
		}
		found = true
	}
}

// discard skips n bytes; where there are fewer it says io.ErrUnexpectedEOF.
func discard(r io.Reader, n int64) error {
	_, err := io.CopyN(io.Discard, r, n)
	return cut(err)
}

// cut is what an end means in the middle of something.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// formCheck judges rate and channels.
func formCheck(rate, channels int) error {
	if rate < minRate || rate > maxRate || channels < 1 || channels > maxChannel {
		return refuse(hub.RefusedRate, "%d Hz, %d channels; want %d to %d Hz, 1 to %d channels", rate, channels, minRate, maxRate, maxChannel)
	}
	return nil
}

var le = binary.LittleEndian
