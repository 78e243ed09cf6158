package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// What an older release kept is in the as-run log, too.
func TestOldBroadcastsGetTheirPlaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hub.db")
	s := place(path).Open(t).(*Store)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	must(s.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec("INSERT INTO vans (n, id) VALUES (1, 'van-1')"); err != nil {
			return err
		}
		for i := range 1203 {
			id := ark.NewID(ark.UnixMilli(1_790_000_000_000+1000*(i%7)), [10]byte{byte(i >> 8), byte(i)})
			body, err := ark.EncodeBody(ark.KindBroadcast, ark.AsRun{Broadcast: id, Announcement: "x", State: ark.BroadcastCut, Class: ark.ClassMusic, Recordings: []ark.AsRunRecording{{Language: "en", Frames: 2, Consumed: 1}}})
			if err != nil {
				return err
			}
			_, err = tx.Exec("INSERT INTO broadcasts (id, position, van, wall, boot, mono, trusted, received, body) VALUES ($1, $2, 1, $3, $4, 0, 1, 0, $5)",
				id[:], i+1, id.Time(), make([]byte, 8), body)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	must(s.Close())
	s = place(path).Open(t).(*Store)
	defer s.Close()
	if bs, err := s.AsRun(ctx, hub.Everything, hub.AsRunFilter{Page: hub.Page{Limit: 500}, Language: "en"}); err != nil || len(bs) != 0 {
		t.Fatalf("%d of them say what sounded, %v: the test shows nothing", len(bs), err)
	}
	must(s.CatchUp(ctx))
	music, n := ark.ClassMusic, 0
	last := ark.UnixMilli(1 << 60)
	for f := (hub.AsRunFilter{Page: hub.Page{Limit: 500}, Class: &music, State: ark.BroadcastCut, Language: "en"}); ; {
		bs, err := s.AsRun(ctx, hub.Everything, f)
		must(err)
		if len(bs) == 0 {
			break
		}
		for _, b := range bs {
			if b.Asked != b.Broadcast.Time() || b.Asked > last {
				t.Fatalf("asked for at %d after %d", b.Asked, last)
			}
			last, n, f.Before = b.Asked, n+1, b.Position
		}
	}
	if n != 1203 {
		t.Errorf("%d broadcasts", n)
	}
}

// What is chosen is found in an index alone, without reading the rows that do
// not fit, and only that is read.
func TestAsRunQueriesUseTheirIndexes(t *testing.T) {
	s := place(filepath.Join(t.TempDir(), "hub.db")).Open(t).(*Store)
	defer s.Close()
	class := ark.ClassRoutine
	if err := s.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Street: "北街"}}, "lin"); err != nil {
		t.Fatal(err)
	}
	for index, f := range map[string]hub.AsRunFilter{
		"broadcasts_asked":   {From: time.UnixMilli(1), To: time.UnixMilli(2), Class: &class},
		"broadcasts_van":     {Van: "van-1", Class: &class, State: ark.BroadcastFailed},
		"broadcasts_tongues": {Language: "en", State: ark.BroadcastFinished, Class: &class},
		"broadcasts_state":   {State: ark.BroadcastFailed, Class: &class},
	} {
		query, args, err := s.asRunQuery(t.Context(), hub.Sight{Places: []ark.Place{{Street: "北街"}}}, f)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.db.Read().Query("EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			t.Fatal(err)
		}
		plan := ""
		for rows.Next() {
			var a, b, c int
			var line string
			if err := rows.Scan(&a, &b, &c, &line); err != nil {
				t.Fatal(err)
			}
			plan += line + "\n"
		}
		rows.Close()
		if !strings.Contains(plan, "USING COVERING INDEX "+index) || strings.Contains(plan, "SCAN b") {
			t.Errorf("%+v:\n%s", f, plan)
		}
	}
}

// BenchmarkAsRun is a page of the log with a hundred thousand records behind
// it, none of which fits a filter of class and state.
func BenchmarkAsRun(b *testing.B) {
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "hub.db"), func(r []byte) { rand.Read(r) }, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	body, err := ark.EncodeBody(ark.KindBroadcast, ark.AsRun{Broadcast: ark.NewID(1, [10]byte{}), State: ark.BroadcastFinished})
	if err != nil {
		b.Fatal(err)
	}
	err = s.db.Write(b.Context(), func(tx *database.Tx) error {
		if _, err := tx.Exec("INSERT INTO vans (n, id) VALUES (1, 'van-1')"); err != nil {
			return err
		}
		_, err := tx.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
			INSERT INTO broadcasts (id, position, van, wall, boot, mono, trusted, received, body, asked, class, state)
			SELECT randomblob(16), i, 1, i, zeroblob(8), 0, 1, 0, $1, i * 1048576, i % 4, 3 FROM n`, body)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	none := ark.ClassMusic
	for _, f := range []hub.AsRunFilter{{}, {Van: "van-1"}, {Class: &none}, {Van: "van-1", Class: &none}, {State: ark.BroadcastFailed}} {
		f.Limit = 50
		b.Run(fmt.Sprintf("van=%q class=%v state=%v", f.Van, f.Class != nil, f.State), func(b *testing.B) {
			for b.Loop() {
				if _, err := s.AsRun(b.Context(), hub.Everything, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
