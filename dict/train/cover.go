package main

import "encoding/binary"

// The grain of a dictionary: strings of grain bytes are what is counted, and
// segments of segment bytes are what is chosen.
const (
	grain   = 6
	segment = 64
)

// cover chooses the most useful size bytes of the samples, after Liao,
// Petri, Moffat and Wirth, "Effective Construction of Relative Lempel-Ziv
// Dictionaries" (WWW 2016), as zstd's own trainer does: a segment is worth
// the number of samples that hold each of its grains, and grains once chosen
// are worth nothing any more. The most useful segment stands last, where
// offsets are shortest. Nothing in it is random or hangs on the order of a map, so
// that it makes the same of the same samples on every machine.
func cover(samples [][]byte, size int) []byte {
	worth := count(samples)
	var all []byte
	for _, s := range samples {
		all = append(all, s...)
	}
	epochs := max(size/segment, 1)
	stride := max(len(all)/epochs, segment)
	var chosen [][]byte
	for have := 0; have < size; {
		before := have
		for from := 0; from+segment <= len(all) && have < size; from += stride {
			s := best(all[from:min(from+stride+segment, len(all))], worth)
			if s = s[:min(len(s), size-have)]; len(s) < grain {
				continue
			}
			for i := 0; i+grain <= len(s); i++ {
				delete(worth, key(s[i:]))
			}
			chosen = append(chosen, s)
			have += len(s)
		}
		if have == before {
			break // nothing is left that occurs twice
		}
	}
	return reversed(chosen)
}

// count tells how many samples hold each grain, of those that several do.
func count(samples [][]byte) map[uint64]int {
	worth, last := map[uint64]int{}, map[uint64]int{}
	for n, s := range samples {
		for i := 0; i+grain <= len(s); i++ {
			if k := key(s[i:]); last[k] != n+1 {
				last[k] = n + 1
				worth[k]++
			}
		}
	}
	for k, n := range worth {
		if n < 3 {
			delete(worth, k)
		}
	}
	return worth
}

func key(b []byte) uint64 {
	var k [8]byte
	copy(k[:], b[:grain])
	return binary.LittleEndian.Uint64(k[:])
}

// best is the segment of part that is worth most, without the worthless
// bytes at its ends.
func best(part []byte, worth map[uint64]int) []byte {
	const grains = segment - grain + 1
	sum, most, at := 0, 0, -1
	for i := 0; i+grain <= len(part); i++ {
		sum += worth[key(part[i:])]
		if i >= grains {
			sum -= worth[key(part[i-grains:])]
		}
		if sum > most {
			most, at = sum, max(i-grains+1, 0)
		}
	}
	if at < 0 {
		return nil
	}
	s := part[at:min(at+segment, len(part))]
	for len(s) >= grain && worth[key(s)] == 0 {
		s = s[1:]
	}
	for len(s) >= grain && worth[key(s[len(s)-grain:])] == 0 {
		s = s[:len(s)-1]
	}
	return s
}

func reversed(segments [][]byte) (out []byte) {
	for i := len(segments) - 1; i >= 0; i-- {
		out = append(out, segments[i]...)
	}
	return out
}
