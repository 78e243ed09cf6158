package hearing

import (
	"math"
	"math/rand/v2"
	"testing"
)

// murmur is noise with most of its power where speech has it.
func murmur(seed uint64, n int) []int16 {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]int16, n)
	v := 0.0
	for i := range out {
		v = 0.97*v + r.NormFloat64()*300
		out[i] = int16(v)
	}
	return out
}

func TestLocate(t *testing.T) {
	first, second, third := murmur(1, 9000), murmur(2, 12_001), murmur(3, 5000)
	heard := make([]int16, 70_000)
	copy(heard[4003:], first)
	for i, v := range second {
		heard[31_337+i] += v / 2 // softer, and under noise
	}
	for i, v := range murmur(9, len(heard)) {
		heard[i] += v / 10
	}
	if at, score := Locate(heard, first); at != 4003 || score < 0.95 {
		t.Errorf("first at %d, score %.2f; want 4003 and nearly 1", at, score)
	}
	if at, score := Locate(heard, second); at != 31_337 || score < 0.9 {
		t.Errorf("second at %d, score %.2f; want 31337 and nearly 1", at, score)
	}
	if at, score := Locate(heard, third); score > 0.3 {
		t.Errorf("what was never played was found at %d, score %.2f", at, score)
	}
	if _, score := Locate(heard[:100], first); score != 0 {
		t.Errorf("too little was heard, and the score is %.2f", score)
	}
}

func TestFollow(t *testing.T) {
	rec := murmur(4, 5*48_000)
	heard := append(make([]int16, 20_000), rec[:100_000]...)
	heard = append(heard, make([]int16, 1500)...) // the card had nothing to play
	heard = append(heard, rec[100_000:150_000]...)
	heard = append(heard, make([]int16, 700)...)
	heard = append(append(heard, rec[150_000:]...), make([]int16, 5000)...)
	if at, share := Follow(heard, rec); at != 20_000 || share < 0.9 {
		t.Errorf("at %d, share %.2f; want 20000 and nearly all", at, share)
	}
	if _, share := Follow(heard, murmur(5, 3*48_000)); share > 0.05 {
		t.Errorf("%.2f of what was never played was found", share)
	}
	if _, share := Follow(heard[:150_000], rec); share > 0.6 {
		t.Errorf("%.2f of what was cut off at half was found", share)
	}
}

func TestLevel(t *testing.T) {
	rec := murmur(6, 3*48_000)
	heard := make([]int16, 200_000)
	for i, v := range rec {
		heard[20_000+i] = v / 4
	}
	if got := Level(heard, rec); math.Abs(got+12.04) > 0.2 {
		t.Errorf("a quarter of the amplitude: %.2f dB, want -12.04", got)
	}
	if got := Level(heard, murmur(7, 3*48_000)); !math.IsNaN(got) {
		t.Errorf("what was never played: %.2f dB", got)
	}
}

func TestUntil(t *testing.T) {
	rec := murmur(8, 3*48_000)
	heard := append(make([]int16, 10_000), rec[:70_000]...)
	heard = append(heard, murmur(9, 100_000)...)
	end, frame := Until(heard, rec)
	if frame < 60_000 || frame > 70_000 || end-frame != 10_000 {
		t.Errorf("heard until frame %d, at %d; want a piece or less before 70000, 10000 later", frame, end)
	}
}
