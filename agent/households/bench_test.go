package households

import (
	"runtime"
	"testing"

	"ark/agent"
	"ark/internal/invented"
)

const many = 100_000

func filled(b *testing.B) *Index {
	b.Helper()
	x := New()
	for _, h := range invented.Households(1, many) {
		if err := x.Add(h); err != nil {
			b.Fatal(err)
		}
	}
	return x
}

func BenchmarkFind(b *testing.B) {
	x := filled(b)
	for _, text := range []string{"", "w", "wang", "wxy", "王", "王秀", "501", "3-2-501", "1381", "王 501", "cuiyuan", "lin", "zzz"} {
		b.Run("q="+text, func(b *testing.B) {
			for b.Loop() {
				x.Find(agent.Query{Text: text, Limit: 20})
			}
		})
	}
}

func BenchmarkAlike(b *testing.B) {
	x := filled(b)
	h := invented.Households(2, 1)[0]
	for b.Loop() {
		x.Alike(h, 5)
	}
}

func BenchmarkAdd(b *testing.B) {
	all := invented.Households(1, many)
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		x := New()
		for _, h := range all {
			if err := x.Add(h); err != nil {
				b.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/many, "bytes/household")
		runtime.KeepAlive(x)
	}
}
