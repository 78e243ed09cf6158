package uploads

import (
	"os"
	"sync"
	"testing"
	"time"
)

// An upload begins while a sweep removes the folder of its owner, which was
// empty.
func TestBeginDuringASweep(t *testing.T) {
	d, err := OpenFolder(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var sweeping sync.WaitGroup
	sweeping.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				d.SweepParts(time.Hour)
			}
		}
	})
	defer func() { close(stop); sweeping.Wait() }()
	for range 3000 {
		p, err := d.begin(Announced{Owner: "phone", Size: 9})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(p.path); err != nil {
			t.Fatal(err)
		}
	}
}
