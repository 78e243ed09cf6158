package sound

import (
	"sync/atomic"
	"time"

	"github.com/ebitengine/oto/v3"
)

// beatEvery is how often the loudspeaker process says that its device goes on
// asking for sound, also while there is nothing to sound.
const beatEvery = 150 * time.Millisecond

// beatBuffer is how much silence is kept for the device, in bytes: 40 ms.
const beatBuffer = 4096

// beat is a player of silence beside the others. oto writes to the device for
// ever and says of a frozen one nothing at all; that it no longer asks this
// player for silence is what shows it.
type beat struct {
	player *oto.Player // is closed if nobody keeps it
	reads  atomic.Int64
	told   int64
}

func (b *beat) start(ctx *oto.Context) {
	b.player = ctx.NewPlayer(b)
	b.player.SetBufferSize(beatBuffer)
	b.player.Play()
}

// Read is oto's.
func (b *beat) Read(p []byte) (int, error) {
	b.reads.Add(1)
	clear(p)
	return len(p), nil
}

// count is how often the device has asked, and whether that is more than the
// last time.
func (b *beat) count() (n int64, more bool) {
	n = b.reads.Load()
	more = n > b.told
	b.told = n
	return n, more
}
