package e2e

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"ark"
)

// TestChaosPowerCutOfTheVan cuts the power of a van under load, again and
// again: what was not fsynced is undone at random. Whatever the van called
// saved must be on its card after each cut, and at the hub in the end.
func TestChaosPowerCutOfTheVan(t *testing.T) {
	slow(t)
	rng, d := random(t), newDisk(t)
	h, b := newFleet(t, 0, ""), newBook()
	v := h.addVan("van-1", filepath.Join(d.dir, "data"))
	h.startHub()
	crew := newCrew(b)
	crew.start(t, h.vans, 4)
	for range long(10, 200) {
		d.mount()
		v.start()
		awaitVisit(t, b, rng)
		d.cut(v.agent, rng)
		if missing, err := missingOnCard(t, d, b); missing > 0 || err != nil {
			t.Fatalf("cut %d: %d visits that were called saved are not on the card, %v", d.cuts, missing, err)
		}
	}
	d.mount()
	v.start()
	crew.finish(t)
	took := h.settle()
	got := judgeHub(t, h.db())
	got.compare(t, b)
	v.agent.stop()
	d.report(t, [2]string{"visits called saved", strconv.Itoa(b.saved())}, [2]string{"at the hub", got.String()},
		[2]string{"way to backlog 0", took.Round(time.Millisecond).String()})
}

// TestChaosOverALyingDiskIsSeen holds the harness to account: over a disk
// whose fsync keeps nothing, the same test must see losses.
func TestChaosOverALyingDiskIsSeen(t *testing.T) {
	slow(t)
	rng, d := random(t), newDisk(t)
	h, b := newFleet(t, 0, ""), newBook()
	v := h.addVan("van-1", filepath.Join(d.dir, "data"))
	for range 20 {
		d.mount()
		d.fs.Lying.Store(true)
		v.start()
		crew := newCrew(b)
		crew.start(t, h.vans, 4)
		awaitVisit(t, b, rng)
		d.cut(v.agent, rng)
		crew.abandon()
		if missing, err := missingOnCard(t, d, b); missing > 0 || err != nil {
			t.Logf("cut %d: %d of %d visits are gone, %v", d.cuts, missing, b.saved(), err)
			return
		}
	}
	t.Fatal("the disk lied and the test did not notice")
}

// awaitVisit waits until one more visit is saved, then for a random instant.
// Now and then it does not wait at all: starts are interrupted too.
func awaitVisit(t *testing.T, b *book, rng *rand.Rand) {
	t.Helper()
	if rng.IntN(5) == 0 {
		pause(t.Context(), instant(rng, 5, 500))
		return
	}
	had := b.saved()
	for deadline := time.Now().Add(time.Minute); b.saved() == had; {
		if time.Now().After(deadline) || !pause(t.Context(), time.Millisecond) {
			t.Fatal("no visit is saved any more")
		}
	}
	pause(t.Context(), instant(rng, 1, 400))
}

// missingOnCard counts the visits that were called saved and are not in the
// card's database. An error is damage to it.
func missingOnCard(t *testing.T, d *disk, b *book) (missing int, err error) {
	t.Helper()
	path, on := filepath.Join(d.backing, "data", "ark.db"), map[ark.ID]bool{}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		if on, err = idsOnCard(copyDB(t, path)); err != nil {
			return 0, err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, n := range b.sent {
		if n.saved && !on[id] {
			missing++
		}
	}
	return missing, nil
}

func idsOnCard(path string) (map[ark.ID]bool, error) {
	db, err := intact(path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	on := map[ark.ID]bool{}
	var tables int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = 'entries'").Scan(&tables); err != nil {
		return nil, err
	}
	if tables == 0 {
		return on, nil // cut in the first start
	}
	rows, err := db.Query("SELECT id FROM entries")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		on[ark.ID(id)] = true
	}
	return on, rows.Err()
}
