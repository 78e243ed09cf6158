package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"ark/internal/invented"
)

const (
	syncVisits = 20_000
	syncRounds = 3
	pouchDir   = "build/pouch" // where scripts/test-deps installs it
)

// pouch is one van's journal beside a PouchDB that replicates the same visits
// to express-pouchdb, each in two processes on this machine: how fast, and how
// many bytes go over the wire in both directions. Ours speaks TLS and commits
// durably at both ends; LevelDB under PouchDB does not wait for the disk.
func pouch(t *bench) []figure {
	lines := filepath.Join(t.TempDir(), "visits.jsonl")
	t.check(os.WriteFile(lines, visitLines(t), 0o644))
	var ours, theirs []float64
	var wireOfTheirs float64
	for range syncRounds {
		took := ingestOnce(t, filepath.Join(t.TempDir(), "hub.db"), 1, syncVisits).receipted
		ours = append(ours, syncVisits/took.Seconds())
		speed, size := replicate(t, lines)
		theirs, wireOfTheirs = append(theirs, speed), size
	}
	up, down := carried(t, invented.Entries(wireSeed, syncVisits), wireBatch)
	speed := figure{Name: "visits of one van to the hub, receipted", Value: median(ours), Unit: "visits/s"}.against(median(theirs))
	size := figure{Name: "bytes of a visit on the wire, both ways", Value: up + down, Unit: "B"}.against(wireOfTheirs)
	return []figure{speed.want(">= 5 x PouchDB", *speed.Ratio >= 5), size.want("<= 1/5 of PouchDB", *size.Ratio <= 0.2)}
}

func visitLines(t *bench) []byte {
	var out bytes.Buffer
	entries := invented.Entries(wireSeed, syncVisits)
	for i, v := range invented.Visits(wireSeed, syncVisits) {
		line, err := json.Marshal(jsonVisit(entries[i], v))
		t.check(err)
		out.Write(append(line, '\n'))
	}
	return out.Bytes()
}

// replicate lets PouchDB replicate twice from a filled database to an empty
// one: once directly, for its speed in documents a second, and once through a
// relay that counts the bytes of a document.
func replicate(t *bench, lines string) (speed, size float64) {
	dir := t.TempDir()
	near, far := filepath.Join(dir, "near"), filepath.Join(dir, "far")
	t.check(os.MkdirAll(near, 0o755))
	t.check(os.MkdirAll(far, 0o755))
	server := startNode(t, "server.js", far)
	addr := "127.0.0.1:" + server.await("port ")
	client := startNode(t, "client.js", near, lines)
	client.await("ready")
	once := func(addr, name string) time.Duration {
		client.say("http://" + addr + "/" + name)
		var docs, nanos int64
		if _, err := fmt.Sscan(client.await("done "), &docs, &nanos); err != nil || docs != syncVisits {
			t.Fatalf("PouchDB wrote %d documents, not %d: %v", docs, syncVisits, err)
		}
		return time.Duration(nanos)
	}
	speed = syncVisits / once(addr, "first").Seconds()
	r := startRelay(t, addr)
	once(r.addr, "second")
	client.end()
	up, down := r.counts()
	return speed, float64(up+down) / syncVisits
}

func startNode(t *bench, script string, args ...string) *helper {
	path, err := filepath.Abs(filepath.Join(pouchDir, script))
	t.check(err)
	return startLines(t, script, exec.Command("node", append([]string{path}, args...)...))
}
