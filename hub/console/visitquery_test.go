package console

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// What is asked for in an address comes back from it, in one form.
func TestVisitQuery(t *testing.T) {
	zone := shanghai(t)
	in := "q=+%E8%BD%AE%E6%A4%85+&from=2026-11-01&to=2026-11-24&place=%E7%BF%A0%E8%8B%91%E8%A1%97%E9%81%93//3%5C/4&building=7&van=van-1&by=%E9%98%BF%E8%8A%B3&outcome=met&service=knives&need=*" +
		"&state=new&assigned=-&doubtful=no&photo=yes&box=30.1,120.1,30.3,120.4&order=time&below=1790000000000.17&utm=1&empty="
	values, err := url.ParseQuery(in)
	must(t, err)
	q := visitQueryOf(values, zone)
	f := q.Filter
	if len(q.Faults) > 0 {
		t.Fatalf("faults %v", q.Faults)
	}
	if f.Text != "轮椅" || f.From != time.Date(2026, 11, 1, 0, 0, 0, 0, zone) || f.To != time.Date(2026, 11, 25, 0, 0, 0, 0, zone) ||
		f.Within != (ark.Place{Street: "翠苑街道", Grid: "3/4", Building: "7"}) || f.Van != "van-1" || f.By != "阿芳" || f.Outcome != ark.Met || f.Service != "knives" ||
		f.Need != hub.AnyNeed || *f.State != ark.ReviewNone || f.Assigned != hub.AssignedNobody || *f.Doubtful || !*f.Photo || *f.Box != (hub.Box{South: 301000000, West: 1201000000, North: 303000000, East: 1204000000}) {
		t.Errorf("got %+v", f)
	}
	if q.Order != hub.ByTime || q.At != (hub.VisitPlace{At: 1790000000000, Position: 17}) || q.Up {
		t.Errorf("got order %v, at %v", q.Order, q.At)
	}
	again, err := url.ParseQuery(strings.TrimPrefix(q.with("below", "5.6", "van", ""), "?"))
	must(t, err)
	if r := visitQueryOf(again, zone); r.Filter.Van != "" || r.Filter.Within != f.Within || r.At.Position != 6 || again.Has("utm") || again.Has("empty") {
		t.Errorf("got %v", again)
	}
	if p, _ := url.ParseQuery(q.with()[1:]); p.Has("below") {
		t.Error("another view begins in the middle")
	}
}

// What is no part of a query is told, and chooses nothing by mistake.
func TestVisitQueryThatWasTamperedWith(t *testing.T) {
	for _, in := range []string{"from=2026-13-01", "to=yesterday", "from=2026-11-02&to=2026-11-01", "van=a+b", "outcome=5", "state=old", "doubtful=1", "photo=maybe", "withdrawn=no", "household=1",
		"household=00000000-0000-0000-0000-000000000000", "box=1,2,3", "box=1,2,3,x", "box=NaN,0,1,1", "box=2,0,1,1", "box=0,0,1e99,1", "order=size", "below=x", "below=0", "below=-5", "below=1.2.3",
		"below=9999999999999999999", "above=", "order=time&below=17", "below=1&above=2", "van=van-1&van=van-2", "q=%FF%FE", "q=a%00b", "by=%0A1%0A2", "place=/", "place=a/b/c/d/e", "place=a%5C",
		"place=" + strings.Repeat("a", ark.MaxPart+1), "building=" + strings.Repeat("1", 31), "q=" + strings.Repeat("轮", hub.MaxSearch+1), "need=" + strings.Repeat("x", 5000)} {
		values, err := url.ParseQuery(in)
		must(t, err)
		q := visitQueryOf(values, time.UTC)
		if in == "above=" {
			if len(q.Faults) != 0 {
				t.Errorf("%q: an empty part is a fault: %v", in, q.Faults)
			}
			continue
		}
		if len(q.Faults) == 0 {
			t.Errorf("%q was understood as %+v", in, q)
		}
		for _, f := range q.Faults {
			if len(f.Value) > 300 {
				t.Errorf("%q: the fault is %d bytes long", in, len(f.Value))
			}
		}
	}
}

func FuzzVisitQuery(f *testing.F) {
	f.Add("q=a&place=a/b&box=1,2,3,4&below=1.2")
	f.Fuzz(func(t *testing.T, in string) {
		values, err := url.ParseQuery(in)
		if err != nil {
			return
		}
		q := visitQueryOf(values, time.UTC)
		if len(q.Faults) > 0 {
			return
		}
		again, err := url.ParseQuery(q.Known.Encode())
		if r := visitQueryOf(again, time.UTC); err != nil || len(r.Faults) > 0 || r.Filter.Within != q.Filter.Within || r.At != q.At || r.Filter.Text != q.Filter.Text {
			t.Errorf("%q became %q, which is %+v", in, q.Known.Encode(), r)
		}
		if w := q.Filter.Within; w.Building == "" && w != (ark.Place{}) {
			var back ark.Place
			if !readPlace(placePath(w), &back) || back != w {
				t.Errorf("place %+v came back as %+v", w, back)
			}
		}
	})
}
