package ark

import "encoding/binary"

// EncodeWAV makes a file of samples, mono at SampleRate: the one kind of file
// that vans keep. The same samples always make the same bytes.
func EncodeWAV(samples []int16) []byte {
	n := 2 * len(samples)
	out := make([]byte, 0, 44+n)
	out = append(out, "RIFF"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(36+n))
	out = append(out, "WAVEfmt "...)
	for _, v := range []uint32{16, 1 | 1<<16, SampleRate, 2 * SampleRate, 2 | 16<<16} {
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	out = append(out, "data"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(n))
	for _, s := range samples {
		out = binary.LittleEndian.AppendUint16(out, uint16(s))
	}
	return out
}
