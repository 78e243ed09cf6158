package console

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// anyWords are the words of a console that knows no form but the one it was
// delivered with.
func anyWords(l web.Lang) visitWords {
	zone := time.FixedZone("CST", 8*3600)
	return visitWords{c: &Console{c: Config{Zone: zone}}, l: l, forms: map[int64]ark.Form{0: ark.DefaultForm()}}
}

// typed is a visit of which every text that people write is this one.
func typed(s string) hub.Visit {
	return hub.Visit{Position: 7, ID: ark.NewID(1, [10]byte{1}), Last: ark.NewID(1, [10]byte{1}), Van: "van-1", At: ark.Stamp{Wall: 1_795_500_000_000, Trusted: true}, Received: time.UnixMilli(1_795_500_060_000), Assigned: s,
		Visit: ark.Visit{Place: s, Person: s, Outcome: ark.Met, Services: []ark.Service{ark.Service(s)}, Need: s, Note: s, By: s,
			Where: ark.Place{Street: s, Community: s, Grid: s, Compound: s, Building: s, Unit: s, Room: s}, Needs: []ark.Need{{Category: s, Words: s}},
			Answers: []ark.Answer{{Code: s, Values: []string{s}}}, Geo: &ark.Geo{Lat: -302741511, Lon: 1201551000, Acc: 12}}}
}

// written is a file of some visits.
func written(t testing.TB, word string, l web.Lang, visits ...hub.Visit) []byte {
	t.Helper()
	for _, f := range visitFormats {
		if f.Word != word {
			continue
		}
		var b bytes.Buffer
		w, err := f.begin(&b, anyWords(l), [][2]string{{"筛选", "全部"}})
		must(t, err)
		for _, v := range visits {
			must(t, w.Visit(v))
		}
		must(t, w.Close())
		return b.Bytes()
	}
	t.Fatalf("no format %q", word)
	return nil
}

// tableOf reads a table of visits by the keys of its columns.
func tableOf(t testing.TB, rows [][]string) (all []map[string]string) {
	t.Helper()
	for _, row := range rows[2:] {
		by := map[string]string{}
		for i, value := range row {
			by[rows[1][i]] = value
		}
		all = append(all, by)
	}
	return all
}

func readCSV(t testing.TB, file []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file), "\ufeff"))).ReadAll()
	must(t, err)
	return rows
}

func TestATableOfVisits(t *testing.T) {
	v := typed("字")
	v.Services, v.Needs = []ark.Service{"knives", "haircut"}, []ark.Need{{Category: "aid", Urgency: ark.UrgencyNow}}
	v.Attachments, v.Return, v.Withdrawn, v.Amended = []ark.Attachment{{Role: ark.RolePhoto}, {Role: ark.RolePhoto}, {Role: ark.RoleVoice}}, true, true, 2
	rows := readCSV(t, written(t, "csv", web.Zh, v, hub.Visit{}))
	got := tableOf(t, rows)[0]
	for key, want := range map[string]string{"made": v.At.Wall.Time().In(time.FixedZone("", 8*3600)).Format(time.DateTime), "place": "字", "outcome": "已见面", "services": "磨剪刀、理发", "needs": "aid · 紧急；字",
		"answers": "字：字", "photos": "2", "voices": "1", "return": "是", "withdrawn": "是", "doubtful": "", "amended": "2", "state": "待审核", "latitude": "-30.2741511", "longitude": "120.1551",
		"accuracy_m": "12", "room": "字", "id": v.ID.String(), "household": "", "position": "7", "van": "van-1"} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
	if rows[0][0] != "走访时间" || len(rows[0]) != len(rows[1]) {
		t.Errorf("titles %q", rows[0])
	}
	if got := tableOf(t, rows)[1]; got["latitude"] != "" || got["doubtful"] != "是" {
		t.Errorf("of nothing: %q", got)
	}
	if got := readCSV(t, written(t, "csv", web.En, v)); got[0][0] != "Time of the visit" || tableOf(t, got)[0]["outcome"] != "Met" || !reflect.DeepEqual(got[1], rows[1]) {
		t.Errorf("in English: %q", got[:2])
	}
}

