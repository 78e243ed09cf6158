package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// figure is one line of the table. Where there is nothing to compare with or
// to reach, Reference, Ratio and Met are nil and Goal is empty.
type figure struct {
	Name      string   `json:"name"`
	Value     float64  `json:"value"`
	Unit      string   `json:"unit"`
	Reference *float64 `json:"reference"`
	Ratio     *float64 `json:"ratio"`
	Goal      string   `json:"goal"`
	Met       *bool    `json:"met"`
	Note      string   `json:"note,omitempty"` // what must be known to read it; below the table
}

// against gives a figure what it is compared with.
func (f figure) against(reference float64) figure {
	ratio := f.Value / reference
	f.Reference, f.Ratio = &reference, &ratio
	return f
}

// want gives a figure its goal, in words, and whether it is met.
func (f figure) want(goal string, met bool) figure {
	f.Goal, f.Met = goal, &met
	return f
}

// most is a goal that the value must not be over.
func (f figure) most(limit float64) figure {
	return f.want("<= "+number(limit)+" "+f.Unit, f.Value <= limit)
}

// number shows three significant digits, and no fewer before the point.
func number(v float64) string {
	digits := 0
	if a := math.Abs(v); a > 0 && a < 100 {
		digits = min(2-int(math.Floor(math.Log10(a))), 6)
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func printTable(w io.Writer, all []figure) {
	rows := [][]string{{"figure", "value", "unit", "reference", "ratio", "goal", "met"}}
	for _, f := range all {
		row := []string{f.Name, number(f.Value), f.Unit, "", "", f.Goal, ""}
		if f.Ratio != nil {
			row[3], row[4] = number(*f.Reference), number(*f.Ratio)
		}
		if f.Met != nil {
			row[6] = map[bool]string{true: "yes", false: "NO"}[*f.Met]
		}
		rows = append(rows, row)
	}
	var widths [7]int
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 1 || i == 3 || i == 4 {
				line += pad + cell + "  "
			} else {
				line += cell + pad + "  "
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	for _, f := range all {
		if f.Note != "" {
			fmt.Fprintf(w, "\n%s: %s\n", f.Name, f.Note)
		}
	}
}

func writeLines(path string, all []figure) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	var b strings.Builder
	for _, f := range all {
		line, err := json.Marshal(f)
		if err != nil {
			return err
		}
		b.Write(append(line, '\n'))
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// percentile of durations by nearest rank; they are sorted for it.
func percentile(ds []time.Duration, p float64) time.Duration {
	slices.Sort(ds)
	return ds[int(math.Ceil(float64(len(ds))*p))-1]
}

func median(vs []float64) float64 {
	vs = slices.Clone(vs)
	slices.Sort(vs)
	return vs[len(vs)/2]
}

func millis(d time.Duration) float64 { return d.Seconds() * 1000 }
