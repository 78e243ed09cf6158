package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ark/hub"
	"ark/internal/rig"
)

// TestWhatIsSalvagedArrivesOnce spoils some pages of a van's database while the
// hub is away: everything that could be read is at the hub once, in order,
// and the hub knows that there was a journal before.
func TestWhatIsSalvagedArrivesOnce(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	cfg := o.CA.Van(t, "van-1")
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{TLS: cfg})
	logVisits(t, v, 0, 200)
	rig.Await(t, "two hundred at the hub", drained(v))
	h.Stop()
	logVisits(t, v, 200, 400)
	v.Stop()
	spoilPages(t, filepath.Join(dir, "van-1", "ark.db"))

	v = o.StartVan(t, "van-1", dir, rig.VanOptions{TLS: cfg})
	recent, err := v.Store.Recent(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	if len(recent) < 200 || len(recent) == 400 {
		t.Fatalf("%d of 400 visits were salvaged; want many and not all, or the pages were not in use", len(recent))
	}
	h = o.StartHub(t, filepath.Join(dir, "hub.db"))
	rig.Await(t, "all at the hub", drained(v))
	got := places(t, h)
	for i, p := range got {
		if slices.Contains(got[:i], p) {
			t.Errorf("%s is at the hub twice", p)
		}
	}
	for _, r := range recent {
		if !slices.Contains(got, r.Place) {
			t.Errorf("%s was salvaged and is not at the hub", r.Place)
		}
	}
	for i := range 200 { // what the hub had it keeps, whatever the card has lost
		if want := fmt.Sprintf("%d室", i); got[i] != want {
			t.Fatalf("visit %d at the hub is %s, want %s", i, got[i], want)
		}
	}
	vans, err := h.Store.Vans(t.Context(), hub.Everything)
	if err != nil || len(vans) != 1 || vans[0].Incarnations != 2 || vans[0].Forks != 0 {
		t.Errorf("%+v, %v; want a second incarnation and no fork", vans, err)
	}
	if b := vans[0].Begun; len(b) != 1 || b[0].Unreadable <= 0 || b[0].Ended == 0 || b[0].Previous.IsZero() {
		t.Errorf("the hub was told %+v; want where the old journal ended and how many entries were unreadable", b)
	}
}

// spoilPages spoils pages in the middle of a closed database: so many in a row
// that of some visits both the entry and what the crew sees of it are gone.
func spoilPages(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	from := len(data) / 2 / page * page
	for i := from; i < from+16*page; i++ {
		data[i] ^= 0x5a
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
