package files

import (
	"bytes"
	"encoding/binary"
	"io"
)

// A phone's own recorder may write down where it was: the app's, which is the
// browser's, never does. Words that stand for that, in small letters: the
// comments of Ogg and the tags of Matroska (LOCATION, RECORDING_LOCATION),
// Apple's com.apple.quicktime.location.ISO6709, XMP. They are so long that
// sound never looks like one by chance.
var soundWords = [][]byte{[]byte("location"), []byte("iso6709"), []byte("gpslatitude"), []byte("gpslongitude")}

// soundTellsPlace looks through a recording for where it was made. One that is
// damaged may be all that is left of what was said: it is no fault here.
func soundTellsPlace(kind string, r io.ReaderAt) (bool, error) {
	if kind == "audio/mp4" && boxesTellPlace(r) {
		return true, nil
	}
	return search(r, func(text []byte, _ int64) bool {
		for i, c := range text {
			if 'A' <= c && c <= 'Z' {
				text[i] = c + 'a' - 'A'
			}
		}
		for _, word := range soundWords {
			if bytes.Contains(text, word) {
				return true
			}
		}
		return false
	})
}

// boxesTellPlace looks into the boxes of an MP4 (ISO/IEC 14496-12) in which
// recorders write where they are: user data of the whole or of a track, with
// ©xyz (QuickTime, Android) or loci (3GPP TS 26.244, 8.10). Such short words
// mean nothing elsewhere, so the boxes are read as such.
func boxesTellPlace(r io.ReaderAt) bool {
	type span struct{ at, end int64 }
	var head [16]byte
	parts := 0
	for todo := []span{{0, 1 << 62}}; len(todo) > 0; {
		s := &todo[len(todo)-1]
		n, _ := r.ReadAt(head[:], s.at)
		if n < 8 || s.at+8 > s.end || parts == mostParts {
			todo = todo[:len(todo)-1]
			continue
		}
		parts++
		size, from := int64(binary.BigEndian.Uint32(head[:])), int64(8)
		switch {
		case size == 1 && n == len(head): // it does not fit into 32 bits
			size, from = int64(binary.BigEndian.Uint64(head[8:])&(1<<62-1)), 16
		case size == 0: // to the end
			size = s.end - s.at
		}
		if size < from {
			todo = todo[:len(todo)-1]
			continue
		}
		box := span{s.at + from, min(s.at+size, s.end)}
		s.at = box.end
		switch string(head[4:8]) {
		case "\xa9xyz", "loci":
			return true
		case "moov", "trak", "udta":
			todo = append(todo, box)
		}
	}
	return false
}
