package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ark"
	"ark/hub"
	hubstore "ark/hub/store"
	"ark/internal/invented"
	"ark/internal/rig"
)

// The town of the console's figures.
const (
	consoleVans       = 300
	consoleHouseholds = 100_000
	consoleBatch      = 2000 // visits of one commit
)

// consoleSeed is the version of what seeds hold: one of another is made anew.
const consoleSeed = 2

// seeded makes a data folder with a SQLite database of n invented visits and
// all that a hub has beside them, once; it is kept under build/, by the version
// of its tables.
func seeded(t *bench, n int) (dir string) {
	dir = filepath.Join("build", fmt.Sprintf("console-%d-v%d.%d", n, consoleSeed, newestTables(t)))
	if _, err := os.Stat(dir + ".done"); err == nil {
		return dir
	}
	t.check(os.RemoveAll(dir))
	t.check(os.MkdirAll(dir, 0o755))
	s, err := hubstore.Open(t.Context(), filepath.Join(dir, "hub.db"), rig.Random, time.Now)
	t.check(err)
	town := invented.NewTown(1, consoleVans, consoleHouseholds, n)
	took := fillVisits(t, s, town, n)
	fmt.Fprintf(os.Stderr, "  %d visits committed with all by which they are found: %.0f/s\n", n, float64(n)/took.Seconds())
	fillRegister(t, s, town.Households())
	fillReviews(t, s, n/reviewedOf)
	fillFleet(t, s)
	fillAudit(t, s, n/10)
	t.check(s.Close())
	t.check(os.WriteFile(dir+".done", nil, 0o644))
	return dir
}

// newestTables is the number of the newest migration.
func newestTables(t *bench) (newest int) {
	all, err := filepath.Glob("hub/store/migrations/sqlite/*.sql")
	t.check(err)
	for _, path := range all {
		n, _, _ := strings.Cut(filepath.Base(path), "_")
		number, err := strconv.Atoi(n)
		t.check(err)
		newest = max(newest, number)
	}
	return newest
}

// fillVisits commits n visits.
func fillVisits(t *bench, s *hubstore.Store, town *invented.Town, n int) (took time.Duration) {
	journals := make([]ark.Cursor, consoleVans)
	for done := 0; done < n; {
		of := map[int]*hub.Delivery{}
		var order []int
		for range min(consoleBatch, n-done) {
			v := town.Next()
			d := of[v.Van]
			if d == nil {
				d = &hub.Delivery{Van: ark.VanID(vanName(v.Van)), Incarnation: incarnationOf(v.Van), At: (v.At + 60_000).Time()}
				of[v.Van], order = d, append(order, v.Van)
			}
			if journals[v.Van] == (ark.Cursor{}) {
				journals[v.Van] = d.Incarnation.Start()
			}
			d.Facts = append(d.Facts, townFact(t, v, done, &journals[v.Van]))
			done++
		}
		ds := make([]hub.Delivery, 0, len(order))
		for _, van := range order {
			of[van].UpTo = journals[van]
			ds = append(ds, *of[van])
		}
		began := time.Now()
		_, err := s.Commit(context.Background(), ds)
		t.check(err)
		t.check(s.Found(context.Background()))
		took += time.Since(began)
		if done%100_000 == 0 {
			fmt.Fprintf(os.Stderr, "  %d visits, %.0f/s\n", done, float64(done)/took.Seconds())
		}
	}
	return took
}

func incarnationOf(van int) ark.Incarnation {
	return ark.NewIncarnation([16]byte{1, byte(van >> 8), byte(van)})
}

func townFact(t *bench, v invented.TownVisit, n int, at *ark.Cursor) hub.Fact {
	var random [10]byte
	binary.BigEndian.PutUint64(random[2:], uint64(n)*0x9e3779b97f4a7c15)
	body, err := ark.EncodeBody(ark.KindVisit, v.Visit)
	t.check(err)
	e := ark.Entry{ID: ark.NewID(v.At, random), Kind: ark.KindVisit, Body: body,
		At: ark.Stamp{Wall: v.At, Boot: ark.BootID{byte(n >> 8), byte(n)}, Mono: time.Hour, Trusted: v.Sure}}
	raw, err := ark.EncodeEntry(e)
	t.check(err)
	*at = at.Next(raw)
	return hub.Fact{Cursor: *at, Raw: raw, Entry: e, Body: v.Visit}
}
