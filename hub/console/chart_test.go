package console

import "testing"

func TestColumnsStandOnEachOther(t *testing.T) {
	c := chartOf([]int{0, 40, 100}, []int{0, 30, 100})
	if c.Top != 100 || len(c.Columns) != 3 {
		t.Fatalf("%+v", c)
	}
	for i, col := range c.Columns {
		if bottom := col.LowTop + col.LowHeight; bottom != chartHigh {
			t.Errorf("column %d stands at %v", i, bottom)
		}
		if col.Top+col.Height != col.LowTop {
			t.Errorf("the parts of column %d do not meet: %+v", i, col)
		}
		if col.Left < 0 || col.Left+col.Width > chartWide || i > 0 && col.Left <= c.Columns[i-1].Left+c.Columns[i-1].Width {
			t.Errorf("column %d is not in its place: %+v", i, col)
		}
	}
	if col := c.Columns[1]; col.LowHeight != chartHigh*.3 || col.Top != chartHigh*.6 {
		t.Errorf("40, of them 30: %+v", col)
	}
	if none := chartOf(nil, nil); none.Top != 2 || len(none.Columns) != 0 {
		t.Errorf("nothing: %+v", none)
	}
}

func TestRoundNumbers(t *testing.T) {
	for most, want := range map[int]int{0: 2, 2: 2, 3: 3, 5: 5, 7: 8, 11: 20, 22: 30, 61: 80, 100: 100, 401: 500, 1_000_001: 2_000_000} {
		if got := roundUp([]int{0, most, 1}); got != want {
			t.Errorf("%d: got %d, want %d", most, got, want)
		}
	}
	for _, c := range []struct{ n, most, want int }{{0, 10, 0}, {1, 1000, 1}, {5, 10, 50}, {10, 10, 100}, {3, 0, 0}, {-1, 5, 0}} {
		if got := share(c.n, c.most); got != c.want {
			t.Errorf("%d of %d: got %d, want %d", c.n, c.most, got, c.want)
		}
	}
}
