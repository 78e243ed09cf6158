package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"ark"
	"ark/agent/sound"
	"ark/agent/uplink"
	"ark/firmware-config/demo"
	"ark/internal/process"
)

func (v *van) announcementsDir() string { return filepath.Join(v.config.Data, "library") }

// openLibrary opens the announcement library. A new card is given the
// demonstration announcements, which play until the hub's first library is
// there.
func (v *van) openLibrary() *sound.Library {
	dir := v.announcementsDir()
	if _, err := os.Stat(filepath.Join(dir, "library.json")); errors.Is(err, fs.ErrNotExist) {
		list, files, err := demo.Announcements(ark.EncodeWAV)
		if err == nil {
			err = sound.WriteLibrary(dir, list, files)
		}
		if err != nil {
			v.log.Error("the demonstration announcements cannot be kept", "err", err)
		}
	}
	l, err := sound.OpenLibrary(dir)
	if err != nil {
		v.log.Error("the announcement library cannot be used", "err", err)
	}
	return l
}

// identity is the van's certificate, read anew for each connection. Each user
// has one of its own.
func (v *van) identity() *uplink.Identity {
	c := v.config
	return &uplink.Identity{CAFile: c.CA, CertFile: c.Cert, KeyFile: c.Key, ServerName: c.ServerName}
}

// joinFetcher makes what brings libraries from the hub.
func (v *van) joinFetcher() {
	v.fetcher = uplink.NewFetcher(uplink.FetcherConfig{Hub: v.config.Blobs, TLS: v.identity().TLS, Clock: v.clock, Shelf: v.announcements,
		Told: v.shell.Tell, Disk: func() (free, total int64) { return process.Free(v.announcementsDir()) },
		Rate: v.config.BlobsRate * 1000, Random: random, Log: v.log})
}
