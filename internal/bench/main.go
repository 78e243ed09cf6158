// Command bench measures what the ark promises about speed and size, and
// prints each figure beside its goal. Whatever the machine is like, the goals
// are ratios to something measured in the same run, or bounds that a small
// machine must keep. docs/BENCHMARKS.md says what each figure means.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

// part is one thing to measure.
type part struct {
	name    string
	measure func(*bench) []figure
}

// parts are what is measured, in the order of the table.
var parts = []part{
	{"ingest", ingest},
	{"ingest-pg", ingestServer},
	{"save", save},
	{"wire", wire},
	{"crowd", crowd},
	{"press", press},
	{"health", health},
	{"studio", take},
	{"photos", photos},
	{"search", search},
	{"start", appStart},
	{"idle", idle},
}

// long are what is measured only when it is asked for by name.
var long = []part{
	{"peers", peers},
	{"search-pi", searchPi},
	{"pouch", pouch},
	{"console", console},
}

// helpers are what a measurement runs in a process of its own.
var helpers = map[string]func(args []string) error{
	"vans":    runVans,
	"crowd":   runCrowd,
	"speaker": runSpeaker,
}

// full asks for the long form of what has one.
var full bool

func main() {
	if len(os.Args) > 1 && helpers[os.Args[1]] != nil {
		if err := helpers[os.Args[1]](os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	only := flag.String("only", "", "comma-separated parts to measure; empty: all")
	out := flag.String("out", "build/bench.jsonl", "where the figures go, one JSON object a line")
	flag.BoolVar(&full, "full", false, "measure in full what is shortened else: photos")
	flag.IntVar(&consoleVisits, "visits", consoleVisits, "how many visits the console's figures are measured at")
	flag.StringVar(&consoleParts, "console", "", "of the console's figures only: sqlite, postgres or central")
	flag.Parse()
	os.Exit(run(*only, *out))
}

// run measures and prints. It is 1 if something could not be measured; a goal
// that is not met is said in the table and is no failure.
func run(only, out string) int {
	var all []figure
	failed := 0
	for _, p := range append(slices.Clone(parts), long...) {
		named := strings.Contains(","+only+",", ","+p.name+",")
		if only != "" && !named || only == "" && isLong(p) {
			continue
		}
		fmt.Fprintf(os.Stderr, "measuring %s ...\n", p.name)
		figures, err := measure(p.measure)
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s could not be measured: %v\n", p.name, err)
			failed = 1
			continue
		}
		all = append(all, figures...)
	}
	printTable(os.Stdout, all)
	if err := writeLines(out, all); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return failed
}

func isLong(p part) bool {
	return slices.ContainsFunc(long, func(l part) bool { return l.name == p.name })
}
