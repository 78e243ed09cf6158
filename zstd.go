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

// packer is one for the process: 10 MB, and 20 µs for a frame of one visit.
// The next lower level has half of both and makes 8 bytes more of a visit.
var packer = sync.OnceValue(func() *zstd.Encoder {
	all := readDictionaries()
	return mustMode(zstd.NewWriter(nil, zstd.WithEncoderDict(all[len(all)-1]), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithWindowSize(MaxFrameDecoded), zstd.WithEncoderCRC(false),
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
