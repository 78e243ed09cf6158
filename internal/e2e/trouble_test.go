package e2e

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ark"
	"ark/agent"
	agentstore "ark/agent/store"
	"ark/internal/rig"
	"ark/internal/tmpfs"
)

// TestHubAwayForDays logs what a van logs in a season before the hub is back.
func TestHubAwayForDays(t *testing.T) {
	slow(t)
	const visits, batch = 5000, 250
	h, b := newFleet(t, 1, ""), newBook()
	v := h.vans[0]
	card := agentstore.New(agentstore.Config{Dir: v.data, Clock: agent.NewClock(time.Time{}), Random: rig.Random, Release: "test", Log: rig.Log})
	if err := card.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < visits; {
		var records []agent.Record
		for range batch {
			id, s := newID(), note{van: v.id, n: n}
			b.send(id, s)
			records = append(records, agent.Record{ID: id, Kind: ark.KindVisit, Body: ark.Visit{Place: s.place(), Outcome: ark.Met}})
			n++
		}
		if err := card.Append(t.Context(), records...); err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			b.save(r.ID)
		}
	}
	closeStore(t, card)
	v.start()
	rig.Await(t, "the van to say how much waits", func() bool { s, ok := v.state(); return ok && s.Backlog > visits && s.HubFault != "" })
	h.startHub()
	took := h.settle()
	got := judgeHub(t, h.db())
	got.compare(t, b)
	t.Logf("%s, %v after the hub's start", got, took.Round(time.Millisecond))
}

// closeStore closes a store by its own way: Run ends and closes it.
func closeStore(t *testing.T, s *agentstore.Store) {
	t.Helper()
	ended, end := context.WithCancel(context.Background())
	end()
	if err := s.Run(ended); err != nil {
		t.Fatal(err)
	}
}

func TestTwoAgentsOneDatabase(t *testing.T) {
	slow(t)
	h := newFleet(t, 1, "")
	v := h.vans[0]
	v.start()
	rig.Await(t, "the first agent", func() bool { _, ok := v.state(); return ok })
	second := start(t, filepath.Join(h.dir, "second.log"), "ark-agent", "run", "--config", filepath.Join(v.card, "agent.toml"))
	if code := second.end(); code == 0 {
		t.Error("the second agent ended as if all were well")
	}
	for _, want := range []string{"另一个 ark-agent", "another ark-agent", v.data} {
		if words := second.words(); !strings.Contains(words, want) {
			t.Errorf("the second agent does not say %q:\n%s", want, words)
		}
	}
	b := newBook()
	v.log(b, 0) // the first one goes on
	v.agent.stop()
}

