package crew

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/invented"
)

// BenchmarkSearch is a search as one types, through the whole API: 100,000
// households, 50,000 visits.
func BenchmarkSearch(b *testing.B) {
	s := newBench(b, b.TempDir())
	all := invented.Households(1, 100_000)
	for _, h := range all {
		if err := s.index.Add(h); err != nil {
			b.Fatal(err)
		}
	}
	visits := invented.Visits(1, 50_000)
	for at := range slices.Chunk(visits, 500) {
		var records []agent.Record
		for i, v := range at {
			v.Household = all[(i*7919)%len(all)].ID
			records = append(records, agent.Record{ID: newID(1), Kind: ark.KindVisit, Body: v})
		}
		if err := s.store.Append(b.Context(), records...); err != nil {
			b.Fatal(err)
		}
	}
	phone := s.enrolled()
	var took []time.Duration
	typed := []string{"w", "wa", "wang", "王", "王秀", "5", "50", "501", "3-2-501", "lj", "ljg", "翠苑"}
	n := 0
	for b.Loop() {
		s.pass(time.Second)
		r := httptest.NewRequest("GET", "http://van-1.local/api/2/households?lat=302741500&lon=1201551500&q="+url.QueryEscape(typed[n%len(typed)]), nil)
		r.Header.Set("Authorization", "Bearer "+phone.token)
		w := httptest.NewRecorder()
		began := time.Now()
		s.pages.ServeHTTP(w, r)
		took = append(took, time.Since(began))
		if n++; w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body.String())
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
