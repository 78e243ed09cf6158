package ark

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A file of testdata/golden is what some release wrote on a card or sent, and
// beside it, as JSON, what it says. Old frames decode for ever, so a file
// once there is never written again: -update makes only those that are
// missing.
//
//	go test -run TestGolden -update .
var update = flag.Bool("update", false, "make the golden files that are missing")

const goldenDir = "testdata/golden"

func TestGolden(t *testing.T) {
	if *update {
		for name, data := range newGoldens(t) {
			writeMissing(t, name, data)
		}
	}
	files, err := filepath.Glob(filepath.Join(goldenDir, "*.bin"))
	if err != nil || len(files) < 25 {
		t.Fatalf("%d golden files: %v", len(files), err)
	}
	packed := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".bin")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join(goldenDir, name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := decodeGolden(name, data)
			if err != nil {
				t.Fatalf("what an earlier release wrote is not decodable any more: %v", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("it says something else now (-then +now):\n%s", diff)
			}
			if strings.HasPrefix(name, "frame-") && data[1] == packZstd {
				packed++
			}
		})
	}
	if packed < 3 {
		t.Errorf("%d golden frames need dictionary 001, want 3", packed)
	}
}

// TestGoldenIsWhole insists on a golden file for each kind and each refusal.
func TestGoldenIsWhole(t *testing.T) {
	var want []string
	for k := range kinds {
		want = append(want, "entry-"+k.String())
	}
	for r := RefusedNot; r.String() != "unknown"; r++ {
		want = append(want, "receipt-"+goldenRefusal(r))
	}
	for _, name := range want {
		if _, err := os.Stat(filepath.Join(goldenDir, name+".bin")); err != nil {
			t.Errorf("%v: add it to golden_make_test.go and run with -update", err)
		}
	}
}

func writeMissing(t *testing.T, name string, data []byte) {
	t.Helper()
	path := filepath.Join(goldenDir, name+".bin")
	if _, err := os.Stat(path); err == nil {
		return
	}
	says, err := decodeGolden(name, data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for path, data := range map[string][]byte{path: data, filepath.Join(goldenDir, name+".json"): []byte(says)} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// decodeGolden decodes by what the name begins with, and says all there is.
func decodeGolden(name string, data []byte) (string, error) {
	var says any
	var err error
	switch kind, _, _ := strings.Cut(name, "-"); kind {
	case "frame":
		says, err = frameSays(data)
	case "receipt":
		says, err = DecodeReceipt(data)
	case "entry":
		says, err = entrySays(data)
	default:
		err = fmt.Errorf("golden file %s: neither frame, receipt nor entry", name)
	}
	if err != nil {
		return "", err
	}
	return readable(says)
}

// readable is JSON with bytes as hexadecimal digits and without what is
// empty, so that a field of a later release changes no expectation.
func readable(v any) (string, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return "", err
	}
	out, err := json.MarshalIndent(tidied(tree), "", "  ")
	return string(out) + "\n", err
}

func tidied(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if v[k] = tidied(e); v[k] == nil {
				delete(v, k)
			}
		}
	case []any:
		if b, ok := asBytes(v); ok {
			return hex.EncodeToString(b)
		}
		for i := range v {
			v[i] = tidied(v[i])
		}
	case string, json.Number, bool:
		if v == "" || v == json.Number("0") || v == false {
			return nil
		}
	}
	return v
}

// asBytes tells whether a list is an array of at least eight bytes: an id or
// a digest.
func asBytes(list []any) (b []byte, ok bool) {
	for _, e := range list {
		n, _ := e.(json.Number)
		i, err := n.Int64()
		if err != nil || i < 0 || i > 255 {
			return nil, false
		}
		b = append(b, byte(i))
	}
	return b, len(b) >= 8
}

func frameSays(data []byte) (any, error) {
	f, err := DecodeFrame(data)
	if err != nil {
		return nil, err
	}
	type says struct {
		Frame   Frame
		Entries []any
	}
	s := says{Frame: f}
	for _, raw := range f.Entries {
		e, err := entrySays(raw)
		if err != nil {
			return nil, err
		}
		s.Entries = append(s.Entries, e)
	}
	s.Frame.Entries = nil
	return s, nil
}

func entrySays(raw []byte) (any, error) {
	e, err := DecodeEntry(raw)
	if err != nil {
		return nil, err
	}
	type says struct {
		Entry Entry
		Kind  string
		Body  any
	}
	body, err := DecodeBody(e.Kind, e.Body)
	if err != nil {
		body = err.Error()
	}
	return says{e, e.Kind.String(), body}, nil
}
