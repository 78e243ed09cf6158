package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ark/hub/store"
	"ark/internal/pgtest"
)

// The limits of the console's figures.
const (
	consoleLimit  = 100.0 // ms
	consoleGrowth = 3.0   // of a figure from 10,000 visits to a million
	mapLimit      = 300.0 // ms
	mapBytes      = 200.0 // kB
	consoleRuns   = 100   // of each page
	consoleValues = 40    // different ones of what is asked by
	consoleSmall  = 10_000
	growthFrom    = 20.0 // ms: what is faster than this at a million may have grown more
)

// consoleVisits is the large number of visits; consoleParts is what of the
// console's figures is measured: sqlite, postgres, central, or all if it is
// empty.
var (
	consoleVisits = 1_000_000
	consoleParts  string
)

// console is what the pages of staff wait for: at ten thousand visits and at a
// million, on SQLite and on PostgreSQL, and at ODK Central beside them.
func console(t *bench) (figures []figure) {
	if consoleParts == "" || consoleParts == "sqlite" {
		figures = append(figures, consoleOn(t, "SQLite", sqlitePlace)...)
	}
	if consoleParts == "" || consoleParts == "postgres" {
		figures = append(figures, consoleOn(t, "PostgreSQL", serverPlace(t))...)
	}
	if consoleParts == "" || consoleParts == "central" {
		figures = append(figures, besideCentral(t)...)
	}
	return figures
}

// place is where a filled store is: the hub's data folder, and the address of
// its PostgreSQL, if it is one.
type place func(t *bench, n int) (data, database string)

func sqlitePlace(t *bench, n int) (data, database string) {
	return seeded(t, n), ""
}

// serverPlace is a PostgreSQL that is kept under build/, filled by what moves a
// store from SQLite.
func serverPlace(t *bench) place {
	dir, err := filepath.Abs(filepath.Join("build", fmt.Sprintf("console-pg-v%d.%d", consoleSeed, newestTables(t))))
	t.check(err)
	server := pgtest.Kept(t, dir)
	return func(t *bench, n int) (data, database string) {
		data = filepath.Join(dir, fmt.Sprint("hub-", n))
		name := fmt.Sprint("visits", n)
		if _, err := os.Stat(data + ".done"); err != nil {
			database = server.Empty(t, name)
			from := filepath.Join(seeded(t, n), "hub.db")
			began := time.Now()
			t.check(store.Move(t.Context(), from, database, func(string, int64, bool) {}))
			fmt.Fprintf(os.Stderr, "  %d visits moved from SQLite to PostgreSQL and compared in %.0f s\n", n, time.Since(began).Seconds())
			t.check(os.MkdirAll(data, 0o755))
			t.check(os.WriteFile(data+".done", nil, 0o644))
		}
		return data, server.At(name)
	}
}

// consoleOn is all that is measured on one kind of store.
func consoleOn(t *bench, kind string, where place) (figures []figure) {
	at10k := map[string]float64{}
	for _, f := range consoleAt(t, kind, where, consoleSmall) {
		at10k[f.Name] = f.Value
	}
	for _, f := range consoleAt(t, kind, where, consoleVisits) {
		if was := at10k[f.Name]; f.Unit == "ms" && was > 0 {
			f = f.against(was)
			if *f.Ratio > consoleGrowth && f.Value > growthFrom && strings.HasPrefix(f.Goal, "<= 100") {
				f = f.want(f.Goal+", <= 3 x 10k", false)
			}
		}
		f.Name = kind + ": " + f.Name
		figures = append(figures, f)
	}
	return figures
}

// consoleAt runs a hub on n visits and asks for everything.
func consoleAt(t *bench, kind string, where place, n int) []figure {
	figures, err := measure(func(t *bench) (figures []figure) {
		h, k := officeOn(t, kind, where, n)
		figures = append(figures, askPages(h, k.pages())...)
		if n > consoleSmall {
			figures = append(figures, takeAway(h, k)...)
		}
		figures = append(append(figures, live(h)), paint(h)...)
		for _, f := range figures[len(figures)-8:] {
			fmt.Fprintf(os.Stderr, "  %s: %s %s\n", f.Name, number(f.Value), f.Unit)
		}
		if memory := float64(residentOf(t, h.process.Pid)) / (1 << 20); kind == "SQLite" {
			figures = append(figures, figure{Name: "memory of the hub's process after all that", Value: memory, Unit: "MB"}.most(officeMemory))
		}
		return figures
	})
	t.check(err)
	return figures
}

// warm reads all files of a folder, as a hub that has run for a while has them
// in memory: how fast this machine's disk is, is not the figure.
func warm(t *bench, folder string) {
	t.check(filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(io.Discard, f)
		return err
	}))
}

// officeOn starts a hub on n visits.
func officeOn(t *bench, kind string, where place, n int) (*consoleHub, known) {
	data, database := where(t, n)
	from := database
	if from == "" {
		from = filepath.Join(data, "hub.db")
	}
	k := knownOf(t, from, n)
	files := data
	if database != "" {
		files = filepath.Join(filepath.Dir(data), "data", "base")
	}
	warm(t, files)
	fmt.Fprintf(os.Stderr, " %s, %d visits\n", kind, n)
	return startConsoleHub(t, data, database), k
}
