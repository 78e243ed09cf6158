package console

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"time"

	"ark"
	"ark/hub"
)

// funcsOfLibrary are what the library's templates need beyond texts.
func (c *Console) funcsOfLibrary() template.FuncMap {
	return template.FuncMap{
		"lasting": clock,
		"lasts":   func(frames int64) string { return clock(time.Duration(frames) * time.Second / ark.SampleRate) },
		"level":   func(hundredths int) string { return fmt.Sprintf("%.1f", float64(hundredths)/100) },
		"measure": measure,
		"spoken":  func(all []ark.Language, l ark.Language) bool { return slices.Contains(all, l) },
		"plus":    func(n int) int { return n + 1 },
		"trimmed": trimmed,
	}
}

// measure is a loudness or peak that was measured; silence has none.
func measure(x float64) string {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return "–"
	}
	return fmt.Sprintf("%.1f", x)
}

// trimmed is how much silence a take lost, in seconds; empty: none worth
// telling.
func trimmed(t hub.Take) string {
	off := t.Trimmed[0] + t.Trimmed[1]
	if off < 50*time.Millisecond {
		return ""
	}
	return fmt.Sprintf("%.1f", off.Seconds())
}
