package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Bounds of the file with outlines.
const (
	maxOutline       = 4 << 20 // bytes
	maxOutlineShapes = 5000
	maxOutlinePoints = 150_000
	maxOutlineName   = 100 // characters
)

// outline is what the operator put beneath the visits on the map, such as the
// edges of streets and compounds: a file of GeoJSON (RFC 7946). What is sent to
// browsers is made anew from what was understood of it.
type outline struct {
	path string // empty: there is none
	mu   sync.Mutex
	at   time.Time // change of the file that was read
	size int64
	data []byte // empty: there is none, or it cannot be used
	err  error  // why it cannot be used
}

// read is the outline as it is now, read anew where the file changed.
func (o *outline) read() ([]byte, error) {
	if o.path == "" {
		return nil, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	f, err := os.Open(o.path)
	if errors.Is(err, os.ErrNotExist) {
		o.at, o.data = time.Time{}, nil
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open outline: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at outline: %w", err)
	}
	if !info.ModTime().Equal(o.at) || info.Size() != o.size {
		o.at, o.size = info.ModTime(), info.Size()
		o.data, o.err = readOutline(f)
	}
	return o.data, o.err
}

// shape is a feature of GeoJSON, as far as maps here show it.
type shape struct {
	Type       string     `json:"type"`
	Properties shapeNames `json:"properties"`
	Geometry   geometry   `json:"geometry"`
}

type shapeNames struct {
	Name any `json:"name,omitempty"` // a text; what else it is is left out
}

type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
}

type collection struct {
	Type     string  `json:"type"`
	Features []shape `json:"features"`
}

var errOutline = errors.New("not an outline")

// readOutline takes from GeoJSON the lines and areas with their names.
func readOutline(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxOutline+1))
	if err != nil {
		return nil, fmt.Errorf("read outline: %w", err)
	}
	if len(raw) > maxOutline {
		return nil, fmt.Errorf("%w: more than %d MB", errOutline, maxOutline>>20)
	}
	if !utf8.Valid(raw) {
		return nil, fmt.Errorf("%w: not UTF-8", errOutline)
	}
	var all collection
	if err := json.Unmarshal(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), &all); err != nil {
		return nil, fmt.Errorf("%w: %w", errOutline, err)
	}
	if all.Type != "FeatureCollection" || len(all.Features) > maxOutlineShapes {
		return nil, fmt.Errorf("%w: a FeatureCollection of at most %d features is needed", errOutline, maxOutlineShapes)
	}
	points := 0
	for i := range all.Features {
		s := &all.Features[i]
		s.Type = "Feature"
		name, _ := s.Properties.Name.(string)
		if s.Properties.Name = nil; name != "" {
			s.Properties.Name = cutText(name, maxOutlineName)
		}
		if err := s.Geometry.judge(&points); err != nil {
			return nil, fmt.Errorf("feature %d: %w", i+1, err)
		}
	}
	return json.Marshal(all)
}

// judge reads the coordinates as what they must be and writes them anew: two
// numbers each, on Earth, six decimals.
func (g *geometry) judge(points *int) error {
	depth := map[string]int{"LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}[g.Type]
	if depth == 0 {
		return fmt.Errorf("%w: lines and polygons are shown, not %q", errOutline, cutText(g.Type, 30))
	}
	var out strings.Builder
	d := json.NewDecoder(bytes.NewReader(g.Coordinates))
	if err := copyArray(d, &out, depth, points); err != nil {
		return err
	}
	g.Coordinates = json.RawMessage(out.String())
	return nil
}

// copyArray copies an array of arrays, and so on, of positions.
func copyArray(d *json.Decoder, out *strings.Builder, depth int, points *int) error {
	if depth == 0 {
		return copyPosition(d, out, points)
	}
	if err := open(d); err != nil {
		return err
	}
	out.WriteByte('[')
	for n := 0; d.More(); n++ {
		if n > 0 {
			out.WriteByte(',')
		}
		if err := copyArray(d, out, depth-1, points); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	_, err := d.Token()
	return err
}

func open(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return fmt.Errorf("%w: coordinates are not nested as their type says", errOutline)
	}
	return nil
}

// copyPosition copies longitude and latitude; a height is left out.
func copyPosition(d *json.Decoder, out *strings.Builder, points *int) error {
	if *points++; *points > maxOutlinePoints {
		return fmt.Errorf("%w: more than %d points", errOutline, maxOutlinePoints)
	}
	if err := open(d); err != nil {
		return err
	}
	var at []float64
	for d.More() {
		t, err := d.Token()
		n, ok := t.(float64)
		if err != nil || !ok || len(at) == 3 {
			return fmt.Errorf("%w: a position is two numbers, or three", errOutline)
		}
		at = append(at, n)
	}
	if len(at) < 2 || at[0] < -180 || at[0] > 180 || at[1] < -90 || at[1] > 90 {
		return fmt.Errorf("%w: a position that is not on Earth (longitude comes first)", errOutline)
	}
	fmt.Fprintf(out, "[%.6f,%.6f]", at[0], at[1])
	_, err := d.Token()
	return err
}
