package sound

import (
	"io"
	"time"

	"github.com/ebitengine/oto/v3"
)

// beatEvery is how often the loudspeaker process says that its device goes on
// asking for sound, also while there is nothing to sound.
const beatEvery = 150 * time.Millisecond

// beatBytes is how much silence the device is given for a beat: 20 ms.
const beatBytes = 2 * fadeFrames

// beat gives the device a little silence now and then. oto writes to the
// device for ever and says of a frozen one nothing at all; that it no longer
// takes the silence is what shows it. A player that is always there would be
// filled anew with every period, at a cost that counts on an idle van.
type beat struct {
	player  *oto.Player // of the silence; is closed if nobody keeps it
	silence hushed
	taken   int64
}

// count is how often the device has taken all that it was given, and whether
// it has since the last time; it is then given more.
func (b *beat) count(ctx *oto.Context) (n int64, more bool) {
	switch {
	case b.player == nil:
		b.player = ctx.NewPlayer(&b.silence)
		b.player.SetBufferSize(beatBytes)
	case b.player.IsPlaying():
		return b.taken, false
	default:
		b.taken, more = b.taken+1, true
		b.player.Seek(0, io.SeekStart) // it has come to its end; silence begins again without fail
	}
	b.player.Play()
	return b.taken, more
}

// hushed is silence that ends, and begins again when it is rewound. Both its
// methods are oto's, which calls one at a time.
type hushed struct{ read int }

func (h *hushed) Read(p []byte) (int, error) {
	if h.read == beatBytes {
		return 0, io.EOF
	}
	n := min(len(p), beatBytes-h.read)
	clear(p[:n])
	h.read += n
	return n, nil
}

func (h *hushed) Seek(int64, int) (int64, error) {
	h.read = 0
	return 0, nil
}
