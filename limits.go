package ark

// Limits of a frame on the wire and in memory.
const (
	MaxFrame        = 64 << 10 // bytes of an encoded frame
	MaxFrameDecoded = 1 << 20  // bytes after decompression
	maxFrameEntries = 1024
)
