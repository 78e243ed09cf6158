package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ark"
	"ark/internal/rig"
)

// fleet is an office and its vans as the real programs on loopback ports,
// provisioned by arkctl.
type fleet struct {
	t             testing.TB
	dir           string
	mqtt, console string
	blobs         string
	data          string // the hub's
	hub           *program
	vans          []*van
}

// van is one of them.
type van struct {
	h     *fleet
	id    ark.VanID
	card  string // the folder that arkctl made
	data  string
	addr  string // of the crew's page
	agent *program
}

// newFleet provisions vans and starts nothing. hubData empty: a folder beside
// theirs.
func newFleet(t testing.TB, vans int, hubData string) *fleet {
	t.Helper()
	h := &fleet{t: t, dir: t.TempDir(), mqtt: freeAddr(t), console: freeAddr(t), blobs: freeAddr(t), data: hubData}
	if h.data == "" {
		h.data = filepath.Join(h.dir, "hub")
	}
	t.Cleanup(h.lastWords)
	ca := filepath.Join(h.dir, "ca")
	quietly(t, binary(t, "arkctl"), "--dir", ca, "ca", "init", "--name", "127.0.0.1")
	config := fmt.Sprintf("mqtt = %q\nconsole = %q\nblobs = %q\ndata = %q\nca = %q\n", h.mqtt, h.console, h.blobs, h.data, ca)
	if err := os.WriteFile(filepath.Join(h.dir, "hub.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for n := range vans {
		id := ark.VanID(fmt.Sprintf("van-%d", n+1))
		h.addVan(id, filepath.Join(h.dir, "data-"+string(id)))
	}
	return h
}

// lastWords prints what the programs of a failed test said last.
func (h *fleet) lastWords() {
	logs, _ := filepath.Glob(filepath.Join(h.dir, "*.log")) // the pattern is fixed
	for _, log := range logs {
		if h.t.Failed() {
			h.t.Logf("last words in %s:\n%s", filepath.Base(log), tail(log))
		}
	}
}

// addVan provisions one more van with its data in a folder of the caller's
// choice.
func (h *fleet) addVan(id ark.VanID, data string) *van {
	h.t.Helper()
	v := &van{h: h, id: id, card: filepath.Join(h.dir, string(id)), data: data, addr: freeAddr(h.t)}
	quietly(h.t, binary(h.t, "arkctl"), "--dir", filepath.Join(h.dir, "ca"), "van", "add", string(id), "--hub", h.mqtt, "--blobs", h.blobs,
		"--out", v.card, "--profile", "desk", "--silent", "--data", v.data, "--listen", v.addr)
	h.vans = append(h.vans, v)
	return v
}

func (h *fleet) startHub() {
	h.t.Helper()
	h.hub = start(h.t, filepath.Join(h.dir, "hub.log"), "ark-hub", "run", "--config", filepath.Join(h.dir, "hub.toml"))
}

func (v *van) start() {
	v.h.t.Helper()
	v.agent = start(v.h.t, v.card+".log", "ark-agent", "run", "--config", filepath.Join(v.card, "agent.toml"))
}

// db is the hub's database.
func (h *fleet) db() string { return filepath.Join(h.data, "hub.db") }

// wireState is what GET /api/1/state says of a van, as far as tests ask.
type wireState struct {
	Connected bool   `json:"connected"`
	Backlog   uint64 `json:"backlog"`
	HubFault  string `json:"hub_fault"`
	CardFault string `json:"card_fault"`
}

var client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 8}}

// state asks a van how it stands; false: it does not answer.
func (v *van) state() (s wireState, ok bool) {
	resp, err := client.Get("http://" + v.addr + "/api/1/state")
	if err != nil {
		return s, false
	}
	defer resp.Body.Close()
	return s, resp.StatusCode == http.StatusOK && json.NewDecoder(resp.Body).Decode(&s) == nil
}

// settled tells whether the hub has confirmed all that the van has.
func (v *van) settled() bool {
	s, ok := v.state()
	return ok && s.Connected && s.Backlog == 0
}

// settle waits, with all faults off, until no van has a backlog. A van may
// have drawn the longest back-off, of two minutes, just before.
func (h *fleet) settle() time.Duration {
	h.t.Helper()
	began := time.Now()
	for _, v := range h.vans {
		for !v.settled() {
			if time.Since(began) > 4*time.Minute || !pause(h.t.Context(), 5*time.Millisecond) {
				s, _ := v.state()
				h.t.Fatalf("faults off, and %s still has a backlog: %+v", v.id, s)
			}
		}
	}
	return time.Since(began)
}

// ready waits until the hub answers for its database.
func (h *fleet) ready() {
	h.t.Helper()
	rig.Await(h.t, "a hub that is ready", func() bool {
		resp, err := client.Get("http://" + h.console + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}
