package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

const morning = ark.UnixMilli(1_790_000_000_000)

// asRuns tells the titles that a filter finds, in their order.
func (b *bench) asRuns(f hub.AsRunFilter) (all []string) {
	b.t.Helper()
	if f.Limit == 0 {
		f.Limit = 500
	}
	bs, err := b.AsRun(b.t.Context(), hub.Everything, f)
	b.must(err)
	for _, x := range bs {
		all = append(all, x.Title.Zh)
	}
	return all
}

// asRun is the order of when they were asked for, whenever they come, and what
// a filter lets through.
func asRun(t *testing.T, b *bench) {
	one, two := b.journal("van-1", 1), b.journal("van-2", 2)
	run := func(j *journal, title string, asked ark.UnixMilli, class ark.Class, states ...ark.BroadcastState) {
		id := b.id()
		for _, s := range states {
			b.commit(j.delivery(j.fact(b.id(), ark.KindBroadcast, ark.AsRun{Broadcast: id, Announcement: "x", Title: ark.Text{Zh: title},
				RequestedAt: asked, Class: class, State: s})))
		}
	}
	run(one, "c", morning+3000, ark.ClassRoutine, ark.BroadcastAccepted, ark.BroadcastStarted, ark.BroadcastFinished)
	run(two, "a", morning+1000, ark.ClassMusic, ark.BroadcastStarted, ark.BroadcastCut)
	run(one, "b", morning+2000, ark.ClassEmergencyLocal, ark.BroadcastFailed)
	run(two, "b2", morning+2000, ark.ClassRoutine, ark.BroadcastFinished)
	music, routine := ark.ClassMusic, ark.ClassRoutine
	at := func(ms int64) time.Time { return time.UnixMilli(int64(morning) + ms) }
	for range 2 {
		for name, c := range map[string]struct {
			f    hub.AsRunFilter
			want []string
		}{
			"all":              {hub.AsRunFilter{}, []string{"c", "b2", "b", "a"}},
			"a van":            {hub.AsRunFilter{Van: "van-1"}, []string{"c", "b"}},
			"no such van":      {hub.AsRunFilter{Van: "van-9"}, nil},
			"from":             {hub.AsRunFilter{From: at(2000)}, []string{"c", "b2", "b"}},
			"to, without it":   {hub.AsRunFilter{To: at(2000)}, []string{"a"}},
			"a second":         {hub.AsRunFilter{From: at(2000), To: at(3000)}, []string{"b2", "b"}},
			"a class":          {hub.AsRunFilter{Class: &music}, []string{"a"}},
			"a state":          {hub.AsRunFilter{State: ark.BroadcastFinished}, []string{"c", "b2"}},
			"van, class,state": {hub.AsRunFilter{Van: "van-2", Class: &routine, State: ark.BroadcastFinished}, []string{"b2"}},
		} {
			if got := b.asRuns(c.f); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
		b.reopen()
	}
	var paged []string
	for f := (hub.AsRunFilter{Page: hub.Page{Limit: 1}}); ; {
		bs, err := b.AsRun(t.Context(), hub.Everything, f)
		b.must(err)
		if len(bs) == 0 {
			break
		}
		if !bs[0].AskedTrusted || bs[0].Asked != bs[0].RequestedAt {
			t.Errorf("%s was asked for at %v", bs[0].Title.Zh, bs[0].Asked)
		}
		paged, f.Before = append(paged, bs[0].Title.Zh), bs[0].Position
	}
	if want := []string{"c", "b2", "b", "a"}; !slices.Equal(paged, want) {
		t.Errorf("page by page %v, want %v", paged, want)
	}
}

// asRunCorrected: a van that woke in 1970 tells the right time later, of what
// it told before and of what comes after.
func asRunCorrected(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	boot := ark.BootID{7}
	stamp := func(mono time.Duration) ark.Stamp {
		return ark.Stamp{Wall: ark.UnixMilli(mono.Milliseconds()), Boot: boot, Mono: mono}
	}
	entry := func(kind ark.Kind, body any, at ark.Stamp) hub.Fact {
		encoded, err := ark.EncodeBody(kind, body)
		b.must(err)
		return j.entry(ark.Entry{ID: b.id(), Kind: kind, At: at, Body: encoded})
	}
	early := ark.AsRun{Broadcast: b.id(), Announcement: "x", Title: ark.Text{Zh: "early"}, RequestedAt: 9_000, State: ark.BroadcastStarted}
	ended := early
	ended.State = ark.BroadcastFinished
	other := ark.AsRun{Broadcast: b.id(), Announcement: "x", Title: ark.Text{Zh: "other"}, RequestedAt: morning + 30_000, State: ark.BroadcastFinished}
	b.commit(j.delivery(entry(ark.KindBroadcast, early, stamp(10*time.Second)), j.fact(b.id(), ark.KindBroadcast, other)))
	if bs, err := b.AsRun(t.Context(), hub.Everything, hub.AsRunFilter{Page: hub.Page{Limit: 9}}); err != nil || len(bs) != 2 || bs[1].AskedTrusted || bs[1].Asked != 9_000 {
		t.Fatalf("before a time was learnt: %+v, %v", bs, err)
	}
	// 70 s after the boot it was 60 s past; so it was asked for at -1 s.
	b.commit(j.delivery(entry(ark.KindClock, ark.Clock{Wall: morning + 60_000, Source: "hub"}, ark.Stamp{Boot: boot, Mono: 70 * time.Second, Trusted: true})))
	trusted := stamp(80 * time.Second)
	trusted.Wall, trusted.Trusted = morning+70_000, true
	late := ark.AsRun{Broadcast: b.id(), Announcement: "x", Title: ark.Text{Zh: "late"}, RequestedAt: 40_000, State: ark.BroadcastFinished}
	b.commit(j.delivery(entry(ark.KindBroadcast, ended, trusted), entry(ark.KindBroadcast, late, stamp(45*time.Second))))
	bs, err := b.AsRun(t.Context(), hub.Everything, hub.AsRunFilter{Page: hub.Page{Limit: 9}})
	b.must(err)
	got := ""
	for _, x := range bs {
		got += fmt.Sprintf("%s %+d %v; ", x.Title.Zh, x.Asked-morning, x.AskedTrusted)
	}
	if want := "late +30000 true; other +30000 true; early -1000 true; "; got != want {
		t.Errorf("got %s want %s", got, want)
	}
	if bs[2].State != ark.BroadcastFinished {
		t.Errorf("it is %v", bs[2].State)
	}
}

// sounded: a language counts where the loudspeaker got something of it, on the
// day on which the broadcast was asked for, of vans in sight.
func sounded(t *testing.T, b *bench) {
	one, two := b.journal("van-1", 1), b.journal("van-2", 2)
	said := func(consumed ...int64) (all []ark.AsRunRecording) {
		for i, n := range consumed {
			all = append(all, ark.AsRunRecording{Language: []ark.Language{"cmn-Hans-CN", "yue-Hant-HK", "en"}[i], Frames: 100, Consumed: n})
		}
		return all
	}
	const hour = 3600_000
	run := func(j *journal, title string, asked ark.UnixMilli, a ark.AsRun) {
		a.Broadcast, a.Announcement, a.Title, a.RequestedAt = b.id(), "x", ark.Text{Zh: title}, asked
		begun := a
		begun.State, begun.Recordings = ark.BroadcastStarted, said(1)
		a.State = ark.BroadcastFinished
		b.commit(j.delivery(j.fact(b.id(), ark.KindBroadcast, begun), j.fact(b.id(), ark.KindBroadcast, a)))
	}
	run(one, "all", morning, ark.AsRun{Recordings: append(said(100, 100, 100), said(100, 100)...)}) // two rounds are one broadcast
	run(one, "cut", morning+hour, ark.AsRun{Recordings: said(100, 40, 0)})
	run(one, "mute", morning+hour, ark.AsRun{Silent: true, Recordings: said(100, 100, 100)})
	run(two, "later", morning+24*hour, ark.AsRun{Recordings: said(0, 0, 100)})
	days := []time.Time{time.UnixMilli(int64(morning)), time.UnixMilli(int64(morning) + 24*hour), time.UnixMilli(int64(morning) + 48*hour)}
	for range 2 {
		got, err := b.Sounded(t.Context(), hub.Everything, days)
		b.must(err)
		if want := []map[ark.Language]int{{"cmn-Hans-CN": 2, "yue-Hant-HK": 2, "en": 1}, {"en": 1}}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for language, want := range map[ark.Language][]string{"en": {"later", "all"}, "yue-Hant-HK": {"cut", "all"}, "cmn-Hans-CN": {"cut", "all"}, "EN": nil, "yue": nil, "wuu": nil} {
			if got := b.asRuns(hub.AsRunFilter{Language: language}); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", language, got, want)
			}
		}
		if got := b.asRuns(hub.AsRunFilter{Language: "en", Van: "van-1"}); !slices.Equal(got, []string{"all"}) {
			t.Errorf("of a van: %v", got)
		}
		b.reopen()
	}
	b.must(b.SetArea(t.Context(), hub.Everything, "van-2", []ark.Place{{Street: "北街"}}, "lin"))
	got, err := b.Sounded(t.Context(), hub.Sight{Places: []ark.Place{{Street: "北街"}}}, days)
	b.must(err)
	if want := []map[ark.Language]int{{}, {"en": 1}}; !reflect.DeepEqual(got, want) {
		t.Errorf("from the north: %v", got)
	}
	if _, err := b.Sounded(t.Context(), hub.Everything, days[:1]); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("of no day: %v", err)
	}
}