func TestPortTaken(t *testing.T) {
	slow(t)
	h := newFleet(t, 1, "")
	v := h.vans[0]
	taken, err := net.Listen("tcp", v.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	h.startHub()
	h.ready()
	v.start()
	rig.Await(t, "the van at the hub, without its page", func() bool { return len(judgeHub(t, h.db()).cursors) == 1 })
	taken.Close()
	rig.Await(t, "the page, once its port is free", func() bool { _, ok := v.state(); return ok })

	second := start(t, filepath.Join(h.dir, "second.log"), "ark-hub", "run", "--config", filepath.Join(h.dir, "hub.toml"))
	if code := second.end(); code == 0 {
		t.Error("a hub without its port ended as if all were well")
	}
	for _, want := range []string{h.mqtt, "端口已被占用", "choose another"} {
		if words := second.words(); !strings.Contains(words, want) {
			t.Errorf("the hub does not say %q:\n%s", want, words)
		}
	}
	h.hub.stop()
}

// TestHubDiskFull fills the hub's disk: vans keep what they have and say why,
// and all goes on once there is room.
func TestHubDiskFull(t *testing.T) {
	slow(t)
	data := tmpfs.Mount(t, "24m")
	h, b := newFleet(t, 1, data), newBook()
	v := h.vans[0]
	h.startHub()
	v.start()
	v.awaitPage()
	v.log(b, 0)
	h.settle()
	ballast := fill(t, data)
	n := 1
	rig.Await(t, "the van to say that the hub cannot store", func() bool {
		v.log(b, n)
		n++
		s, ok := v.state()
		return ok && s.HubFault == agent.FaultHubStore
	})
	if s, _ := v.state(); s.Backlog == 0 {
		t.Error("no backlog, though the hub stored nothing")
	}
	os.Remove(ballast)
	h.settle()
	judgeHub(t, h.db()).compare(t, b)
	h.hub.stop()
}

// TestCardFull fills the van's card: nothing is called saved, the page says
// why, and all goes on once there is room.
func TestCardFull(t *testing.T) {
	slow(t)
	h, b := newFleet(t, 0, ""), newBook()
	v := h.addVan("van-1", filepath.Join(tmpfs.Mount(t, "64m"), "data"))
	h.startHub()
	v.start()
	v.awaitPage()
	v.log(b, 0)
	ballast := fill(t, v.data)
	code, n := http.StatusCreated, 0
	for n = 1; code == http.StatusCreated; n++ { // the log has some room yet
		id, s := newID(), note{van: v.id, n: n}
		b.send(id, s)
		if code = v.post(t.Context(), id, s); code == http.StatusCreated {
			b.save(id)
		}
	}
	if code != http.StatusInsufficientStorage {
		t.Errorf("with a full card, a visit is answered with %d", code)
	}
	rig.Await(t, "a van that still speaks with the hub", func() bool { s, ok := v.state(); return ok && s.Connected })
	os.Remove(ballast)
	v.log(b, n)
	h.settle()
	judgeHub(t, h.db()).compare(t, b)
	v.agent.stop()
}

func (v *van) awaitPage() {
	v.h.t.Helper()
	rig.Await(v.h.t, "the crew's page", func() bool { _, ok := v.state(); return ok })
}

// fill fills a disk to the last byte.
func fill(t *testing.T, dir string) (ballast string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		junk := make([]byte, size)
		rand.Read(junk)
		if _, err := f.Write(junk); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return f.Name()
}

// TestADamagedCardNeedsNobody writes rubbish over a van's database: the van
// begins anew by itself, and nothing that was at the hub is there twice.
func TestADamagedCardNeedsNobody(t *testing.T) {
	slow(t)
	h, b := newFleet(t, 1, ""), newBook()
	v := h.vans[0]
	h.startHub()
	v.start()
	v.awaitPage()
	for n := range 20 {
		v.log(b, n)
	}
	h.settle()
	v.agent.stop()
	db := filepath.Join(v.data, "ark.db")
	f, err := os.OpenFile(db, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	rubbish := make([]byte, 4096)
	rand.Read(rubbish)
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for off := int64(0); off < st.Size(); off += 3 * 4096 { // the first page and every third
		if _, err := f.WriteAt(rubbish, off); err != nil {
			t.Fatal(err)
		}
	}
	f.Close()
	v.start()
	v.awaitPage()
	for n := range 3 {
		v.log(b, 20+n)
	}
	h.settle()
	got := judgeHub(t, h.db())
	if got.incarnations[v.id] != 2 {
		t.Errorf("%d incarnations, want the damaged one and the new one", got.incarnations[v.id])
	}
	got.incarnations[v.id] = 1 // as compare wants it where nothing was damaged
	got.compare(t, b)
	if aside, _ := filepath.Glob(db + ".damaged-*"); len(aside) == 0 {
		t.Error("the damaged database was not set aside")
	}
	v.agent.stop()
}

// TestCardReadOnly starts a van on a card that cannot be written: it says so,
// and keeps visits once the card lets it.
func TestCardReadOnly(t *testing.T) {
	slow(t)
	disk := tmpfs.Mount(t, "64m")
	v := newFleet(t, 0, "").addVan("van-1", filepath.Join(disk, "data"))
	remount := func(flags uintptr) {
		t.Helper()
		if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	remount(syscall.MS_RDONLY)
	v.start()
	v.awaitPage()
	if s, _ := v.state(); s.CardFault != "card-readonly" {
		t.Errorf("the card's fault is %q", s.CardFault)
	}
	s := note{van: v.id}
	if code := v.post(t.Context(), newID(), s); code != http.StatusInsufficientStorage {
		t.Errorf("with a card that cannot be written, a visit is answered with %d", code)
	}
	remount(0)
	rig.Await(t, "the card in use again", func() bool { s, ok := v.state(); return ok && s.CardFault == "" })
	v.log(newBook(), 0)
	v.agent.stop()
}