// Whatever is typed into any field, no cell of a table is a formula.
func TestNoFieldOfAVisitIsAFormula(t *testing.T) {
	for _, s := range []string{"=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", `=HYPERLINK("http://x","y")`} {
		csvs, ours := readCSV(t, written(t, "csv", web.Zh, typed(s)))[2], map[string]bool{"latitude": true}
		f, err := excelize.OpenReader(bytes.NewReader(written(t, "xlsx", web.Zh, typed(s))))
		must(t, err)
		typedIn := 0
		for i, c := range visitColumns {
			if first := csvs[i]; first != "" && strings.ContainsAny(first[:1], "=+-@\t\r") && !ours[c.key] || strings.HasPrefix(first, "＝") {
				t.Errorf("CSV, %s: %q", c.key, first)
			}
			at, err := excelize.CoordinatesToCellName(i+1, 3)
			must(t, err)
			formula, err := f.GetCellFormula("走访", at)
			must(t, err)
			kind, err := f.GetCellType("走访", at)
			must(t, err)
			if value, _ := f.GetCellValue("走访", at); strings.HasPrefix(value, s) {
				typedIn++
				if kind != excelize.CellTypeInlineString {
					t.Errorf("XLSX, %s: %q is no text", c.key, value)
				}
			}
			if formula != "" {
				t.Errorf("XLSX, %s: formula %q", c.key, formula)
			}
		}
		f.Close()
		if typedIn < 15 {
			t.Errorf("only %d columns hold %q: the test tests little", typedIn, s)
		}
	}
}

func TestAWorkbookSaysWhatItIs(t *testing.T) {
	long := typed("字")
	long.Needs = make([]ark.Need, ark.MaxNeeds)
	for i := range long.Needs {
		long.Needs[i].Words = strings.Repeat("长", ark.MaxWords)
	}
	f, err := excelize.OpenReader(bytes.NewReader(written(t, "xlsx", web.Zh, typed("字"), long)))
	must(t, err)
	defer f.Close()
	rows, err := f.GetRows("走访")
	must(t, err)
	if got := tableOf(t, rows); len(got) != 2 || got[0]["place"] != "字" || got[0]["longitude"] != "120.1551" {
		t.Errorf("rows %q", got)
	}
	about, err := f.GetRows("说明")
	must(t, err)
	if want := [][]string{{"筛选", "全部"}, {"条数", "2"}, {texts.In(web.Zh, "export.cut"), "1"}}; !reflect.DeepEqual(about, want) {
		t.Errorf("about: got %q, want %q", about, want)
	}
}

func TestLines(t *testing.T) {
	file := written(t, "jsonl", web.Zh, typed("<字>"), typed("二"))
	got := strings.Split(strings.TrimSuffix(string(file), "\n"), "\n")
	if len(got) != 3 || got[2] != `{"end":2}` || !strings.Contains(got[0], `"place":"<字>"`) {
		t.Fatalf("got %q", got)
	}
	var v toldVisit
	must(t, json.Unmarshal([]byte(got[1]), &v))
	if want := tellOne(typed("二")); !reflect.DeepEqual(v, want) {
		t.Errorf("got %+v, want %+v", v, want)
	}
}

func TestFeatures(t *testing.T) {
	nowhere := typed("二")
	nowhere.Geo = nil
	type collection struct {
		Type     string
		Features []struct {
			Type, ID string
			Geometry struct {
				Type        string
				Coordinates []json.Number
			}
			Properties toldVisit
		}
		Rows    int
		Without int `json:"without_place"`
	}
	for name, visits := range map[string][]hub.Visit{"none": nil, "nowhere": {nowhere}, "some": {typed("一"), nowhere, typed("三")}} {
		var got collection
		must(t, json.Unmarshal(written(t, "geojson", web.Zh, visits...), &got))
		if got.Type != "FeatureCollection" || got.Features == nil || got.Rows+got.Without != len(visits) || len(got.Features) != got.Rows {
			t.Errorf("%s: %+v", name, got)
		}
		for _, f := range got.Features {
			if f.Type != "Feature" || f.Geometry.Type != "Point" || f.Geometry.Coordinates[0] != "120.1551" || f.Geometry.Coordinates[1] != "-30.2741511" || f.Properties.Place == "" || f.ID != f.Properties.ID.String() {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}
