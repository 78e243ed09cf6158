package studio

import (
	"bufio"
	"fmt"
	"io"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
)

// openFLAC reads FLAC (RFC 9639). The decoder checks each frame's CRC; what
// the header says of the length is used only to notice a file cut short.
func openFLAC(r *bufio.Reader) (stream, error) {
	s, err := flac.New(r)
	if err != nil {
		return stream{}, fmt.Errorf("FLAC: %w", cut(err))
	}
	rate, channels := int(s.Info.SampleRate), int(s.Info.NChannels)
	if err := formCheck(rate, channels); err != nil {
		return stream{}, err
	}
	bits := s.Info.BitsPerSample
	var out []float32
	got := uint64(0)
	next := func() ([]float32, error) {
		f, err := s.Next()
		if err == io.EOF && got < s.Info.NSamples {
			return nil, fmt.Errorf("FLAC: cut short: %d frames of %d", got, s.Info.NSamples)
		}
		if err != nil {
			return nil, err
		}
		if f.BitsPerSample == 0 {
			f.BitsPerSample = bits // the decoder does not look there
		}
		if f.Channels.Count() != channels || f.BitsPerSample != bits || f.SampleRate != 0 && int(f.SampleRate) != rate {
			return nil, fmt.Errorf("FLAC: it changes in the middle to %d Hz, %d channels, %d bits", f.SampleRate, f.Channels.Count(), f.BitsPerSample)
		}
		if err := f.Parse(); err != nil {
			return nil, cut(err)
		}
		got += uint64(f.BlockSize)
		out, err = interleave(out[:0], f, bits)
		return out, err
	}
	return stream{format: "FLAC", rate: rate, channels: channels, next: next}, nil
}

func interleave(out []float32, f *frame.Frame, bits uint8) ([]float32, error) {
	n := int(f.BlockSize)
	for _, sub := range f.Subframes {
		if len(sub.Samples) != n {
			return nil, fmt.Errorf("FLAC: %d samples in a block of %d", len(sub.Samples), n)
		}
	}
	full := float32(uint64(1) << (bits - 1))
	for i := range n {
		for _, sub := range f.Subframes {
			out = append(out, float32(sub.Samples[i])/full)
		}
	}
	return out, nil
}
