package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/rig"
)

// TestPi is the whole line on an emulated Raspberry Pi: a press on a GPIO
// line is heard in three languages and told to the hub, and a visit arrives
// with the right time although the Pi woke in 1970.
func TestPi(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	b := bootVan(t, ctx)
	b.boot(t, "true")
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"a press", b.press},
		{"a mixer that is shut", b.mute},
		{"a visit", func(t *testing.T) { b.atHub(t, b.visit(t, "3幢2单元501")) }},
		{"what was heard", b.heard},
		{"chattering contacts", b.chatter},
		{"an order", b.order},
		{"a power cut", b.powerCut},
		{"a sound card pulled out", b.soundCard},
		{"wires pulled out", b.wires},
	} {
		if !t.Run(part.name, part.run) {
			t.Fatal("what follows builds on it")
		}
	}
}

// press holds button 1 for longer than a long press: it is one broadcast, and
// the lamps tell of it.
func (b *bench) press(t *testing.T) {
	b.lamps(t, "1 0 0") // ready
	presses := 0
	run := b.sound(t, func() ark.Trigger {
		presses++
		b.do(t, "press 17 1500")
		b.lamps(t, "0 1 0") // playing
		return ark.Trigger{Button: "1", Line: "GPIO17"}
	})
	if run.LatencyMS <= 0 {
		t.Errorf("press to first sample: %d ms", run.LatencyMS)
	}
	t.Logf("press to first sample: %d ms (emulated)", run.LatencyMS)
	b.lamps(t, "1 0 0")
	all, err := b.hub.Store.Broadcasts(b.ctx, hub.Everything, hub.Page{Limit: 20})
	if err != nil || len(all) != presses {
		t.Errorf("%d broadcasts of %d long presses, %v", len(all), presses, err)
	}
}

// lamps waits for the levels of the lamps' lines: ready, playing, fault.
func (b *bench) lamps(t *testing.T, want string) {
	t.Helper()
	b.await(t, "lamps "+want, func() bool {
		got := strings.Join(strings.Fields(b.do(t, "value 5; value 6; value 13")), " ")
		return got == want
	})
}

func (b *bench) heard(t *testing.T) {
	b.do(t, "usleep 1000000") // the card's own buffer plays out
	if err := b.Quit(b.ctx); err != nil {
		t.Fatal(err)
	}
	hearAnnouncement(t, b.conf.WAV, "welcome")
	b.boot(t, "true")
}

// chatter sends eight hundred edges as fast as they go. A press among them is
// possible, an agent that ends is not.
func (b *bench) chatter(t *testing.T) {
	b.do(t, "i=0; while [ $i -lt 400 ]; do pull 27 down; pull 27 up; i=$((i+1)); done; kill -0 $(cat /tmp/agent.pid)")
	b.do(t, "press 23 100") // stop
	b.lamps(t, "1 0 0")
}

func (b *bench) order(t *testing.T) {
	play := ark.PlayNow{Announcement: "welcome", NotAfter: ark.Milli(time.Now().Add(time.Hour))}
	b.sound(t, func() ark.Trigger {
		ids, err := b.hub.Ingest.Order(b.ctx, []ark.VanID{"pi-1"}, ark.KindPlayNow, play)
		if err != nil {
			t.Fatal(err)
		}
		return ark.Trigger{Order: ids[0]}
	})
}

// mute shuts the card's mixer and opens it again: the lamps tell of both as
// soon as the kernel does, and not when the agent next looks by itself.
func (b *bench) mute(t *testing.T) {
	b.do(t, "mixer() { (unset ALSA_CONFIG_PATH; amixer -q -c Intel sset Master $1); }; mixer mute")
	b.lamps(t, "0 0 1")
	b.do(t, "mixer unmute")
	began := time.Now()
	b.lamps(t, "1 0 0")
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the open mixer was noticed after %v\n%s", took, b.agentLog())
	}
}

// powerCut kills the Pi while the hub is away. That loses the guest's own
// page cache; what the guest had flushed the host keeps, so it is not the
// power cut of a card that lies about its cache.
func (b *bench) powerCut(t *testing.T) {
	b.hub.Stop()
	var saved []ark.ID
	for i := range 5 {
		saved = append(saved, b.visit(t, fmt.Sprintf("4幢%d室", i)))
	}
	b.Close()
	b.openHub(t)
	b.boot(t, "sed -i s/Intel/Audio/ /etc/asound.conf /etc/ark/agent.toml") // for soundCard
	for _, id := range saved {
		b.atHub(t, id)
	}
	all, err := b.hub.Store.Visits(b.ctx, hub.Page{Limit: 20})
	if err != nil || len(all) != 6 {
		t.Errorf("%d visits at the hub, %v; want 6, each once", len(all), err)
	}
}

