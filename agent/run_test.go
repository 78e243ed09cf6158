package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ark"
)

// card is a recorder that a test can break.
type card struct {
	mu     sync.Mutex
	kept   []Record
	values []Keep
	tries  int
	broken func(records []Record) error // nil: it takes all
}

func (c *card) Append(_ context.Context, records ...Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries++
	if c.broken != nil {
		if err := c.broken(records); err != nil {
			return err
		}
	}
	c.kept = append(c.kept, records...)
	return nil
}

func (c *card) Keep(_ context.Context, values ...Keep) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		if err := c.broken(nil); err != nil {
			return err
		}
	}
	c.values = append(c.values, values...)
	return nil
}

// repair lets the card take all, and empties it.
func (c *card) repair() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken, c.kept = nil, nil
}

func (c *card) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.kept)
}

func numbered(from, to int) (all []Record) {
	for n := from; n < to; n++ {
		all = append(all, Record{Kind: ark.KindOrderState, Body: n})
	}
	return all
}

func (c *card) wants(t *testing.T, from, to int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) != to-from {
		t.Fatalf("kept %d records, want %d", len(c.kept), to-from)
	}
	for i, r := range c.kept {
		if r.Body != from+i {
			t.Fatalf("record %d is %v, want %d", i, r.Body, from+i)
		}
	}
}

// keeping runs a keeper in a bubble of its own time until the test's function
// ends.
func keeping(t *testing.T, c *card, f func(*keeper)) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeeper(c, slog.New(slog.NewTextHandler(io.Discard, nil)))
		end, ended := make(chan struct{}), make(chan struct{})
		go func() { k.run(end); close(ended) }()
		f(k)
		close(end)
		<-ended
	})
}

func TestRecordsWaitForTheCard(t *testing.T) {
	c := &card{broken: func([]Record) error { return fmt.Errorf("append: %w", ErrDiskFull) }}
	keeping(t, c, func(k *keeper) {
		for n := range 30 {
			k.add(numbered(10*n, 10*n+10), nil)
			time.Sleep(time.Hour / 60) // of the bubble's time
		}
		synctest.Wait()
		c.repair()
		time.Sleep(2 * retryCard)
		synctest.Wait()
		c.wants(t, 0, 300)
	})
}

func TestRecordsAreWrittenAtTheEnd(t *testing.T) {
	c := &card{}
	keeping(t, c, func(k *keeper) { k.add(numbered(0, 1000), nil) })
	c.wants(t, 0, 1000)
}

func TestWhatWaitsIsBounded(t *testing.T) {
	c := &card{broken: func([]Record) error { return ErrBroken }}
	keeping(t, c, func(k *keeper) {
		for n := range 150 {
			k.add(numbered(100*n, 100*n+100), nil)
		}
		synctest.Wait()
		c.repair()
	})
	c.wants(t, 15_000-mostWaiting, 15_000)
}

// A record that can never be written takes no other along.
func TestABadRecordIsAlone(t *testing.T) {
	c := &card{broken: func(records []Record) error {
		for _, r := range records {
			if r.Body == 7 {
				return fmt.Errorf("append: %w", ErrTaken)
			}
		}
		return nil
	}}
	keeping(t, c, func(k *keeper) { k.add(numbered(0, 20), nil) })
	if len(c.kept) != 19 {
		t.Fatalf("kept %d records, want 19", len(c.kept))
	}
}

