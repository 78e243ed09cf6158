package main

import (
	"context"
	"path/filepath"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/store"
	"ark/internal/invented"
	"ark/internal/rig"
)

const saves = 3000

// save is how long "saved" takes on the van, beside an insert of one row of
// as many bytes that is as durable. They take turns, on the same disk.
func save(t *bench) []figure {
	dir := t.TempDir()
	s := store.New(store.Config{Dir: filepath.Join(dir, "van"), Clock: agent.NewClock(time.Time{}), Random: rig.Random, Release: "bench", Log: rig.Log})
	t.check(s.Open(context.Background()))
	t.check(s.Fault())
	db := bare(t, filepath.Join(dir, "bare.db"))
	_, err := db.Exec("CREATE TABLE rows (n INTEGER PRIMARY KEY, raw BLOB NOT NULL) STRICT")
	t.check(err)
	insert, err := db.Prepare("INSERT INTO rows VALUES ($1, $2)")
	t.check(err)
	visits, entries := invented.Visits(1, saves), invented.Entries(1, saves)
	var van, one []time.Duration
	for i := range saves {
		raw, err := ark.EncodeEntry(entries[i])
		t.check(err)
		began := time.Now()
		t.check(s.Log(context.Background(), entries[i].ID, visits[i]))
		van = append(van, time.Since(began))
		began = time.Now()
		_, err = insert.Exec(i, raw)
		one = append(one, time.Since(began))
		t.check(err)
	}
	worst := figure{Name: "visit saved on the van, p99", Value: millis(percentile(van, 0.99)), Unit: "ms"}.against(millis(percentile(one, 0.99)))
	usual := figure{Name: "visit saved on the van, median", Value: millis(percentile(van, 0.5)), Unit: "ms"}.against(millis(percentile(one, 0.5)))
	return []figure{worst.want("<= 2 x a bare insert", *worst.Ratio <= 2), usual}
}
