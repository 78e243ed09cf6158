package e2e

import (
	"path/filepath"
	"testing"

	"ark/internal/rig"
)

// An older backup, made and put back by the programs while vans go on: what
// came after it the vans bring again, and nothing is lost or there twice. The
// phones' amendments, too.
func TestRestoreUnderLoad(t *testing.T) {
	slow(t)
	rng := random(t)
	h, b := newFleet(t, 2, ""), newBook()
	h.startHub()
	for _, v := range h.vans {
		v.start()
	}
	config, folder := filepath.Join(h.dir, "hub.toml"), filepath.Join(t.TempDir(), "backups")
	crew, phones := newCrew(b), enrolPhones(t, b, h.vans, 2)
	for range long(1, 20) {
		crew.start(t, h.vans, 2)
		phones.start(t)
		awaitVisit(t, b, rng)
		quietly(t, binary(t, "ark-hub"), "backup", folder, "--config", config)
		all, err := filepath.Glob(filepath.Join(folder, "2*"))
		if err != nil || len(all) == 0 {
			t.Fatalf("backups: %q, %v", all, err)
		}
		saved := all[len(all)-1]
		inBackup := len(judgeHub(t, copyDB(t, filepath.Join(saved, "hub.db"))).visits)
		rig.Await(t, "visits that the backup lacks", func() bool { return len(judgeHub(t, h.db()).visits) > inBackup })
		pause(t.Context(), instant(rng, 5, 1000))
		h.hub.kill()
		quietly(t, binary(t, "ark-hub"), "restore", saved, "--config", config)
		if n := len(judgeHub(t, h.db()).visits); n != inBackup {
			t.Fatalf("%d visits restored, want %d", n, inBackup)
		}
		h.startHub()
		for _, v := range h.vans { // a van that starts does not wait out the pause of one that found no hub
			v.agent.kill()
			v.start()
		}
		pause(t.Context(), instant(rng, 5, 1000))
		crew.finish(t)
		phones.finish(t)
		h.settle()
		judgeHub(t, h.db()).compare(t, b)
		phones.compare(t, b)
		quietly(t, binary(t, "ark-hub"), "check", "--config", config)
	}
}
