package agent

import (
	"time"

	"ark"
)

// A weekly self-test that something cut is begun again the same day, at most
// mostTests times in all and not sooner than testAgain after the one before.
const (
	mostTests = 3
	testAgain = 5 * time.Minute
)

// tests is what is known of self-tests.
type tests struct {
	last *ark.SelfTest // nil: never
	day  ark.Date      // of the last weekly one
	left int           // how often that may be begun again on its day
	at   time.Duration // when it was last begun
}

// testTitle names a self-test in records.
var testTitle = ark.Text{Zh: "声音自检", En: "Sound self-test"}

func (b *Brain) testRun(now ark.Stamp, t ark.Trigger, asked time.Duration) *run {
	return b.newRun(now, ark.Announcement{Title: testTitle}, t, asked)
}

// weeklyTest begins the self-test of the week once its time has come, when
// nothing else sounds or waits. What its day does not allow is not made up
// for.
func (b *Brain) weeklyTest(now ark.Stamp) []Action {
	s := b.settings
	if s.TestDay == 0 || !now.Trusted || b.front != nil || b.bed != nil || len(b.waiting) > 0 || b.quietAt(now) {
		return nil
	}
	local := now.Wall.Time().In(b.zone)
	if int(local.Weekday()) != s.TestDay%7 || local.Hour()*60+local.Minute() < s.TestAt {
		return nil
	}
	switch today := ark.DateOf(local); {
	case today > b.tests.day, today < b.tests.day && b.tests.day > ark.DateOf(local.Add(24*time.Hour)):
		b.tests.day, b.tests.left = today, mostTests
	case b.tests.left == 0 || now.Mono-b.tests.at < testAgain:
		return nil
	}
	b.tests.left--
	b.tests.at = now.Mono
	out := []Action{Keep{keyTested, []byte(b.tests.day)}}
	return append(out, b.offer(now, b.testRun(now, ark.Trigger{Test: true}, now.Mono))...)
}

// tested makes the dated result of a self-test.
func (b *Brain) tested(now ark.Stamp, r *run) []Action {
	t := ark.SelfTest{At: now.Wall, Result: r.Heard, Consumed: r.State == ark.BroadcastFinished || r.Why == ark.WhyMuted, Why: r.Why,
		Volume: r.Volume, Broadcast: r.Broadcast, Device: b.sound.Device}
	if t.Why == "" && r.Heard == ark.HeardNo {
		t.Why = ark.WhyUnheard
	}
	if r.State != ark.BroadcastCut && r.Trigger.Button == "" {
		b.tests.left = 0 // the week has its result
	}
	if r.State != ark.BroadcastCut {
		b.tests.last = &t
	}
	out := []Action{Record{Kind: ark.KindSelfTest, Body: t}}
	if body, err := ark.EncodeBody(ark.KindSelfTest, t); err == nil && b.tests.last == &t {
		out = append(out, Keep{keySelfTest, body})
	}
	return out
}
