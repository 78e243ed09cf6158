package console

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOutline(t *testing.T) {
	got, err := readOutline(strings.NewReader("\xef\xbb\xbf" + `{"type":"FeatureCollection","crs":{"a":1},"features":[
		{"type":"Feature","id":3,"properties":{"name":"翠苑<b>","colour":"red"},"geometry":{"type":"Polygon","coordinates":[[[120.12,30.28,5.5],[120.13,30.28],[120.13,30.29],[120.12,30.28]]]}},
		{"type":"Feature","properties":null,"geometry":{"type":"MultiLineString","coordinates":[[[120,30],[121,31]],[]]}}]}`))
	must(t, err)
	want := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"翠苑\u003cb\u003e"},"geometry":{"type":"Polygon","coordinates":[[[120.120000,30.280000],[120.130000,30.280000],[120.130000,30.290000],[120.120000,30.280000]]]}},` +
		`{"type":"Feature","properties":{},"geometry":{"type":"MultiLineString","coordinates":[[[120.000000,30.000000],[121.000000,31.000000]],[]]}}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestOutlineThatIsHostile(t *testing.T) {
	feature := func(geometry string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":` + geometry + `}]}`
	}
	for name, in := range map[string]string{
		"empty": "", "a list": "[]", "a lone feature": `{"type":"Feature"}`, "no geometry": `{"type":"FeatureCollection","features":[{"type":"Feature"}]}`,
		"a point": feature(`{"type":"Point","coordinates":[1,2]}`), "too deep": feature(`{"type":"LineString","coordinates":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`),
		"deeper than a parser": strings.Repeat("[", 20_000), "too shallow": feature(`{"type":"Polygon","coordinates":[[1,2],[3,4]]}`),
		"not on Earth": feature(`{"type":"LineString","coordinates":[[30,120],[200,10]]}`), "huge numbers": feature(`{"type":"LineString","coordinates":[[1e999,1],[2,2]]}`),
		"words": feature(`{"type":"LineString","coordinates":[["a",1],[2,2]]}`), "one number": feature(`{"type":"LineString","coordinates":[[1],[2,2]]}`),
		"four numbers": feature(`{"type":"LineString","coordinates":[[1,2,3,4],[2,2]]}`), "an object": feature(`{"type":"LineString","coordinates":{"a":[1,2]}}`),
		"none": feature(`{"type":"LineString"}`), "broken text": "{\"type\":\"\xff\"}", "too many points": feature(`{"type":"LineString","coordinates":[` + strings.Repeat("[1,2],", maxOutlinePoints) + `[1,2]]}`),
		"too many features": `{"type":"FeatureCollection","features":[` + strings.Repeat("{},", maxOutlineShapes) + `{}]}`, "too long": strings.Repeat(" ", maxOutline+1),
	} {
		if got, err := readOutline(strings.NewReader(in)); err == nil {
			t.Errorf("%s: taken as %.200s", name, got)
		}
	}
}

// The file is read anew when it changes, and what is wrong with it is told
// until it does.
func TestOutlineFollowsItsFile(t *testing.T) {
	o := &outline{path: filepath.Join(t.TempDir(), "outline.geojson")}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	write := func(text string) {
		must(t, os.WriteFile(o.path, []byte(text), 0o600))
		at = at.Add(time.Second)
		must(t, os.Chtimes(o.path, at, at))
	}
	if data, err := o.read(); data != nil || err != nil {
		t.Errorf("without a file: %s, %v", data, err)
	}
	const good = `{"type":"FeatureCollection","features":[]}`
	write(good)
	if data, err := o.read(); string(data) != good || err != nil {
		t.Errorf("got %s, %v", data, err)
	}
	write("{}")
	for range 2 {
		if _, err := o.read(); err == nil {
			t.Error("what is wrong is not told")
		}
	}
	must(t, os.Remove(o.path))
	if data, err := o.read(); data != nil || err != nil {
		t.Errorf("after it was removed: %s, %v", data, err)
	}
}

func FuzzOutline(f *testing.F) {
	f.Add(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"a"},"geometry":{"type":"Polygon","coordinates":[[[1,2],[3,4]]]}}]}`)
	f.Fuzz(func(t *testing.T, in string) {
		got, err := readOutline(strings.NewReader(in))
		if err != nil {
			return
		}
		if again, err := readOutline(strings.NewReader(string(got))); err != nil || string(again) != string(got) {
			t.Errorf("%q became %s, which became %s (%v)", in, got, again, err)
		}
	})
}
