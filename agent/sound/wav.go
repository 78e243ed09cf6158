package sound

import (
	"encoding/binary"
	"errors"
	"fmt"

	"ark"
)

// ErrWAV says that a file is not the one kind of WAV that vans keep: 48 kHz,
// mono, 16-bit PCM.
var ErrWAV = errors.New("not a 48 kHz mono 16-bit WAV")

// parseWAV finds the samples in a WAV file (RIFF, as Microsoft's multimedia
// specification of 1991 has it), little-endian, two bytes each. The result
// is a part of data.
func parseWAV(data []byte) ([]byte, error) {
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WAVE" {
		return nil, fmt.Errorf("%w: no RIFF header", ErrWAV)
	}
	format := false
	for rest := data[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:8]))
		rest = rest[8:]
		if size > int64(len(rest)) {
			return nil, fmt.Errorf("%w: chunk %q is cut short", ErrWAV, id)
		}
		chunk := rest[:size]
		switch id {
		case "fmt ":
			if err := judgeFormat(chunk); err != nil {
				return nil, err
			}
			format = true
		case "data":
			if !format || size%2 != 0 || size/2 > ark.MaxRecordingFrames {
				return nil, fmt.Errorf("%w: %d bytes of samples", ErrWAV, size)
			}
			return chunk, nil
		}
		rest = rest[min(size+size%2, int64(len(rest))):]
	}
	return nil, fmt.Errorf("%w: no samples", ErrWAV)
}

func judgeFormat(c []byte) error {
	if len(c) < 16 {
		return fmt.Errorf("%w: format is cut short", ErrWAV)
	}
	kind, channels, rate, bits := binary.LittleEndian.Uint16(c), binary.LittleEndian.Uint16(c[2:]), binary.LittleEndian.Uint32(c[4:]), binary.LittleEndian.Uint16(c[14:])
	if kind != 1 || channels != 1 || rate != ark.SampleRate || bits != 16 {
		return fmt.Errorf("%w: format %d, %d channels, %d Hz, %d bits", ErrWAV, kind, channels, rate, bits)
	}
	return nil
}
