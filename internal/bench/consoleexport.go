package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"ark/internal/browser"
)

const (
	exportRows   = 100_000
	exports      = 3     // of each kind, of which the median counts
	exportMemory = 64.0  // MB beside what the hub has
	officeMemory = 300.0 // MB
	paintLimit   = 1000.0
	paints       = 5 // of each page
)

// watched is the most memory that a process had while something went on, in
// MB.
func watched(t *bench, pid int, do func()) float64 {
	end, most := make(chan struct{}), int64(0)
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			most = max(most, residentOf(t, pid))
			select {
			case <-end:
				return
			case <-tick.C:
			}
		}
	})
	do()
	close(end)
	watch.Wait()
	return float64(most) / (1 << 20)
}

// takeAway takes the newest visits away as a file of each kind.
func takeAway(h *consoleHub, k known) (figures []figure) {
	last := k.newest.MadeAt(k.newest.At).Time()
	span := time.Duration(float64(3*365*24*time.Hour) * float64(exportRows) / float64(k.count))
	from := last.Add(-span).Format(time.DateOnly)
	for _, f := range []struct {
		word  string
		limit float64 // s
	}{{"csv", 3}, {"xlsx", 15}, {"geojson", 15}, {"jsonl", 15}} {
		before := float64(residentOf(h.t, h.process.Pid)) / (1 << 20)
		var per []float64 // s
		most := watched(h.t, h.process.Pid, func() {
			for range exports {
				rows, took := h.download(at("/visits."+f.word, "from", from))
				per = append(per, took.Seconds()*exportRows/float64(rows))
			}
		})
		fmt.Fprintf(os.Stderr, "  %s: %.2f s, memory %.0f MB before, %.0f at most\n", f.word, per, before, most)
		figures = append(figures, figure{Name: f.word + " of 100,000 rows", Value: median(per), Unit: "s"}.most(f.limit),
			figure{Name: f.word + ", memory beside", Value: max(most-before, 0), Unit: "MB"}.most(exportMemory))
	}
	return figures
}

// download reads a file as a browser does, and tells how many rows the hub
// says are in it.
func (h *consoleHub) download(path string) (rows int, took time.Duration) {
	began := time.Now()
	res, err := h.staff.Get(h.address(path))
	h.t.check(err)
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	took = time.Since(began)
	h.t.check(err)
	rows, err = strconv.Atoi(res.Trailer.Get("Ark-Rows"))
	if err != nil || rows == 0 {
		h.t.Fatalf("%s: %s, %d rows: %v", path, res.Status, rows, err)
	}
	return rows, took
}

// paint is when a browser shows the first of a page, from when it asks for it.
func paint(h *consoleHub) (figures []figure) {
	o := browser.Desk
	o.Trust, o.Places = [][]byte{h.ca.PEM()}, map[string]string{officeName + ":443": h.pages}
	p := browser.Open(h.t, o)
	p.Go("https://" + officeName + "/login")
	p.Type("#name", officeStaff)
	p.Type("#password", officePassword)
	p.Submit("form.card [type=submit]")
	for _, page := range []struct{ name, path string }{{"list", "/"}, {"search", "/?q=阿姨"}, {"map", "/map"}, {"overview", "/overview"}, {"vans", "/vans"}, {"households", "/households"}, {"record", "/audit"}} {
		var times []time.Duration
		for range paints {
			p.Go("about:blank")
			p.Go("https://" + officeName + page.path)
			p.Await(firstPaint)
			times = append(times, time.Duration(browser.Value[float64](p, firstPaint)*float64(time.Millisecond)))
		}
		figures = append(figures, figure{Name: "first paint in Chromium, " + page.name, Value: millis(percentile(times, 0.99)), Unit: "ms",
			Note: fmt.Sprintf("the worst of %d; median %s ms", paints, number(millis(percentile(times, 0.5))))}.most(paintLimit))
	}
	return figures
}

// firstPaint is PerformancePaintTiming's, W3C Paint Timing.
const firstPaint = `(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0)`
