package front

import (
	"crypto/tls"
	"os"
	"testing"
	"time"

	"ark/internal/testca"
)

var noon = time.Date(2027, 6, 15, 12, 0, 0, 0, time.UTC)

const vanName = "van-1.ark.internal"

func days(n int) time.Time { return noon.AddDate(0, 0, n) }

// Which chain is shown, by what there is and what the van takes the time for.
func TestChoose(t *testing.T) {
	ca := testca.New(t)
	chain := func(name string, from, to int) *tls.Certificate {
		c := ca.Page(t, name, days(from), days(to))
		return &c
	}
	good, expired, future := chain(vanName, -1, 40), chain(vanName, -90, -1), chain(vanName, 1, 90)
	foreign, house, oldHouse := chain("van-2.ark.internal", -1, 40), chain(vanName, -100, 700), chain(vanName, -800, -1)
	rows := []struct {
		name          string
		public, house *tls.Certificate
		at            time.Time
		want          *tls.Certificate
		state         State // of the public one
	}{
		{"nothing", nil, nil, noon, nil, Absent},
		{"the house's alone", nil, house, noon, house, Absent},
		{"both good", good, house, noon, good, Good},
		{"the public one expired", expired, house, noon, house, Expired},
		{"the public one is not valid yet", future, house, noon, house, NotYet},
		{"the public one is for another van", foreign, house, noon, house, Foreign},
		{"the van wakes in 1970", good, house, time.Unix(0, 0), house, NotYet},
		{"the van's clock is far ahead", good, house, days(5000), house, Expired},
		{"the house's expired too: the phone judges", expired, oldHouse, noon, oldHouse, Expired},
		{"the last second", good, house, good.Leaf.NotAfter, good, Good},
		{"the first second", future, house, future.Leaf.NotBefore, future, Good},
		{"one after the last", good, house, good.Leaf.NotAfter.Add(time.Second), house, Expired},
		{"only an expired public one: better than no answer", expired, nil, noon, expired, Expired},
	}
	for _, row := range rows {
		if got := Choose(row.public, row.house, vanName, row.at); got != row.want {
			t.Errorf("%s: another chain was chosen", row.name)
		}
		if got := Judge(row.public, vanName, row.at); got != row.state {
			t.Errorf("%s: the public one is %s, want %s", row.name, got, row.state)
		}
	}
}

// The certificates end with the last of them: the house's is there when the
// public one has ended, and what is for another van counts for nothing.
func TestUntilWhenPhonesCanOpenTheVan(t *testing.T) {
	ca, dir := testca.New(t), t.TempDir()
	f := &Front{c: Config{Name: vanName, Now: func() time.Time { return noon }},
		public: files{pair: Pair{dir + "/public.pem", dir + "/public-key.pem"}}, house: files{pair: Pair{dir + "/pages.pem", dir + "/pages-key.pem"}}}
	is := func(what string, want time.Time) {
		t.Helper()
		if got := f.Until(); !got.Equal(want) {
			t.Errorf("%s: until %v, want %v", what, got, want)
		}
	}
	is("nothing", time.Time{})
	testca.Write(t, f.public.pair.Cert, f.public.pair.Key, ca.Page(t, "van-2.ark.internal", days(-1), days(900)))
	is("another van's", time.Time{})
	testca.Write(t, f.public.pair.Cert, f.public.pair.Key, ca.Page(t, vanName, days(-1), days(40)))
	is("a public one alone", days(40))
	testca.Write(t, f.house.pair.Cert, f.house.pair.Key, ca.Page(t, vanName, days(-1), days(700)))
	is("and the house's", days(700))
	testca.Write(t, f.house.pair.Cert, f.house.pair.Key, ca.Page(t, vanName, days(-800), days(-50)))
	is("the house's ended", days(40))
	testca.Write(t, f.public.pair.Cert, f.public.pair.Key, ca.Page(t, vanName, days(-100), days(-60)))
	is("both ended", days(-50))
}

// Files are read anew when they change; what cannot be used meanwhile takes
// nothing away.
func TestFilesChangeUnderARunningVan(t *testing.T) {
	ca, dir := testca.New(t), t.TempDir()
	first, second := ca.Page(t, vanName, days(-1), days(40)), ca.Page(t, vanName, days(-1), days(80))
	pair := Pair{Cert: dir + "/public.pem", Key: dir + "/public-key.pem"}
	f := &files{pair: pair}
	is := func(what string, want *tls.Certificate, trouble bool) {
		t.Helper()
		got, err := f.now()
		if (err != nil) != trouble {
			t.Errorf("%s: %v", what, err)
		}
		if (got == nil) != (want == nil) || got != nil && !got.Leaf.Equal(want.Leaf) {
			t.Errorf("%s: another chain", what)
		}
	}
	is("no files yet", nil, false)
	testca.Write(t, pair.Cert, pair.Key, first)
	is("files came", &first, false)
	is("and stayed", &first, false)
	if err := os.WriteFile(pair.Cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	is("a half-written file", &first, true)
	is("still", &first, true)
	testca.Write(t, pair.Cert, pair.Key, second)
	is("a new pair", &second, false)
	testca.Write(t, pair.Cert, dir+"/other", first)
	is("a chain without its key", &second, true)
	testca.Write(t, pair.Cert, pair.Key, first)
	is("its key", &first, false)
	for _, name := range []string{pair.Cert, pair.Key} {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	is("taken away", nil, false)
}
