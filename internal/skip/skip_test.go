package skip

import "testing"

// said is a test that notes how it was ended.
type said struct {
	testing.TB
	skipped, failed bool
}

func (s *said) Helper()               {}
func (s *said) Skipf(string, ...any)  { s.skipped = true }
func (s *said) Fatalf(string, ...any) { s.failed = true; panic(s) }

func TestALackIsAFailureWhereNothingMayBeSkipped(t *testing.T) {
	for value, want := range map[string]bool{"": false, "1": true} {
		t.Setenv("CI_NO_SKIP", value)
		s := &said{}
		func() {
			defer func() { recover() }()
			WithoutTools(s, "go", "no-such-program")
		}()
		if s.failed != want || s.skipped == want {
			t.Errorf("CI_NO_SKIP=%q: failed %v, skipped %v", value, s.failed, s.skipped)
		}
	}
}

func TestWhatIsThereIsNoLack(t *testing.T) {
	WithoutTools(&said{}, "go", "sh") // it would panic, or be nil's method
}
