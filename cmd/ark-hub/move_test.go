package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	firmwareconfig "ark/firmware-config"
	"ark/hub"
	"ark/hub/store"
	"ark/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// onServer has a hub's configuration name a database.
func onServer(t *testing.T, file, address string) firmwareconfig.Hub {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	before, _, _ := strings.Cut(string(text), "\ndatabase = ")
	must(t, os.WriteFile(file, []byte(strings.TrimRight(before, "\n")+"\ndatabase = \""+address+"\"\n"), 0o600))
	config, err := firmwareconfig.LoadHub(file)
	must(t, err)
	return config
}

// A hub moves to PostgreSQL, runs there, is copied while it runs, and the copy
// is put into another database.
func TestAHubMovesToPostgreSQL(t *testing.T) {
	file := newHub(t)
	config, err := firmwareconfig.LoadHub(file)
	must(t, err)
	o, stop := runHub(t, config)
	must(t, o.store.Note(t.Context(), deed("lin")))
	address := pgtest.Database(t)
	move := &moveCmd{From: databaseOf(config), To: address}
	var out bytes.Buffer
	if err := move.move(t.Context(), &out, time.Now); err == nil || !strings.Contains(err.Error(), "uses this database") {
		t.Fatalf("while the hub runs: %v", err)
	}
	stop()
	must(t, move.move(t.Context(), &out, time.Now))
	if err := move.move(t.Context(), &out, time.Now); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("again: %v", err)
	}
	config = onServer(t, file, address)
	o, stop = runHub(t, config)
	must(t, o.store.Note(t.Context(), deed("chen")))
	folder, now := t.TempDir(), time.Date(2026, 11, 26, 9, 30, 0, 0, time.UTC)
	must(t, (&backupCmd{Folder: folder, Config: file}).save(t.Context(), &out, now))
	must(t, (&checkCmd{Config: file}).check(t.Context(), &out))
	stop()
	restore := &restoreCmd{Backup: filepath.Join(folder, "20261126T093000Z"), Config: file}
	if err := restore.restore(t.Context(), &out, now); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("restored over what is there: %v", err)
	}
	config = onServer(t, file, pgtest.Database(t))
	must(t, restore.restore(t.Context(), &out, now))
	o, stop = runHub(t, config)
	defer stop()
	all, err := o.store.Deeds(t.Context(), hub.AuditFilter{}, hub.AuditPlace{}, 10)
	must(t, err)
	who := ""
	for _, d := range all {
		who += d.Who + " "
	}
	if !strings.Contains(who, "lin") || !strings.Contains(who, "chen") {
		t.Errorf("on record: %s", who)
	}
	for _, want := range []string{"✓ audit：1", "Moved:", "Backed up:", "all is well", "已恢复"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not said:\n%s", want, out.String())
		}
	}
}

// A wrong address is said, and no password with it.
func TestAWrongDatabaseIsSaid(t *testing.T) {
	file := newHub(t)
	config := onServer(t, file, "postgres://ark:s3cret@/ark?host="+t.TempDir())
	for name, err := range map[string]error{
		"backup": (&backupCmd{Folder: t.TempDir(), Config: file}).save(t.Context(), &bytes.Buffer{}, time.Now()),
		"check":  (&checkCmd{Config: file}).check(t.Context(), &bytes.Buffer{}),
		"move":   (&moveCmd{From: databaseOf(config), To: filepath.Join(t.TempDir(), "hub.db")}).move(t.Context(), &bytes.Buffer{}, time.Now),
	} {
		if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "PostgreSQL database ark") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
