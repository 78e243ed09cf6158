package e2e

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/hub"
	"ark/internal/pgtest"
	"ark/internal/rig"
	"ark/internal/testca"
)

func logVisits(t *testing.T, v *rig.Van, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		var r [10]byte
		rig.Random(r[:])
		id := ark.NewID(v.Clock.Now().Wall, r)
		if err := v.Store.Log(t.Context(), id, ark.Visit{Place: fmt.Sprintf("%d室", n), Outcome: ark.Met}); err != nil {
			t.Fatal(err)
		}
	}
}

// places lists the hub's visits, oldest first.
func places(t *testing.T, h *rig.Hub) (all []string) {
	t.Helper()
	vs, err := h.Store.Visits(t.Context(), hub.Page{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for i := len(vs) - 1; i >= 0; i-- {
		all = append(all, vs[i].Place)
	}
	return all
}

func wantVisits(t *testing.T, h *rig.Hub, n int) {
	t.Helper()
	got := places(t, h)
	if len(got) != n {
		t.Fatalf("%d visits at the hub, want %d", len(got), n)
	}
	for i, p := range got {
		if want := fmt.Sprintf("%d室", i); p != want {
			t.Fatalf("visit %d at the hub is %s, want %s", i, p, want)
		}
	}
}

func drained(v *rig.Van) func() bool {
	return func() bool { s := v.Uplink.Sync(); return s.Up && s.Backlog == 0 }
}

// eachDatabase runs a test with a place for a hub of each kind of database.
func eachDatabase(t *testing.T, test func(t *testing.T, place string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "hub.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, pgtest.Database(t)) })
}

func TestVisitsArriveOnceAndInOrder(t *testing.T) { eachDatabase(t, visitsArrive) }

func visitsArrive(t *testing.T, place string) {
	o, dir := rig.NewOffice(t), t.TempDir()
	h := o.StartHub(t, place)
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{})
	logVisits(t, v, 0, 10)
	rig.Await(t, "the first ten at the hub", drained(v))
	h.Stop()
	logVisits(t, v, 10, 20) // the hub is away
	v.Stop()
	v = o.StartVan(t, "van-1", dir, rig.VanOptions{})
	logVisits(t, v, 20, 30)
	h = o.StartHub(t, place)
	rig.Await(t, "all at the hub", drained(v))
	wantVisits(t, h, 30)
	recent, err := v.Store.Recent(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recent {
		if !r.AtHub {
			t.Fatalf("%s is not shown as being at the hub", r.Place)
		}
	}
}

func TestHubRestoredFromABackupHealsItself(t *testing.T) { eachDatabase(t, restoredHeals) }

func restoredHeals(t *testing.T, place string) {
	o, dir := rig.NewOffice(t), t.TempDir()
	copied := filepath.Join(dir, "hub.db.backup")
	h := o.StartHub(t, place)
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{})
	logVisits(t, v, 0, 5)
	rig.Await(t, "five at the hub", drained(v))
	if err := h.Store.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	logVisits(t, v, 5, 9)
	rig.Await(t, "nine at the hub", drained(v))
	h.Stop()
	h = o.StartHub(t, copied)
	rig.Await(t, "the backup healed", func() bool { return len(places(t, h)) == 9 })
	wantVisits(t, h, 9)
	rig.Await(t, "settled", drained(v))
}

func TestClonedCard(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	cfg := o.CA.Van(t, "van-1")
	v := o.StartVan(t, "van-1", filepath.Join(dir, "a"), rig.VanOptions{TLS: cfg})
	logVisits(t, v, 0, 3)
	rig.Await(t, "three at the hub", drained(v))
	v.Stop()
	if err := os.CopyFS(filepath.Join(dir, "b"), os.DirFS(filepath.Join(dir, "a"))); err != nil {
		t.Fatal(err)
	}
	v = o.StartVan(t, "van-1", filepath.Join(dir, "a"), rig.VanOptions{TLS: cfg})
	logVisits(t, v, 3, 5)
	rig.Await(t, "five at the hub", drained(v))
	v.Stop()
	w := o.StartVan(t, "van-1", filepath.Join(dir, "b"), rig.VanOptions{TLS: cfg}) // the clone
	logVisits(t, w, 5, 8)
	rig.Await(t, "both branches at the hub", func() bool { return len(places(t, h)) == 8 })
	rig.Await(t, "settled", drained(w))
	wantVisits(t, h, 8)
	vans, err := h.Store.Vans(t.Context(), hub.Everything)
	if err != nil || vans[0].Incarnations != 2 {
		t.Fatalf("%+v, %v", vans, err)
	}
}

func TestRevokedVanIsToldAndStaysOut(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	cfg := o.CA.Van(t, "van-1")
	cfg.ClientSessionCache = tls.NewLRUClientSessionCache(2)
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{TLS: cfg})
	logVisits(t, v, 0, 1)
	rig.Await(t, "at the hub", drained(v))
	o.Gate.Revoke(testca.Serial(cfg))
	h.Link.Disconnect("van-1")
	logVisits(t, v, 1, 2)
	rig.Await(t, "told why", func() bool { return v.Uplink.Sync().Fault == agent.FaultNotAdmitted })
	if got := places(t, h); len(got) != 1 {
		t.Fatalf("%d visits of a revoked van", len(got))
	}
}

func TestCertificateFaultsAreTold(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	o.StartHub(t, filepath.Join(dir, "hub.db"))
	other := testca.New(t)
	foreign := other.Van(t, "van-1")
	foreign.RootCAs = o.CA.Pool
	stranger := o.CA.Van(t, "van-2")
	stranger.RootCAs = other.Pool
	misnamed := o.CA.Van(t, "van-3")
	misnamed.ServerName = "elsewhere.test"
	for want, cfg := range map[string]*tls.Config{agent.FaultExpired: o.CA.Expired(t, "van-4"), agent.FaultForeign: foreign, agent.FaultHubForeign: stranger, agent.FaultHubName: misnamed} {
		id := ark.VanID(cfg.Certificates[0].Leaf.Subject.CommonName)
		v := o.StartVan(t, id, dir, rig.VanOptions{TLS: cfg})
		rig.Await(t, want, func() bool { return v.Uplink.Sync().Fault == want })
		v.Stop()
	}
}

func TestOrdersArriveOnceAlsoAfterACrash(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	play := ark.PlayNow{Announcement: "welcome", NotAfter: ark.Milli(time.Now().Add(time.Hour))}
	if _, err := h.Ingest.Order(t.Context(), []ark.VanID{"van-1"}, ark.KindPlayNow, play); err != nil {
		t.Fatal(err)
	}
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{})
	first := <-v.Orders
	if first.Body != play {
		t.Fatalf("got %+v", first)
	}
	ids, err := h.Ingest.Order(t.Context(), []ark.VanID{"van-1"}, ark.KindStop, ark.Stop{})
	if err != nil {
		t.Fatal(err)
	}
	if second := <-v.Orders; second.ID != ids[0] {
		t.Fatalf("got %+v", second)
	}
	rig.Await(t, "receipts at the hub", func() bool {
		os, err := h.Store.Orders(t.Context(), hub.Everything, hub.Page{Limit: 9})
		return err == nil && len(os) == 2 && os[0].Held && os[1].Held
	})
	v.Stop()
	v = o.StartVan(t, "van-1", dir, rig.VanOptions{})
	if todo, err := v.Store.ToDo(t.Context()); err != nil || len(todo) != 2 {
		t.Fatalf("to do after a crash: %+v, %v", todo, err)
	}
	rig.Await(t, "settled", drained(v))
	if len(v.Orders) != 0 {
		t.Fatal("an order came twice")
	}
}

func TestAVanLearnsTheTime(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	o.StartHub(t, filepath.Join(dir, "hub.db"))
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{})
	rig.Await(t, "a trusted clock", func() bool { return v.Clock.Now().Trusted })
	if off := time.Until(v.Clock.Now().Wall.Time()).Abs(); off > 2*time.Second {
		t.Fatalf("the clock is off by %v", off)
	}
}
