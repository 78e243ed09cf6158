package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/firmware-config/demo"
	"ark/hub"
	"ark/internal/hearing"
	"ark/internal/pi"
	"ark/internal/rig"
)

// agentForPi builds the agent for the Pi, as `make cross` does.
func agentForPi(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "ark-agent")
	build := exec.Command("go", "build", "-trimpath", "-o", to, "ark/cmd/ark-agent")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build ark-agent for the Pi: %v\n%s", err, out)
	}
	return to
}

// port is a free port of the loopback interface.
func port(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// bench is an emulated Pi with our agent, made ready by arkctl, and a hub
// outside.
type bench struct {
	*pi.Pi
	ctx  context.Context
	hub  *rig.Hub
	wav  string
	page string // of the crew
	conf pi.Config
}

// bootVan does what a technician does: an authority, a folder for the card,
// the card into the Pi, which has no idea what time it is.
func bootVan(t *testing.T, ctx context.Context) *bench {
	t.Helper()
	kernel, dir := pi.Kernel(t), t.TempDir()
	hubPort, pagePort := port(t), port(t)
	ca, card := filepath.Join(dir, "ca"), filepath.Join(dir, "card")
	arkctl := binary(t, "arkctl")
	for _, args := range [][]string{
		{"ca", "init", "--name", "10.0.2.2"},
		{"van", "add", "pi-1", "--hub", fmt.Sprintf("10.0.2.2:%d", hubPort), "--out", card, "--profile", "pi4", "--data", "/data/ark", "--card", "Intel", "--buffer", "200"},
	} {
		if out, err := exec.Command(arkctl, append([]string{"--dir", ca}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("arkctl %v: %v\n%s", args, err, out)
		}
	}
	files := map[string]pi.File{
		"/usr/bin/ark-agent": {From: agentForPi(t), Mode: 0o755},
		"/etc/asound.conf":   {From: filepath.Join(card, "asound.conf"), Mode: 0o644},
	}
	for _, name := range []string{"agent.toml", "profile.toml", "ca.pem", "van.pem", "van-key.pem"} {
		files["/etc/ark/"+name] = pi.File{From: filepath.Join(card, name), Mode: 0o600}
	}
	b := &bench{ctx: ctx, wav: filepath.Join(dir, "heard.wav"), page: fmt.Sprintf("http://127.0.0.1:%d", pagePort)}
	initrd, disk := filepath.Join(dir, "initrd.gz"), filepath.Join(dir, "card.img")
	if err := pi.Initrd(initrd, "../../build/vm/arm64", files); err != nil {
		t.Fatal(err)
	}
	if err := pi.Card(disk); err != nil {
		t.Fatal(err)
	}
	b.conf = pi.Config{Kernel: kernel, Initrd: initrd, WAV: b.wav, Card: disk, Clock: "1970-01-02",
		Forward: map[int]string{8080: strings.TrimPrefix(b.page, "http://")}}
	b.hub = rig.StartHubOf(t, ca, fmt.Sprintf("127.0.0.1:%d", hubPort), filepath.Join(dir, "hub.db"))
	b.boot(t)
	return b
}

// boot switches the Pi on and starts the agent.
func (b *bench) boot(t *testing.T) {
	t.Helper()
	var err error
	if b.Pi, err = pi.Boot(b.ctx, b.conf); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	b.do(t, "agent run --config /etc/ark/agent.toml")
	b.await(t, "the van at the hub", func() bool { return len(b.hub.Link.Connected()) == 1 })
}

func (b *bench) do(t *testing.T, line string) string {
	t.Helper()
	out, err := b.Do(b.ctx, line)
	if err != nil {
		t.Fatalf("%v\n%s", err, b.agentLog())
	}
	return out
}

func (b *bench) agentLog() string {
	out, _ := b.Do(context.WithoutCancel(b.ctx), "cat /tmp/agent.log") // best effort: a test has failed
	return out
}

func (b *bench) await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-b.ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		case <-time.After(time.Minute):
			t.Fatalf("waited in vain: %s\n%s", what, b.agentLog())
		case <-tick.C:
		}
	}
}

