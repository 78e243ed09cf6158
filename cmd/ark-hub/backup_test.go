package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ark"
	firmwareconfig "ark/firmware-config"
	"ark/hub"
)

// runHub runs a hub; what it returns ends it and waits.
func runHub(t *testing.T, config firmwareconfig.Hub) (*office, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	o, err := openOffice(ctx, config, slog.New(slog.DiscardHandler))
	must(t, err)
	ended := make(chan error, 1)
	go func() { ended <- o.run(ctx) }()
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			cancel()
			must(t, <-ended)
		}
	}
	t.Cleanup(stop)
	return o, stop
}

func deed(who string) hub.Deed {
	return hub.Deed{At: time.UnixMilli(1_790_000_000_000), Who: who, Verb: hub.VerbView, Outcome: hub.OutcomeAllowed}
}

// A hub is copied while it runs, and the copy put back on another day: what
// came after is gone and set aside, and the record says that it was.
func TestBackupCheckAndRestore(t *testing.T) {
	file := newHub(t)
	config, err := firmwareconfig.LoadHub(file)
	must(t, err)
	o, stop := runHub(t, config)
	must(t, o.store.Note(t.Context(), deed("lin")))
	photo := filepath.Join(config.Data, "blobs")
	h, _, err := o.blobs.Put(t.Context(), strings.NewReader("a recording"), 100)
	must(t, err)
	folder, now := t.TempDir(), time.Date(2026, 11, 26, 9, 30, 0, 0, time.UTC)
	var out bytes.Buffer
	must(t, (&backupCmd{Folder: folder, Config: file}).save(t.Context(), &out, now))
	must(t, (&checkCmd{Config: file}).check(t.Context(), &out))
	page := httptest.NewRecorder()
	metrics(o.link, o.ingest, o.counter, config.Data, o.store.Behind, o.store.Unfindable).ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	at, n, ok := readMark(config.Data, auditMark)
	for _, want := range []string{fmt.Sprintf("ark_backup_last_timestamp_seconds %v\n", float64(now.Unix())), fmt.Sprintf("ark_audit_checked_timestamp_seconds %v\n", float64(at.Unix())),
		"ark_audit_checked_entry 1\n", "ark_visits_left_out 0\n"} {
		if !strings.Contains(page.Body.String(), want) || !ok || n != 1 {
			t.Errorf("whoever watches is not told %q", want)
		}
	}
	saved := filepath.Join(folder, "20261126T093000Z")
	restore := &restoreCmd{Backup: saved, Config: file}
	if err := restore.restore(t.Context(), &out, now); err == nil || !strings.Contains(err.Error(), "uses this database") {
		t.Fatalf("while the hub runs: %v", err)
	}
	must(t, o.store.Note(t.Context(), deed("chen")))
	stop()
	path := filepath.Join(photo, h.String()[:2], h.String()[2:4], h.String())
	must(t, os.Remove(path))
	must(t, restore.restore(t.Context(), &out, now.Add(time.Hour)))
	for _, want := range []string{"已读回核对", "全部完好", "已恢复", "hub.db.before-20261126T103000Z", "these were there", "audit-heads.txt.before"} {
		if !strings.Contains(strings.ToLower(out.String()), want) && !strings.Contains(out.String(), want) {
			t.Errorf("%q is not said:\n%s", want, out.String())
		}
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "a recording" {
		t.Errorf("the recording: %q, %v", data, err)
	}
	o, stop = runHub(t, config)
	all, err := o.store.Deeds(t.Context(), hub.AuditFilter{}, hub.AuditPlace{}, 10)
	must(t, err)
	if len(all) != 2 || all[1].Who != "lin" && all[0].Who != "lin" {
		t.Errorf("on record: %+v", all)
	}
	stop()
	must(t, (&checkCmd{Config: file}).check(t.Context(), &out))
}

// What somebody changed on the disk is said, with an exit that scripts see.
func TestACheckSaysWhatIsWrong(t *testing.T) {
	file := newHub(t)
	config, err := firmwareconfig.LoadHub(file)
	must(t, err)
	o, stop := runHub(t, config)
	must(t, o.store.Note(t.Context(), deed("lin")))
	head, err := o.store.AuditHead(t.Context())
	must(t, err)
	h, _, err := o.blobs.Put(t.Context(), strings.NewReader("a recording"), 100)
	must(t, err)
	stop()
	heads, err := readHeads(filepath.Join(config.Data, headsFile))
	must(t, err)
	if len(heads) == 0 || heads[len(heads)-1].Seq != head.Seq || heads[len(heads)-1].Hash != head.Hash {
		t.Fatalf("heads written down: %+v, want %+v last", heads, head)
	}
	var out bytes.Buffer
	if err := (&checkCmd{Config: file, Head: []string{"9:" + head.Hash.String()}}).check(t.Context(), &out); !errors.Is(err, errUnsound) || !strings.Contains(out.String(), "2–9") {
		t.Errorf("against a head of later: %v\n%s", err, out.String())
	}
	if err := (&checkCmd{Config: file, Head: []string{"nonsense"}}).check(t.Context(), &out); err == nil || errors.Is(err, errUnsound) {
		t.Errorf("against nonsense: %v", err)
	}
	out.Reset()
	name := h.String()
	must(t, os.WriteFile(filepath.Join(config.Data, "blobs", name[:2], name[2:4], name), []byte("a rec0rding"), 0o600))
	if err := (&checkCmd{Config: file}).check(t.Context(), &out); !errors.Is(err, errUnsound) || !strings.Contains(out.String(), "✗ "+name) {
		t.Errorf("a damaged recording: %v\n%s", err, out.String())
	}
	db, err := sql.Open("sqlite", databaseOf(config))
	must(t, err)
	visit := ark.NewID(1, [10]byte{7})
	_, err = db.Exec("INSERT INTO visits (position, id, incarnation, seq, received, changed) VALUES (1, $1, 1, 1, 0, -1)", visit[:])
	must(t, errors.Join(err, db.Close()))
	out.Reset()
	if err := (&checkCmd{Config: file}).check(t.Context(), &out); !errors.Is(err, errUnsound) || !strings.Contains(out.String(), "visit "+visit.String()+" is in no list") {
		t.Errorf("a visit that is left out: %v\n%s", err, out.String())
	}
	must(t, os.Remove(databaseOf(config)))
	if err := (&checkCmd{Config: file}).check(t.Context(), &out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a database: %v", err)
	}
}

// A head that the power cut off is no head, and hides none before or after it.
func TestHeadsAreReadAsFarAsTheyGo(t *testing.T) {
	path := filepath.Join(t.TempDir(), headsFile)
	if all, err := readHeads(path); err != nil || len(all) != 0 {
		t.Errorf("of none: %v, %v", all, err)
	}
	must(t, addHead(path, hub.AuditHead{Seq: 1, Hash: hub.AuditGenesis}))
	must(t, addHead(path, hub.AuditHead{Seq: 2, Hash: hub.AuditGenesis}))
	data, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, append(data, "3:ab"...), 0o600))
	if all, err := readHeads(path); err != nil || len(all) != 2 || all[1].Seq != 2 || all[1].Hash != hub.AuditGenesis {
		t.Errorf("got %+v, %v", all, err)
	}
	must(t, addHead(path, hub.AuditHead{Seq: 4, Hash: hub.AuditGenesis}))
	if all, err := readHeads(path); err != nil || len(all) != 3 || all[2].Seq != 4 {
		t.Errorf("after a line that was cut off: %+v, %v", all, err)
	}
	must(t, os.WriteFile(path, []byte("x\n"), 0o600))
	if _, err := readHeads(path); err == nil {
		t.Error("rubbish was read")
	}
}