// Trouble that nobody foresaw may pass; if it stays, what it hits is let go
// and the rest is kept.
func TestUnknownTrouble(t *testing.T) {
	c := &card{}
	c.broken = func(records []Record) error {
		if c.tries < 5 || records[0].Body == 0 {
			return errors.New("the database is locked")
		}
		return nil
	}
	keeping(t, c, func(k *keeper) {
		k.add(numbered(1, 5), nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		c.wants(t, 1, 5)
		c.mu.Lock()
		c.kept = nil
		c.mu.Unlock()
		k.add(numbered(0, 5), nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		if c.count() != 0 {
			t.Error("let go too soon")
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		c.wants(t, 1, 5)
	})
}

// voice is a loudspeaker that a test speaks for.
type voice struct {
	events chan Event
	played chan Program
}

func (v *voice) Play(p Play)          { v.played <- p.Program }
func (v *voice) Hush(Hush)            {}
func (v *voice) Turn(Turn)            {}
func (v *voice) Events() <-chan Event { return v.events }

func newShell(c *card, v *voice) *Shell {
	b := newBench()
	return NewShell(Parts{Brain: b.Brain, Now: func() ark.Stamp { return b.now }, Speaker: v, Recorder: c, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
}

// However many orders come at once, each is told of.
func TestABurstOfOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, v := &card{}, &voice{make(chan Event), make(chan Program, 10)}
		s := newShell(c, v)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		const n = 5000
		for i := range n {
			s.Give([]OrderArrived{{ark.ID{1, byte(i >> 8), byte(i)}, ark.KindStop, ark.Stop{}}})
		}
		go func() { s.Run(ctx, Resumed{}); close(done) }()
		synctest.Wait()
		cancel()
		close(v.events)
		<-done
		told := map[ark.ID]bool{}
		for _, r := range c.kept {
			if o, ok := r.Body.(ark.OrderState); ok && o.State == ark.BroadcastFinished {
				told[o.Order] = true
			}
		}
		if len(told) != n {
			t.Fatalf("%d orders told of, want %d", len(told), n)
		}
	})
}

// A broadcast that the end of the program cuts is recorded with what was heard
// of it.
func TestTheEndIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, v := &card{}, &voice{make(chan Event), make(chan Program, 10)}
		s := newShell(c, v)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Run(ctx, Resumed{}); close(done) }()
		s.Tell(Pressed{Button: "1"})
		p := <-v.played
		v.events <- SegmentStarted{Broadcast: p.Broadcast, Segment: 0}
		v.events <- SegmentEnded{Broadcast: p.Broadcast, Segment: 0}
		v.events <- SegmentStarted{Broadcast: p.Broadcast, Segment: 1}
		cancel()
		synctest.Wait()
		for i := 1; i < 4; i++ {
			v.events <- SegmentEnded{Broadcast: p.Broadcast, Segment: i, Frames: 100, Consumed: int64(80 / (i * i * i)), Why: ark.WhyRestarted}
		}
		v.events <- ProgramEnded{Broadcast: p.Broadcast}
		close(v.events)
		<-done
		run, ok := c.kept[len(c.kept)-1].Body.(ark.AsRun)
		if !ok || run.State != ark.BroadcastFailed || run.Why != ark.WhyRestarted || run.Recordings[0].Consumed != 80 {
			t.Fatalf("the last record is %+v", c.kept[len(c.kept)-1])
		}
	})
}

// The first word of health tells of the card and of the certificate for
// phones, too; a certificate that was renewed is told of at the next look.
func TestTheFirstHealthKnowsTheCard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, v := &card{}, &voice{make(chan Event), make(chan Program, 10)}
		s := newShell(c, v)
		s.DiskFree = func() int64 { return 7 << 30 }
		s.Heat = func() int { return 612 }
		ends := time.UnixMilli(1_800_000_000_000)
		began, renewed := time.Now(), ends.AddDate(2, 0, 0)
		s.Pages = func() time.Time {
			if time.Since(began) > 10*time.Second {
				return renewed
			}
			return ends
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Run(ctx, Resumed{}); close(done) }()
		v.events <- SoundChanged{SoundState{Device: "default"}}
		synctest.Wait()
		time.Sleep(31 * time.Second)
		synctest.Wait()
		cancel()
		close(v.events)
		<-done
		if len(c.kept) < 2 {
			t.Fatalf("%d words of health, want one at first and one of the new certificate", len(c.kept))
		}
		if h, ok := c.kept[0].Body.(ark.Health); !ok || h.DiskFree != 7<<30 || h.Heat != 612 || h.PagesUntil != 1_800_000_000_000 {
			t.Errorf("the first record is %+v, want health with 7 GiB free, 61.2 °C and the certificate's end", c.kept[0].Body)
		}
		if h, ok := c.kept[len(c.kept)-1].Body.(ark.Health); !ok || h.PagesUntil != ark.Milli(renewed) {
			t.Errorf("the last record is %+v, want health with the new certificate's end", c.kept[len(c.kept)-1].Body)
		}
	})
}

// A loudspeaker that never ends keeps nobody.
func TestTheEndDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShell(&card{}, &voice{make(chan Event), make(chan Program, 10)})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		s.Run(ctx, Resumed{})
		if took := time.Since(began); took > lastWords+time.Second {
			t.Fatalf("ended after %v", took)
		}
	})
}

