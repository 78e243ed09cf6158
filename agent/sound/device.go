package sound

import (
	"errors"
	"sync"
	"time"

	"ark"
)

// device takes samples at the pace at which they sound. There are two: the
// child process with the real one, and a paced silent one. Its methods never
// wait for the device; the caller keeps no more than a little ahead.
type device interface {
	// write queues samples, little-endian 16 bit.
	write(samples []byte) error
	// end says that no more samples follow in this stream.
	end() error
	// split puts samples in the place of all that was queued from a frame of the
	// stream on. It is answered by one report, repSplit or repLate: then some of
	// what was to be replaced had been read by then, and nothing was changed.
	split(from int64, samples []byte) error
	// reports tells what was consumed. It is closed when the device is gone.
	reports() <-chan report
	// close ends the device and waits for it.
	close()
}

// report is a device's word: of which kind, and the number that goes with it.
type report struct {
	kind   byte // a rep…
	frames int64
}

var errGone = errors.New("the device is gone")

// silentDevice consumes in real time and sounds nothing.
type silentDevice struct {
	out   chan report
	stop  chan struct{}
	asked chan struct{} // for an answer
	done  sync.WaitGroup

	mu      sync.Mutex
	queued  int64 // frames of the present stream
	ending  bool
	began   time.Time
	at      int64    // frames consumed
	answers []report // not told yet
}

// pace is how often the silent device consumes.
const pace = 10 * time.Millisecond

func newSilentDevice() *silentDevice {
	d := &silentDevice{out: make(chan report, 64), stop: make(chan struct{}), asked: make(chan struct{}, 1)}
	d.done.Go(d.run)
	return d
}

func (d *silentDevice) write(samples []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.queued == 0 {
		d.began = time.Now()
	}
	d.queued += int64(len(samples) / 2)
	return nil
}

func (d *silentDevice) end() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ending = true
	return nil
}

func (d *silentDevice) split(from int64, samples []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := report{repSplit, from}
	switch {
	case d.queued == 0:
		r = report{repLate, closed}
	case from < d.at:
		r = report{repLate, d.at}
	default:
		d.queued, d.ending = from+int64(len(samples)/2), false
	}
	d.answers = append(d.answers, r)
	nudge(d.asked)
	return nil
}

func (d *silentDevice) reports() <-chan report { return d.out }

func (d *silentDevice) close() {
	close(d.stop)
	d.done.Wait()
}

func (d *silentDevice) run() {
	defer close(d.out)
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		select {
		case <-d.stop:
			return
		case <-tick.C:
		case <-d.asked:
		}
		for _, r := range d.consume() {
			select {
			case d.out <- r:
			case <-d.stop:
				return
			}
		}
	}
}

// consume takes what is due, and says what there is to say: answers first,
// since what comes after them is counted by them.
func (d *silentDevice) consume() (told []report) {
	d.mu.Lock()
	defer d.mu.Unlock()
	told, d.answers = d.answers, nil
	if d.queued == 0 && !d.ending {
		return told
	}
	due := int64(time.Since(d.began).Seconds() * ark.SampleRate)
	d.at = max(d.at, min(d.queued, due))
	if d.ending && d.at >= d.queued {
		told = append(told, report{repEnded, d.at})
		d.queued, d.at, d.ending = 0, 0, false
		return told
	}
	return append(told, report{repConsumed, d.at})
}