// soundCard plugs a USB sound card in and out of a Pi that has no other.
func (b *bench) soundCard(t *testing.T) {
	b.lamps(t, "0 0 1") // nothing would be heard
	if err := b.PlugUSB(); err != nil {
		t.Fatal(err)
	}
	b.lamps(t, "1 0 0")
	b.do(t, "press 17 100")
	b.lamps(t, "0 1 0")
	if err := b.PullUSB(); err != nil {
		t.Fatal(err)
	}
	run := b.ended(t, ark.Trigger{Button: "1", Line: "GPIO17"})
	if run.State != ark.BroadcastFailed || run.Why != ark.WhyDeviceLost && run.Why != ark.WhyStalled {
		t.Errorf("as-run of a card that was pulled out: %+v", run.AsRun)
	}
	b.lamps(t, "0 0 1")
	if err := b.PlugUSB(); err != nil {
		t.Fatal(err)
	}
	b.lamps(t, "1 0 0")
	b.sound(t, func() ark.Trigger {
		b.do(t, "press 17 100")
		return ark.Trigger{Button: "1", Line: "GPIO17"}
	})
}

// wires takes the GPIO chip away and gives it back, as a board on a loose
// plug does, then names a line that no chip has.
func (b *bench) wires(t *testing.T) {
	b.do(t, "echo 0 >$sim/live")
	b.panel(t, ark.PanelNoChip)
	b.do(t, "echo 1 >$sim/live; chip=$(echo /sys/devices/platform/gpio-sim.*/gpiochip*); for n in 12 16 17 22 23 24 25 26 27; do pull $n up; done")
	b.panel(t, "")
	b.do(t, "press 22 100")
	b.lamps(t, "0 1 0")
	b.do(t, "press 23 100") // stop
	if run := b.ended(t, ark.Trigger{Button: "3", Line: "GPIO22"}); run.State != ark.BroadcastCut || run.Why != ark.WhyStopped {
		t.Errorf("as-run after stop: %+v", run.AsRun)
	}
	b.do(t, "kill $(cat /tmp/agent.pid); wait; sed -i s/GPIO22/GPIO99/ /etc/ark/profile.toml; agent run --config /etc/ark/agent.toml")
	b.panel(t, ark.PanelNoLine)
}

// panel waits until the van's state says this of the buttons.
func (b *bench) panel(t *testing.T, want string) {
	t.Helper()
	b.await(t, "the state to say of the buttons: "+want, func() bool {
		answer, err := http.Get(b.page + "/api/1/state")
		if err != nil {
			return false // the agent is being started
		}
		defer answer.Body.Close()
		var state struct{ Panel string }
		return json.NewDecoder(answer.Body).Decode(&state) == nil && state.Panel == want
	})
}

// visit logs a visit as a crew's phone does. It returns once the van has said
// "saved".
func (b *bench) visit(t *testing.T, place string) ark.ID {
	t.Helper()
	var r [10]byte
	rig.Random(r[:])
	id := ark.NewID(ark.Milli(time.Now()), r)
	body, err := json.Marshal(map[string]any{"id": id, "place": place, "outcome": "met", "by": "小王"})
	if err != nil {
		t.Fatal(err)
	}
	ask, err := http.NewRequestWithContext(b.ctx, http.MethodPost, b.page+"/api/1/visits", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	ask.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		t.Fatalf("a visit: %s, want 201", answer.Status)
	}
	return id
}

// atHub waits for a visit at the hub. Its time must be right and trusted.
func (b *bench) atHub(t *testing.T, id ark.ID) {
	t.Helper()
	var got hub.Visit
	b.await(t, "the visit at the hub", func() bool {
		all, err := b.hub.Store.Visits(b.ctx, hub.Page{Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		for _, got = range all {
			if got.ID == id {
				return true
			}
		}
		return false
	})
	if off := time.Since(got.At.Wall.Time()).Abs(); !got.At.Trusted || off > 3*time.Minute {
		t.Errorf("%s at the hub: at %v, trusted %v; want the present time, trusted", got.Place, got.At.Wall.Time(), got.At.Trusted)
	}
}
