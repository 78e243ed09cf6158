package demo

import (
	"encoding/binary"
	"testing"

	"ark"
)

func pcm(samples []int16) []byte {
	out := make([]byte, 0, 2*len(samples))
	for _, s := range samples {
		out = binary.LittleEndian.AppendUint16(out, uint16(s))
	}
	return out
}

func TestEachAnnouncementHasItsRecordings(t *testing.T) {
	list, files, err := Announcements(pcm)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 5 || len(files) != 13 {
		t.Fatalf("%d announcements with %d different recordings, want 4 with 3 each and music", len(list), len(files))
	}
	classes := map[ark.Class]bool{}
	for _, a := range list {
		classes[a.Class] = true
		if err := a.Check(); err != nil {
			t.Error(err)
		}
		for _, r := range a.Recordings {
			data := files[r.Content]
			if ark.HashOf(data) != r.Content || int64(len(data)/2) != r.Frames {
				t.Errorf("%s in %s: %d bytes for %d frames", a.ID, r.Language, len(data), r.Frames)
			}
			if r.Loudness < -1650 || r.Loudness > -1550 || r.Peak > -100 {
				t.Errorf("%s in %s: %.1f LUFS, %.1f dBTP; want the library's -16 and at most -1", a.ID, r.Language, float64(r.Loudness)/100, float64(r.Peak)/100)
			}
			if s := r.Frames / ark.SampleRate; s < 2 || s > 12 {
				t.Errorf("%s in %s lasts %d s", a.ID, r.Language, s)
			}
		}
	}
	if len(classes) != 4 {
		t.Errorf("classes %v, want one of each that an office orders", classes)
	}
}
