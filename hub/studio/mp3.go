package studio

import (
	"bufio"
	"io"

	"github.com/hajimehoshi/go-mp3"
)

// openMP3 reads MPEG-1 and MPEG-2 Layer III. The decoder is no longer kept and
// believes much: it takes the rate of the first frame for that of all, makes
// room for whatever a tag says it is long, and plays a Xing header as sound.
// So it is given nothing but frames, which mp3Frames has judged.
func openMP3(r *bufio.Reader) (stream, error) {
	frames := &mp3Frames{r: r}
	if err := frames.begin(); err != nil {
		return stream{}, err
	}
	d, err := mp3.NewDecoder(frames)
	if err != nil {
		return stream{}, frames.because(err)
	}
	raw := make([]byte, 4*4608) // always 16 bits and two channels
	out := make([]float32, 0, 2*4608)
	channels, skip, left := frames.form.channels(), frames.skip, frames.length
	next := func() ([]float32, error) {
		if left == 0 { // what the header calls the sound is over, however much follows it
			return nil, io.EOF
		}
		n, err := io.ReadFull(d, raw)
		if n < 4 {
			return nil, frames.because(err)
		}
		out = out[:0]
		for at := 0; at+4 <= n; at += 4 {
			if skip > 0 {
				skip--
				continue
			}
			if left == 0 {
				break
			}
			left--
			for c := range channels {
				out = append(out, float32(int16(le.Uint16(raw[at+2*c:])))/(1<<15))
			}
		}
		return out, nil
	}
	return stream{format: "MP3", rate: frames.form.rate(), channels: channels, next: next}, nil
}