// ended waits for the end of a broadcast that was asked for in a way.
func (b *bench) ended(t *testing.T, by ark.Trigger) hub.Broadcast {
	t.Helper()
	var found hub.Broadcast
	b.await(t, fmt.Sprintf("the end of the broadcast by %+v", by), func() bool {
		all, err := b.hub.Store.Broadcasts(b.ctx, hub.Page{Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		for _, found = range all {
			if found.Trigger == by && found.State.Ended() {
				return true
			}
		}
		return false
	})
	return found
}

// wholly fails unless a device consumed every frame of three recordings.
func wholly(t *testing.T, run hub.Broadcast) {
	t.Helper()
	if run.State != ark.BroadcastFinished || run.Why != "" || run.Silent || len(run.Recordings) != 3 {
		t.Fatalf("as-run: %+v; want three recordings finished on a real device", run.AsRun)
	}
	for _, r := range run.Recordings {
		if r.State != ark.BroadcastFinished || r.Consumed != r.Frames || r.Frames < ark.SampleRate {
			t.Errorf("as-run of %s: %+v; want all of it consumed", r.Language, r)
		}
	}
}

// TestPi is the whole line on an emulated Raspberry Pi: a press on a GPIO
// line is heard in three languages and told to the hub, and a visit arrives
// with the right time although the Pi woke in 1970.
func TestPi(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	b := bootVan(t, ctx)
	t.Run("a press", func(t *testing.T) {
		b.do(t, "press 17 150")
		run := b.ended(t, ark.Trigger{Button: "1"})
		wholly(t, run)
		t.Logf("press to first sample: %d ms (emulated)", run.LatencyMS)
	})
	t.Run("a visit", func(t *testing.T) { b.visit(t, "3幢2单元501") })
	t.Run("what was heard", func(t *testing.T) {
		b.do(t, "usleep 400000") // the card's own buffer plays out
		if err := b.Quit(ctx); err != nil {
			t.Fatal(err)
		}
		hearAnnouncement(t, b.wav, "welcome")
	})
}

// visit logs a visit as a crew's phone does, and awaits it at the hub.
func (b *bench) visit(t *testing.T, place string) {
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
	if off := time.Since(got.At.Wall.Time()).Abs(); got.Place != place || !got.At.Trusted || off > time.Minute {
		t.Errorf("at the hub: %q at %v, trusted %v; want %q and the present time, trusted", got.Place, got.At.Wall.Time(), got.At.Trusted, place)
	}
}

// chimeFrames is the chime's length but for its last, faint tenth.
const chimeFrames = ark.SampleRate * 12 / 10

// first is the first sample that is no silence.
func first(heard []int16) int {
	return max(0, slices.IndexFunc(heard, func(v int16) bool { return v > 300 || v < -300 }))
}

// hearAnnouncement finds each language's recording in what the Pi's sound
// card played, in order, after the chime.
func hearAnnouncement(t *testing.T, wav string, id ark.AnnouncementID) {
	t.Helper()
	heard, err := pi.Heard(wav)
	if err != nil {
		t.Fatal(err)
	}
	spoken := map[ark.Hash][]int16{}
	list, _, err := demo.Announcements(func(s []int16) []byte {
		file := fmt.Append(nil, s)
		spoken[ark.HashOf(file)] = s
		return file
	})
	if err != nil {
		t.Fatal(err)
	}
	after := first(heard) + chimeFrames
	for _, a := range list {
		for _, r := range a.Recordings {
			at, share := hearing.Follow(heard, spoken[r.Content])
			t.Logf("%s in %s: at %.2f s, %.0f %% of it", a.ID, r.Language, float64(at)/ark.SampleRate, 100*share)
			switch {
			case a.ID != id && share > 0.1: // the judge itself is judged
				t.Errorf("%s in %s was never played, and %.2f of it was heard", a.ID, r.Language, share)
			case a.ID != id:
				continue
			case share < 0.75 || at < after:
				t.Errorf("%s at %d, %.2f of it; want most of it after %d", r.Language, at, share, after)
			}
			after = at + len(spoken[r.Content])
		}
	}
}
