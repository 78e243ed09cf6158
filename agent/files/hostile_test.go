package files_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/internal/uploads"
)

// refused is the word that content is refused with; empty: it is taken.
func (v *van) refused(kind string, data []byte) string {
	v.t.Helper()
	err := v.send("a", kind, data)
	var no *uploads.Refusal
	if err == nil || !errors.As(err, &no) {
		must(v.t, err)
		return ""
	}
	_, rest, _ := strings.Cut(no.Word, `"error":"`)
	word, _, _ := strings.Cut(rest, `"`)
	return word
}

// box is a box of an MP4.
func box(name string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), name...), body...)
}

// A phone's own recorder writes where it was into voice notes, each kind in
// its way.
func TestARecordingThatSaysWhereItWasMade(t *testing.T) {
	v := newVan(t)
	ftyp := box("ftyp", []byte("M4A \x00\x00\x00\x00"))
	place := []byte("\x00\x12\x15\xc7+30.2741+120.155/")
	mp4 := func(parts ...[]byte) []byte { return append(bytes.Clone(ftyp), bytes.Join(parts, nil)...) }
	header := box("mvhd", make([]byte, 100))
	sound := box("mdat", bytes.Repeat([]byte("\xa9xyzloci"), 100)) // by chance
	large := append(append([]byte("\x00\x00\x00\x01mdat"), binary.BigEndian.AppendUint64(nil, 16+4)...), "loci"...)
	webm := func(tag string) []byte {
		return []byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + strings.Repeat("\x00", 70_000) + tag)
	}
	ogg := func(comment string) []byte {
		return []byte("OggS\x00OpusTags\x00\x00\x00\x00" + strings.Repeat("\x00", 65_520-17) + comment)
	}
	for what, c := range map[string]struct {
		kind string
		data []byte
		want string
	}{
		"Android":             {"audio/mp4", mp4(box("moov", header, box("udta", box("\xa9xyz", place))), sound), "location"},
		"Android, at its end": {"audio/mp4", mp4(sound, large, box("moov", header, box("udta", box("\xa9xyz", place)))), "location"},
		"3GPP, of a track":    {"audio/mp4", mp4(box("moov", header, box("trak", box("udta", box("loci", place))))), "location"},
		"Apple":               {"audio/mp4", mp4(box("moov", header, box("meta", box("keys", []byte("mdtacom.apple.quicktime.location.ISO6709"))))), "location"},
		"Matroska":            {"audio/webm", webm("\x45\xa3\x92RECORDING_LOCATION"), "location"},
		"Ogg, over two parts": {"audio/ogg", ogg("Location=30.27;120.15"), "location"},
		"MP4 without":         {"audio/mp4", mp4(box("moov", header, box("trak", header), box("udta", box("\xa9too", []byte("Lavf")))), sound, large), ""},
		"a damaged one":       {"audio/mp4", mp4(box("moov", []byte("\x00\x00\x00\x07udta")), []byte("\xff\xff\xff\xffmoov")), ""},
		"WebM without":        {"audio/webm", webm("\x4d\x80\x86Chrome"), ""},
		"Ogg without":         {"audio/ogg", ogg("ENCODER=Mozilla"), ""},
	} {
		if got := v.refused(c.kind, c.data); got != c.want {
			t.Errorf("%s: refused with %q, want %q", what, got, c.want)
		}
	}
}

// chunks is a PNG with a chunk before the others.
func chunks(t *testing.T, name, body string) []byte {
	whole := signature(t)
	c := append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), name...), body...)
	return bytes.Join([][]byte{whole[:33], append(c, 0, 0, 0, 0), whole[33:]}, nil)
}

func TestWordsOfAPictureThatCannotBeReadTellAPlace(t *testing.T) {
	v := newVan(t)
	for what, c := range map[string]struct{ data []byte }{
		"compressed":               {chunks(t, "zTXt", "XML:com.adobe.xmp\x00\x00x\x9c")},
		"compressed, of languages": {chunks(t, "iTXt", "XML:com.adobe.xmp\x00\x01\x00\x00\x00x\x9c")},
		"EXIF in digits":           {chunks(t, "tEXt", "Raw profile type exif\x00\nexif\n 20\n4578")},
	} {
		if got := v.refused("image/png", c.data); got != "location" {
			t.Errorf("%s: refused with %q", what, got)
		}
	}
	for _, harmless := range [][]byte{chunks(t, "tEXt", "Software\x00canvas"), chunks(t, "iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00<x/>")} {
		if got := v.refused("image/png", harmless); got != "" {
			t.Errorf("a word without a place: refused with %q", got)
		}
	}
}

// Content that is made to be looked at for hours is given up soon: of each
// kind one that is as costly as ten megabytes can be.
func TestContentThatIsCostlyToJudge(t *testing.T) {
	v := newVan(t)
	fill := func(begin []byte, unit string) []byte {
		return append(begin, bytes.Repeat([]byte(unit), (ark.MaxAttachment-len(begin))/len(unit))...)
	}
	table := "Exif\x00\x00II*\x00\x08\x00\x00\x00" // each leads to a table of thousands of fields: what comes behind it
	begin := time.Now()
	for what, c := range map[string]struct {
		kind string
		data []byte
		want string
	}{
		"EXIF without end":     {"image/jpeg", fill(photo(t, 20, 10), table), "location"},
		"a table without end":  {"image/jpeg", append(append(photo(t, 20, 10), "Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff"...), make([]byte, 12*65535)...), "location"},
		"segments without end": {"image/jpeg", fill([]byte("\xff\xd8"), "\xff\xe1\x00\x02"), "damaged"},
		"filled without end":   {"image/jpeg", fill([]byte("\xff\xd8"), "\xff"), "damaged"},
		"chunks without end":   {"image/png", fill([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x00IHDR\x00\x00\x00\x00"), "\x00\x00\x00\x00abcd\x00\x00\x00\x00"), "damaged"},
		"boxes without end":    {"audio/mp4", fill(box("ftyp"), "\x00\x00\x00\x08free"), ""},
		"boxes in boxes":       {"audio/mp4", fill(box("ftyp"), "\x00\x00\x00\x00moov"), ""},
	} {
		if got := v.refused(c.kind, c.data); got != c.want {
			t.Errorf("%s: refused with %q, want %q", what, got, c.want)
		}
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}
