package store

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/agent"
)

// Kept values are there after a restart, the newest of each key, and after a
// salvage as far as the damage lets them.
func TestKeptValues(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	must(t, s.Keep(t.Context(), agent.Keep{Key: "volume", Value: []byte("850")}, agent.Keep{Key: "place"}))
	must(t, s.Keep(t.Context(), agent.Keep{Key: "volume", Value: []byte("820")}))
	want := map[string][]byte{"volume": []byte("820"), "place": nil}
	for _, when := range []string{"at once", "after a restart", "after a salvage"} {
		got, err := s.Kept(t.Context())
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
		must(t, s.close())
		s.damaged = when == "after a restart"
		must(t, s.Open(t.Context()))
	}
}

func TestLimitsOfKeptValues(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, s.Keep(t.Context(), agent.Keep{Key: "plan", Value: make([]byte, maxValue)}))
	long := string(make([]byte, maxKey+1))
	for _, bad := range []agent.Keep{{}, {Key: long}, {Key: "plan", Value: make([]byte, maxValue+1)}} {
		if err := s.Keep(t.Context(), agent.Keep{Key: "other", Value: []byte("x")}, bad); !errors.Is(err, ark.ErrTooBig) {
			t.Errorf("key of %d, value of %d bytes: %v, want ErrTooBig", len(bad.Key), len(bad.Value), err)
		}
	}
	if got, _ := s.Kept(t.Context()); len(got) != 1 {
		t.Errorf("%d values kept of those that came with one too big", len(got))
	}
}
