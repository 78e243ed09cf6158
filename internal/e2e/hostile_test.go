package e2e

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"ark"
	"ark/internal/rig"
)

// rubbish is what a van with a valid certificate may think of.
func rubbish(t *testing.T, n int) []byte {
	noise := make([]byte, 60<<10)
	rand.Read(noise)
	switch {
	case n%150 == 149: // a whole frame, for once
	case n%3 == 0:
		return noise
	case n%3 == 1:
		return append([]byte{1, 0}, noise[:100]...)
	default:
		return make([]byte, 100<<10) // more than a frame may be
	}
	inc := ark.NewIncarnation([16]byte{9})
	data, err := ark.EncodeFrame(ark.Frame{Incarnation: inc, First: ark.Seq(1_000_000 + n), Entries: [][]byte{{0x01}}, Ahead: 1 << 63}, true)
	if err != nil {
		t.Error(err)
	}
	return data
}

// A van that sends rubbish as fast as it can loses its session again and
// again, and an honest van beside it notices nothing.
func TestAFloodOfRubbishIsOneVansTrouble(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	v := o.StartVan(t, "van-good", dir, rig.VanOptions{})
	logVisits(t, v, 0, 1)
	rig.Await(t, "the first at the hub", drained(v))
	stop := make(chan struct{})
	var bad sync.WaitGroup
	cfg, topic, sent := o.CA.Van(t, "van-bad"), ark.VanID("van-bad").Topic(ark.Journal), 0
	bad.Go(func() {
		for {
			lost := make(chan struct{})
			c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("ssl://" + o.Addr).SetClientID("van-bad").SetProtocolVersion(4).
				SetTLSConfig(cfg).SetAutoReconnect(false).SetConnectionLostHandler(func(mqtt.Client, error) { close(lost) }))
			c.Connect().WaitTimeout(20 * time.Second)
			for gone := false; !gone; sent++ {
				select {
				case <-stop:
					c.Disconnect(0)
					return
				case <-lost:
					gone = true
				default:
					c.Publish(topic, 1, false, rubbish(t, sent)).WaitTimeout(time.Second)
					gone = !c.IsConnectionOpen()
				}
			}
		}
	})
	var worst time.Duration
	for n := 1; n <= 100; n++ {
		began := time.Now()
		logVisits(t, v, n, n+1)
		rig.Await(t, fmt.Sprintf("visit %d at the hub", n), drained(v))
		worst = max(worst, time.Since(began))
	}
	close(stop)
	bad.Wait()
	wantVisits(t, h, 101)
	s, l := h.Ingest.Stats(), h.Link.Stats()
	t.Logf("%d frames of rubbish, %d connections, the slowest honest visit after %v", sent, l.Connects.Load(), worst)
	if worst > 20*time.Second { // a fraction of a second, but for a machine whose disk is busy with other tests
		t.Errorf("an honest visit took %v", worst)
	}
	if l.Connects.Load() < 3 {
		t.Error("who sends nothing but rubbish keeps its session")
	}
	if refused := s.Refused[ark.RefusedGarbage].Load() + s.Refused[ark.RefusedVersion].Load() + s.Refused[ark.RefusedSize].Load(); refused == 0 || s.StoreErrors.Load() > 0 {
		t.Errorf("%d refused, %d errors of the store", refused, s.StoreErrors.Load())
	}
}
