package studio

// Waveform is the least and the greatest sample of each of so many equal parts
// of a recording, for drawing. There are as many parts as samples where those
// are fewer, and none where there are none.
func Waveform(samples []int16, columns int) [][2]int16 {
	columns = max(0, min(columns, len(samples)))
	out := make([][2]int16, columns)
	for c := range out {
		part := samples[c*len(samples)/columns : (c+1)*len(samples)/columns]
		low, high := part[0], part[0]
		for _, s := range part {
			low, high = min(low, s), max(high, s)
		}
		out[c] = [2]int16{low, high}
	}
	return out
}
