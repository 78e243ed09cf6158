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
	// end says that no more samples follow in this program.
	end() error
	// hush fades out and drops what is queued.
	hush() error
	// reports tells what was consumed. It is closed when the device is gone.
	reports() <-chan report
	// close ends the device and waits for it.
	close()
}

// report is a device's word.
type report struct {
	consumed int64 // frames of the present program that the device has taken
	ended    bool  // all that was to sound has sounded, or was dropped
}

var errGone = errors.New("the device is gone")

// silentDevice consumes in real time and sounds nothing.
type silentDevice struct {
	out  chan report
	stop chan struct{}
	done sync.WaitGroup

	mu     sync.Mutex
	queued int64 // frames of the present program
	ending bool
	began  time.Time
	at     int64 // frames consumed
}

// pace is how often the silent device consumes.
const pace = 10 * time.Millisecond

func newSilentDevice() *silentDevice {
	d := &silentDevice{out: make(chan report, 64), stop: make(chan struct{})}
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

func (d *silentDevice) hush() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queued, d.ending = d.at, true
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
			if r, news := d.consume(); news {
				select {
				case d.out <- r:
				case <-d.stop:
					return
				}
			}
		}
	}
}

func (d *silentDevice) consume() (report, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.queued == 0 && !d.ending {
		return report{}, false
	}
	due := int64(time.Since(d.began).Seconds() * ark.SampleRate)
	d.at = max(d.at, min(d.queued, due))
	r := report{consumed: d.at, ended: d.ending && d.at >= d.queued}
	if r.ended {
		d.queued, d.at, d.ending = 0, 0, false
	}
	return r, true
}
