package ark_test

import (
	"bytes"
	"os/exec"
	"testing"

	"ark"
	"ark/internal/invented"
	"ark/internal/skip"
)

// Goals for what a visit costs on the wire; the visits are of a seed that the
// dictionary was not trained on.
const (
	goalAlone = 160 // bytes of a PUBLISH packet with one visit
	goalOfXZ  = 2.0 // bytes a visit in frames of 50, by xz -9e of the whole set
)

func TestBytesPerVisit(t *testing.T) {
	const n = 5000
	inc := ark.NewIncarnation([16]byte{1, 9, 7, 7, 8, 3, 3, 4, 5, 200, 122, 13, 1, 77, 3, 1})
	var raws [][]byte
	cursors := []ark.Cursor{inc.Start()}
	for i, e := range invented.Entries(999, n) {
		raw, err := ark.EncodeEntry(e)
		if err != nil {
			t.Fatal(err)
		}
		raws = append(raws, raw)
		cursors = append(cursors, cursors[i].Next(raw))
	}
	perVisit := func(batch int, plain bool) float64 {
		sum := 0
		for i := 0; i < n; i += batch {
			f := ark.Frame{Incarnation: inc, First: ark.Seq(i + 1), Prev: cursors[i].Digest.Key(),
				Entries: raws[i : i+batch], Round: 0x7fa1c3e5, Ahead: 3}
			data, err := ark.EncodeFrame(f, plain)
			if err != nil {
				t.Fatal(err)
			}
			sum += publishBytes(len(ark.VanID("van-0001").Topic(ark.Journal)), len(data))
		}
		return float64(sum) / n
	}
	alone, fifty := perVisit(1, false), perVisit(50, false)
	t.Logf("bytes a visit: alone %.1f (plain %.1f), in frames of 50 %.1f (plain %.1f)", alone, perVisit(1, true), fifty, perVisit(50, true))
	if alone > goalAlone {
		t.Errorf("a visit alone costs %.1f bytes, at most %d", alone, goalAlone)
	}
	xz := ofXZ(t, bytes.Join(raws, nil))
	t.Logf("xz -9e of all: %.1f bytes a visit; ratio %.2f", xz/n, fifty*n/xz)
	if fifty*n > goalOfXZ*xz {
		t.Errorf("a visit in frames of 50 costs %.1f bytes, xz -9e makes %.1f of it", fifty, xz/n)
	}
}

// publishBytes is the size of an MQTT 3.1.1 PUBLISH at QoS 1 (3.3): fixed
// header, topic, packet identifier, payload.
func publishBytes(topic, payload int) int {
	rest := 2 + topic + 2 + payload
	header := 2
	for x := rest; x >= 128; x /= 128 {
		header++
	}
	return header + rest
}

// ofXZ is the size of data after xz -9e.
func ofXZ(t *testing.T, data []byte) float64 {
	t.Helper()
	skip.WithoutTools(t, "xz")
	cmd := exec.CommandContext(t.Context(), "xz", "-9e", "-c")
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return float64(len(out))
}
