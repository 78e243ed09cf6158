package e2e

import (
	"context"
	"fmt"
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

// bench is an emulated Pi with our agent, made ready by arkctl, and a hub
// outside.
type bench struct {
	*pi.Pi
	whole *testing.T
	ctx   context.Context
	dir   string
	hub   *rig.Hub
	addr  string // of the hub
	page  string // of the crew
	conf  pi.Config
	boots int
	seen  []ark.ID // broadcasts
}

// bootVan does what a technician does: an authority, a folder for the card,
// the card into the Pi, which has no idea what time it is.
func bootVan(t *testing.T, ctx context.Context) *bench {
	t.Helper()
	kernel, dir := pi.Kernel(t), t.TempDir()
	b := &bench{whole: t, ctx: ctx, dir: dir, addr: freeAddr(t), page: "http://" + freeAddr(t)}
	ca, card := filepath.Join(dir, "ca"), filepath.Join(dir, "card")
	arkctl := binary(t, "arkctl")
	for _, args := range [][]string{
		{"ca", "init", "--name", "10.0.2.2"},
		{"van", "add", "pi-1", "--hub", strings.Replace(b.addr, "127.0.0.1", "10.0.2.2", 1), "--out", card, "--profile", "pi4", "--data", "/data/ark", "--card", "Intel", "--buffer", "300", "--listen", ":8080"},
	} {
		if out, err := exec.Command(arkctl, append([]string{"--dir", ca}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("arkctl %v: %v\n%s", args, err, out)
		}
	}
	withoutQuietHours(t, filepath.Join(card, "profile.toml")) // the hub's clock is the true one: it may be night
	files := map[string]pi.File{
		"/usr/bin/ark-agent": {From: agentForPi(t), Mode: 0o755},
		"/etc/asound.conf":   {From: filepath.Join(card, "asound.conf"), Mode: 0o644},
	}
	for _, name := range []string{"agent.toml", "profile.toml", "ca.pem", "van.pem", "van-key.pem", "pages-ca.pem", "pages.pem", "pages-key.pem"} {
		files["/etc/ark/"+name] = pi.File{From: filepath.Join(card, name), Mode: 0o600}
	}
	initrd, disk := filepath.Join(dir, "initrd.gz"), filepath.Join(dir, "card.img")
	if err := pi.Initrd(initrd, "../../build/vm/arm64", files); err != nil {
		t.Fatal(err)
	}
	if err := pi.Card(disk); err != nil {
		t.Fatal(err)
	}
	sock, err := os.MkdirTemp("", "pi") // a short path: it becomes a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sock) })
	b.conf = pi.Config{Kernel: kernel, Initrd: initrd, Card: disk, Clock: "1970-01-02", Monitor: filepath.Join(sock, "m"),
		USBWAV: filepath.Join(dir, "usb.wav"), Forward: map[int]string{8080: strings.TrimPrefix(b.page, "http://")}}
	b.openHub(t)
	return b
}

func withoutQuietHours(t *testing.T, profile string) {
	t.Helper()
	data, err := os.ReadFile(profile)
	const night = `quiet_hours = ["22:00-06:00"]`
	if err == nil && !strings.Contains(string(data), night) {
		t.Fatalf("the profile has other quiet hours:\n%s", data)
	}
	if err == nil {
		err = os.WriteFile(profile, []byte(strings.Replace(string(data), night, "quiet_hours = []", 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) openHub(t *testing.T) {
	t.Helper()
	b.hub = rig.StartHubOf(b.whole, filepath.Join(b.dir, "ca"), b.addr, filepath.Join(b.dir, "hub.db"))
}

// boot switches the Pi on with the card of before, lets it do a line, and
// starts the agent.
func (b *bench) boot(t *testing.T, first string) {
	t.Helper()
	b.boots++
	b.conf.WAV = filepath.Join(b.dir, fmt.Sprintf("heard-%d.wav", b.boots))
	p, err := pi.Boot(b.ctx, b.conf)
	if err != nil {
		t.Fatal(err)
	}
	b.Pi = p
	b.whole.Cleanup(func() { p.Close() })
	b.do(t, first)
	b.do(t, b.environment(t))
	b.do(t, "agent run --config /etc/ark/agent.toml")
	b.await(t, "the van at the hub", func() bool { return len(b.hub.Link.Connected()) == 1 })
}

// environment is what the service file gives the agent: the emulated Pi has no
// systemd to read it.
func (b *bench) environment(t *testing.T) string {
	t.Helper()
	unit, err := os.ReadFile(filepath.Join(b.dir, "card", "ark-agent.service"))
	if err != nil {
		t.Fatal(err)
	}
	export := "export ARK=1"
	for line := range strings.Lines(string(unit)) {
		if set, ok := strings.CutPrefix(line, "Environment="); ok {
			export += " " + strings.TrimSpace(set)
		}
	}
	return export
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
	tick, late := time.NewTicker(20*time.Millisecond), time.NewTimer(90*time.Second)
	defer tick.Stop()
	defer late.Stop()
	for !ok() {
		select {
		case <-b.ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		case <-late.C:
			t.Fatalf("waited in vain: %s\n%s", what, b.agentLog())
		case <-tick.C:
		}
	}
}

// ended waits for the end of a broadcast that was asked for in a way and was
// not looked at before.
func (b *bench) ended(t *testing.T, by ark.Trigger) hub.Broadcast {
	t.Helper()
	var found hub.Broadcast
	b.await(t, fmt.Sprintf("the end of the broadcast by %+v", by), func() bool {
		all, err := b.hub.Store.Broadcasts(b.ctx, hub.Everything, hub.Page{Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		for _, found = range all {
			if found.Trigger == by && found.State.Ended() && !slices.Contains(b.seen, found.Broadcast) {
				b.seen = append(b.seen, found.Broadcast)
				return true
			}
		}
		return false
	})
	return found
}

// sound asks for a broadcast until one ends as it should. On a machine that
// is very busy the emulated sound card may stand still for so long that the
// agent rightly calls it stalled; that is tried again.
func (b *bench) sound(t *testing.T, ask func() ark.Trigger) hub.Broadcast {
	t.Helper()
	for try := 1; ; try++ {
		run := b.ended(t, ask())
		if run.Why == ark.WhyStalled && try < 3 {
			t.Logf("the emulated sound card stood still; again")
			b.lamps(t, "1 0 0")
			continue
		}
		wholly(t, run)
		return run
	}
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

// chimeFrames is the chime's length but for its last, faint tenth.
const chimeFrames = ark.SampleRate * 12 / 10

// first is the first sample that is no silence.
func first(heard []int16) int {
	return max(0, slices.IndexFunc(heard, func(v int16) bool { return v > 300 || v < -300 }))
}

// hearAnnouncement finds each language's recording in what the Pi's sound
// card played, in order, after the chime. An emulated card on a busy machine
// now and then has nothing to play for some milliseconds, so the recordings
// are followed in pieces of 200 ms, each found nearly exactly: more than half
// of them, where of a recording that was not played not a tenth is found.
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
			case share < 0.6 || at < after:
				t.Errorf("%s at %d, %.2f of it; want most of it after %d", r.Language, at, share, after)
			}
			after = at + len(spoken[r.Content])*3/4 // what the card skipped makes it shorter
		}
	}
}
