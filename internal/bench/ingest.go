package main

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ark/internal/pgtest"
	"ark/internal/rig"
	"ark/internal/testca"
)

// The load of the ingest figure.
const (
	ingestVans   = 50
	ingestEach   = 400
	ingestRounds = 7
)

// ingest is how many visits a second the hub makes durable and receipts. The
// vans are in a process of their own; both share the machine's processors.
// It alternates with the raw insert of the very rows that the hub has written.
func ingest(t *bench) []figure {
	var hub, all, raw, ratios []float64
	for range ingestRounds {
		path := filepath.Join(t.TempDir(), "hub.db")
		connecting, took := ingestOnce(t, path, ingestVans, ingestEach)
		rows := readRows(t, path)
		if n := len(rows.visits) / visitWidth; n != ingestVans*ingestEach {
			t.Fatalf("%d visits at the hub, not %d", n, ingestVans*ingestEach)
		}
		bare := insertRaw(t, rows)
		hub = append(hub, ingestVans*ingestEach/took.Seconds())
		all = append(all, ingestVans*ingestEach/(connecting+took).Seconds())
		raw = append(raw, ingestVans*ingestEach/bare.Seconds())
		ratios = append(ratios, bare.Seconds()/took.Seconds())
		fmt.Fprintf(os.Stderr, "  hub %.0f/s, raw %.0f/s, ratio %.2f\n", hub[len(hub)-1], raw[len(raw)-1], ratios[len(ratios)-1])
	}
	ratio, value := median(ratios), median(hub)
	f := figure{Name: "hub ingest, receipted", Value: value, Unit: "visits/s"}.against(median(raw))
	f.Ratio = &ratio // the median of the rounds' ratios
	return []figure{f.want(">= 0.5 of raw, >= 20000/s", ratio >= 0.5 && value >= 20_000),
		figure{Name: "  its 50 connects counted too", Value: median(all), Unit: "visits/s"}.against(median(raw))}
}

// ingestServer is the same with a PostgreSQL on the same machine and disk.
func ingestServer(t *bench) []figure {
	server := pgtest.OnDisk(t)
	var all []float64
	for n := range 3 {
		_, took := ingestOnce(t, server.Schema(t, fmt.Sprintf("round%d", n)), ingestVans, ingestEach)
		all = append(all, ingestVans*ingestEach/took.Seconds())
		fmt.Fprintf(os.Stderr, "  hub on PostgreSQL %.0f/s\n", all[n])
	}
	return []figure{{Name: "hub ingest on PostgreSQL, receipted", Value: median(all), Unit: "visits/s"}}
}

// ingestOnce lets vans connect to a fresh hub on a place for its database, and takes the time from their
// journals' growth to the last receipt at its van. What a connection costs is
// a figure of its own.
func ingestOnce(t *bench, place string, count, each int) (connecting, took time.Duration) {
	dir := t.TempDir()
	office := rig.NewOffice(t)
	for n := range count {
		id := vanName(n)
		d := filepath.Join(dir, id)
		t.check(os.MkdirAll(d, 0o755))
		testca.Files(t, d, office.CA, office.CA.Van(t, id))
	}
	vans := startHelper(t, "vans", dir, office.Addr, strconv.Itoa(count), strconv.Itoa(each))
	vans.await("ready")
	hub := office.StartHub(t, place)
	vans.say("connect")
	connecting = vans.took("settled ")
	vans.say("send")
	took = vans.took("done ")
	vans.end()
	hub.Stop()
	return connecting, took
}

func vanName(n int) string { return fmt.Sprintf("van-%d", n) }

const (
	entryWidth   = 4
	markWidth    = 4
	visitColumns = "position, id, incarnation, seq, received, changed, van, made, boot, doubtful, place, street, community, grid, compound, building, by, " +
		"outcome, photo, household, cell, lat, lon"
	visitWidth = 23
)

// rows are a hub's entries, its visits with all that they are found by, and
// their marks, flat. Their words cannot be read back.
type rows struct{ entries, visits, marks []any }

func readRows(t *bench, path string) (r rows) {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	t.check(err)
	defer db.Close()
	r.entries = flat(t, db, entryWidth, "SELECT incarnation, seq, digest, raw FROM entries e JOIN visits v USING (incarnation, seq) ORDER BY v.position")
	r.visits = flat(t, db, visitWidth, "SELECT "+visitColumns+" FROM visits ORDER BY position")
	r.marks = flat(t, db, markWidth, "SELECT kind, value, position, made FROM visit_marks ORDER BY position")
	return r
}

func flat(t *bench, db *sql.DB, width int, query string) (all []any) {
	found, err := db.Query(query)
	t.check(err)
	defer found.Close()
	for found.Next() {
		row, into := make([]any, width), make([]any, width)
		for i := range row {
			into[i] = &row[i]
		}
		t.check(found.Scan(into...))
		all = append(all, row...)
	}
	t.check(found.Err())
	return all
}

// helper is another process, of this program or another. It speaks in lines.
type helper struct {
	t    *bench
	name string
	cmd  *exec.Cmd
	in   *bufio.Writer
	out  *bufio.Scanner
	over func()
}

func startHelper(t *bench, name string, args ...string) *helper {
	self, err := os.Executable()
	t.check(err)
	return startLines(t, name, exec.Command(self, append([]string{name}, args...)...))
}

// startLines starts another program that speaks in lines.
func startLines(t *bench, name string, cmd *exec.Cmd) *helper {
	h := &helper{t: t, name: name, cmd: cmd}
	h.cmd.Stderr = os.Stderr
	in, err := h.cmd.StdinPipe()
	t.check(err)
	out, err := h.cmd.StdoutPipe()
	t.check(err)
	t.check(h.cmd.Start())
	h.in, h.out = bufio.NewWriter(in), bufio.NewScanner(out)
	h.over = func() { in.Close() }
	t.Cleanup(func() {
		h.cmd.Process.Kill()
		h.cmd.Wait()
	})
	return h
}

// await waits for a line that begins so, and returns the rest of it.
func (h *helper) await(word string) string {
	for h.out.Scan() {
		if rest, ok := strings.CutPrefix(h.out.Text(), word); ok {
			return rest
		}
	}
	h.t.Fatalf("the %s ended before they said %q", h.name, word)
	return ""
}

// took awaits a line that tells how many nanoseconds something took.
func (h *helper) took(word string) time.Duration {
	nanos, err := strconv.ParseInt(h.await(word), 10, 64)
	h.t.check(err)
	return time.Duration(nanos)
}

func (h *helper) say(line string) {
	fmt.Fprintln(h.in, line)
	h.t.check(h.in.Flush())
}

// end lets the process end by itself: its input ends.
func (h *helper) end() {
	h.over()
	h.cmd.Wait()
}
