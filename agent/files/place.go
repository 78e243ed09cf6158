package files

import (
	"bytes"
	"encoding/binary"
	"io"
)

// Words that stand before what says where a picture was taken: EXIF in a
// JPEG, also of a second picture behind the first, and XMP's names of the same.
var placeWords = [][]byte{[]byte("Exif\x00\x00"), []byte("GPSLatitude"), []byte("GPSLongitude")}

// mostEXIF is the most EXIF of one picture that is read: a camera writes one,
// and another into each small picture beside it. More are taken to tell a
// place.
const mostEXIF = 16

// tellsPlace looks through all of a picture for a place.
func tellsPlace(r io.ReaderAt) (bool, error) {
	seen := 0
	return search(r, func(text []byte, at int64) bool {
		for _, word := range placeWords {
			for from := 0; ; {
				i := bytes.Index(text[from:], word)
				if i < 0 {
					break
				}
				from += i + len(word)
				if seen++; word[0] != 'E' || seen > mostEXIF || exifTellsPlace(r, at+int64(from)) {
					return true
				}
			}
		}
		return false
	})
}

// search looks through all of content, a part at a time, until found says so.
// Parts overlap by more than the longest word, and are found's to change.
func search(r io.ReaderAt, found func(text []byte, at int64) bool) (bool, error) {
	const overlap = 16
	buf := make([]byte, 64<<10)
	for at := int64(0); ; at += int64(len(buf) - overlap) {
		n, err := r.ReadAt(buf, at)
		if found(buf[:n], at) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// gpsTag is the field of EXIF that leads to where a picture was taken (Exif
// 3.0, 4.6.3).
const gpsTag = 0x8825

// mostFields is the most fields of a table of EXIF that is read; the standard
// knows fewer.
const mostFields = 500

// exifTellsPlace looks for the place in the first table of EXIF data. Data
// that cannot be read is taken to tell one: the phone makes the picture anew
// without.
func exifTellsPlace(r io.ReaderAt, at int64) bool {
	var head [8]byte
	if n, _ := r.ReadAt(head[:], at); n < len(head) {
		return true
	}
	if string(head[:6]) == "Exif\x00\x00" { // some write it in a WebP, too
		at += 6
		if n, _ := r.ReadAt(head[:], at); n < len(head) {
			return true
		}
	}
	var order binary.ByteOrder
	switch string(head[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return true
	}
	at += int64(order.Uint32(head[4:]))
	var count [2]byte
	if n, _ := r.ReadAt(count[:], at); n < len(count) {
		return true
	}
	const field = 12 // bytes
	table := make([]byte, field*min(int(order.Uint16(count[:])), mostFields+1))
	if n, _ := r.ReadAt(table, at+2); n < len(table) || len(table) > field*mostFields {
		return true
	}
	for ; len(table) > 0; table = table[field:] {
		if order.Uint16(table) == gpsTag {
			return true
		}
	}
	return false
}
