package ark

import (
	"embed"
	"io/fs"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Dictionaries are files dict/<n>.zdict with n as their zstd dictionary id:
// 1, 2 … A frame names the one it needs, so an old one is never removed or
// changed; frames are packed with the newest. dict/README.md tells how one is
// trained.
//
//go:embed dict/*.zdict
var dictionaries embed.FS

// packer is one for the process. The fastest level, for with a dictionary the
// slower ones copy tables of megabytes for each frame: the next makes more of
// a lone visit, and the one after it takes 10 MB to save 4 bytes of 154.
var packer = sync.OnceValue(func() *zstd.Encoder {
	all := readDictionaries()
	return mustMode(zstd.NewWriter(nil, zstd.WithEncoderDict(all[len(all)-1]), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(MaxFrameDecoded), zstd.WithEncoderCRC(false),
		zstd.WithSingleSegment(true), zstd.WithLowerEncoderMem(true)))
})

var unpacker = sync.OnceValue(func() *zstd.Decoder {
	return mustMode(zstd.NewReader(nil, zstd.WithDecoderDicts(readDictionaries()...), zstd.WithDecoderConcurrency(0),
		zstd.WithDecoderMaxMemory(MaxFrameDecoded), zstd.WithDecoderLowmem(true)))
})

func readDictionaries() (all [][]byte) {
	names := mustMode(fs.Glob(dictionaries, "dict/*.zdict")) // sorted by name; names have equal length
	for _, name := range names {
		all = append(all, mustMode(dictionaries.ReadFile(name)))
	}
	return all
}
