package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ark/hub"
	"ark/internal/pgtest"
	"ark/internal/rig"
	"ark/internal/testca"
)

// The load of the ingest figure.
const (
	ingestVans   = 50
	ingestEach   = 400
	rounds       = 7
	roundsServer = 3 // on PostgreSQL
)

// ingest is how many visits a second the hub makes durable and receipts, and
// how many are receipted and found by all that staff choose by. The vans are in
// a process of their own; both share the machine's processors. It alternates
// with the raw insert of the very rows that the hub has written.
func ingest(t *bench) []figure {
	var r ingestRounds
	for range rounds {
		path := filepath.Join(t.TempDir(), "hub.db")
		r.add(ingestOnce(t, path, ingestVans, ingestEach), insertRaw(t, readRows(t, path), filepath.Join(t.TempDir(), "raw.db")))
	}
	receipted, found, connects := r.figures("hub ingest")
	receipted = receipted.want(">= 20000/s", receipted.Value >= 20_000)
	return []figure{receipted, connects, found}
}

// ingestServer is the same with a PostgreSQL on the same machine and disk.
func ingestServer(t *bench) []figure {
	server := pgtest.OnDisk(t)
	var r ingestRounds
	for n := range roundsServer {
		place := server.Schema(t, fmt.Sprintf("round%d", n))
		r.add(ingestOnce(t, place, ingestVans, ingestEach), insertRaw(t, readRows(t, place), server.Schema(t, fmt.Sprintf("raw%d", n))))
	}
	receipted, found, _ := r.figures("hub ingest on PostgreSQL")
	return []figure{receipted, found}
}

// ingestRounds are what rounds gave, in visits a second.
type ingestRounds struct{ receipted, withConnects, found, raw, ratios []float64 }

func (r *ingestRounds) add(o once, raw time.Duration) {
	const n = ingestVans * ingestEach
	r.receipted, r.found = append(r.receipted, n/o.receipted.Seconds()), append(r.found, n/o.found.Seconds())
	r.withConnects = append(r.withConnects, n/(o.connecting+o.receipted).Seconds())
	r.raw, r.ratios = append(r.raw, n/raw.Seconds()), append(r.ratios, raw.Seconds()/o.found.Seconds())
	i := len(r.raw) - 1
	fmt.Fprintf(os.Stderr, "  receipted %.0f/s, found %.0f/s, raw %.0f/s, ratio %.2f\n", r.receipted[i], r.found[i], r.raw[i], r.ratios[i])
}

// figures are the medians; the ratio is that of the rounds' ratios.
func (r *ingestRounds) figures(name string) (receipted, found, connects figure) {
	receipted = figure{Name: name + ", receipted", Value: median(r.receipted), Unit: "visits/s"}
	connects = figure{Name: "  its 50 connects counted too", Value: median(r.withConnects), Unit: "visits/s"}
	found = figure{Name: name + ", receipted and found", Value: median(r.found), Unit: "visits/s"}.against(median(r.raw))
	ratio := median(r.ratios)
	found.Ratio = &ratio
	return receipted, found.want(">= 0.5 of raw", ratio >= 0.5), connects
}

// once is what one round took: until all vans were connected and settled; from
// their journals' growth to the last receipt at its van, and until all was found.
type once struct{ connecting, receipted, found time.Duration }

// ingestOnce lets vans connect to a fresh hub on a place for its database.
// What a connection costs is a figure of its own.
func ingestOnce(t *bench, place string, count, each int) (o once) {
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
	h := office.StartHub(t, place)
	vans.say("connect")
	o.connecting = vans.took("settled ")
	began := time.Now()
	vans.say("send")
	o.receipted = vans.took("done ")
	t.check(h.Store.Found(context.Background()))
	o.found = time.Since(began)
	vans.end()
	t.checkFound(h, count*each)
	h.Stop()
	return o
}

// checkFound tells whether all are there.
func (t *bench) checkFound(h *rig.Hub, want int) {
	n, err := h.Store.CountVisits(context.Background(), hub.Everything, hub.VisitFilter{}, 2*want)
	t.check(err)
	if n != want {
		t.Fatalf("%d visits are found at the hub, not %d", n, want)
	}
}

func vanName(n int) string { return fmt.Sprintf("van-%d", n) }

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
