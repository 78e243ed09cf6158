// Command train makes a compression dictionary for frames from made-up
// visits, the same bytes every time. dict/README.md says when to run it.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/klauspost/compress/zstd"
)

// size is how much text a dictionary holds: each process that packs or
// unpacks keeps it in memory, and twice as much saves little.
const size = 16 << 10

func main() {
	id := flag.Uint("id", 1, "the dictionary's number")
	out := flag.String("out", "", "file to write, such as dict/001.zdict")
	flag.Parse()
	if err := run(uint32(*id), *out); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(id uint32, out string) error {
	data, err := train(id)
	if err != nil {
		return err
	}
	if out == "" {
		return fmt.Errorf("-out names no file (%d bytes made)", len(data))
	}
	return os.WriteFile(out, data, 0o644)
}

func train(id uint32) ([]byte, error) {
	all, err := samples()
	if err != nil {
		return nil, fmt.Errorf("make samples: %w", err)
	}
	data, err := zstd.BuildDict(zstd.BuildDictOptions{ID: id, Contents: all, History: cover(all, size),
		Offsets: [3]int{1, 4, 8}, Level: zstd.SpeedBetterCompression})
	if err != nil {
		return nil, fmt.Errorf("build dictionary: %w", err)
	}
	return data, nil
}