// Values wait for the card as records do, of each key the newest, and are on
// it before the records that came with them.
func TestValuesWaitForTheCard(t *testing.T) {
	c := &card{broken: func([]Record) error { return fmt.Errorf("keep: %w", ErrDiskFull) }}
	keeping(t, c, func(k *keeper) {
		for n := range 100 {
			k.add(numbered(n, n+1), []Keep{{"done", []byte{byte(n)}}, {"volume", []byte{1}}})
		}
		synctest.Wait()
		c.mu.Lock()
		c.broken = onlyAfterValues(c)
		c.mu.Unlock()
		time.Sleep(2 * retryCard)
		synctest.Wait()
	})
	c.wants(t, 0, 100)
	for _, v := range c.values {
		if v.Key == "done" && v.Value[0] != 99 {
			t.Errorf("%v is kept, want the newest", v)
		}
	}
	if len(c.values) != 2 {
		t.Errorf("%d values kept, want the newest of each key", len(c.values))
	}
}

// onlyAfterValues refuses records while no value is kept.
func onlyAfterValues(c *card) func([]Record) error {
	return func(records []Record) error {
		if len(records) > 0 && len(c.values) == 0 {
			return errors.New("a record came before the values")
		}
		return nil
	}
}

// A value that can never be kept takes no record along.
func TestAValueThatIsTooBig(t *testing.T) {
	c := &card{broken: func(records []Record) error {
		if records == nil {
			return fmt.Errorf("keep: %w", ark.ErrTooBig)
		}
		return nil
	}}
	keeping(t, c, func(k *keeper) { k.add(numbered(0, 3), []Keep{{"plan", nil}}) })
	c.wants(t, 0, 3)
}

// What is due between two ticks is begun when it is due, to the millisecond,
// and a library that is ordered is fetched.
func TestTheShellWakesTheBrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, v := &card{}, &voice{make(chan Event), make(chan Program, 10)}
		s := newStage()
		s.settings.TestDay = 0
		began, mono := time.Now(), s.now.Mono
		now := func() ark.Stamp {
			return ark.Stamp{Wall: ark.Milli(time.Now()), Mono: mono + time.Since(began), Trusted: true}
		}
		fetched := make(chan ark.Library, 1)
		shell := NewShell(Parts{Brain: s.Brain, Now: now, Speaker: v, Recorder: c, Log: slog.New(slog.DiscardHandler),
			Fetch: func(l ark.Library) { fetched <- l }})
		due := began.Add(10*time.Second + 400*time.Millisecond).Truncate(time.Second)
		at := due.UTC().Hour()*3600 + due.UTC().Minute()*60 + due.UTC().Second()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		time.Sleep(300 * time.Millisecond) // the ticks are between the seconds
		go func() { shell.Run(ctx, Resumed{}); close(done) }()
		shell.Give([]OrderArrived{{ark.ID{1}, ark.KindPlan, ark.Plan{Version: 1, Zone: "UTC", Items: []ark.PlanItem{{ID: ark.ID{5}, Announcement: "routine", Weekdays: 127, At: at}}}},
			{ark.ID{2}, ark.KindLibrary, ark.Library{Version: 3, Manifest: ark.Hash{1}, Size: 1}}})
		<-v.played
		if late := time.Since(due); late < 0 || late > 10*time.Millisecond {
			t.Errorf("begun %v after it was due", late)
		}
		if l := <-fetched; l.Version != 3 {
			t.Errorf("fetched %+v", l)
		}
		cancel()
		close(v.events)
		<-done
	})
}

// A value that comes while the one before it is refused is the one that is
// kept.
func TestANewerValueIsNotOverwritten(t *testing.T) {
	c := &card{}
	keeping(t, c, func(k *keeper) {
		c.mu.Lock()
		newer := sync.OnceFunc(func() { k.add(nil, []Keep{{"volume", []byte("new")}}) })
		c.broken = func([]Record) error {
			newer()
			return ErrBroken
		}
		c.mu.Unlock()
		k.add(nil, []Keep{{"volume", []byte("old")}})
		time.Sleep(retryCard / 2)
		synctest.Wait()
		c.repair()
		time.Sleep(2 * retryCard)
		synctest.Wait()
	})
	if len(c.values) != 1 || string(c.values[0].Value) != "new" {
		t.Errorf("kept %q", c.values)
	}
}
