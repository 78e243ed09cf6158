package console

// column is one column of a chart, in units of its picture: from the left and
// the top.
type column struct {
	Left, Width       float64
	Top, Height       float64 // of all
	LowTop, LowHeight float64 // of the lower part
}

// chart is columns side by side in two parts, in a picture of chartWide by
// chartHigh.
type chart struct {
	Columns []column
	Top     int       // what the picture's upper edge stands for
	Lines   []float64 // where there is a line across: for a half and the whole of it
}

const (
	chartWide = 720
	chartHigh = 160
)

// chartOf lays columns out. Each has a number, and how much of it is in its
// lower part.
func chartOf(all, low []int) chart {
	c := chart{Top: roundUp(all)}
	c.Lines = []float64{0, chartHigh / 2}
	step := float64(chartWide) / float64(max(len(all), 1))
	high := func(n int) float64 { return float64(max(n, 0)) * chartHigh / float64(c.Top) }
	for i, n := range all {
		some := min(low[i], n)
		c.Columns = append(c.Columns, column{Left: float64(i)*step + step*.15, Width: step * .7,
			Top: chartHigh - high(n), Height: high(n) - high(some), LowTop: chartHigh - high(some), LowHeight: high(some)})
	}
	return c
}

// roundUp is the least round number that none of some numbers exceeds.
func roundUp(all []int) int {
	most := 2
	for _, n := range all {
		most = max(most, n)
	}
	for unit := 1; ; unit *= 10 {
		for _, round := range []int{2, 3, 4, 5, 6, 8, 10} {
			if round*unit >= most {
				return round * unit
			}
		}
	}
}

// share is how long the bar of a number is beside that of the most, of 100; a
// number that is not 0 can be seen.
func share(n, most int) int {
	if n <= 0 || most <= 0 {
		return 0
	}
	return max(1, n*100/most)
}
