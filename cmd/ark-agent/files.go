package main

import (
	"path/filepath"
	"time"

	"ark/agent/files"
	"ark/agent/uplink"
	"ark/internal/process"
)

// joinFiles makes what takes attachments from phones, and what carries them to
// the hub once their visits are there.
func (v *van) joinFiles() {
	c := v.config
	v.files = files.New(files.Config{Dir: filepath.Join(c.Data, "files"), Attachments: v.store, Keep: time.Duration(c.AttachmentsKeepDays) * 24 * time.Hour,
		Disk: func() (free, total int64) { return process.Free(c.Data) }, Now: v.clock.Time, Arrived: func() { v.carrier.Wake() }, Log: v.log})
	v.carrier = uplink.NewCarrier(uplink.CarrierConfig{Hub: c.Blobs, TLS: v.identity().TLS, Clock: v.clock, Attachments: v.store,
		Content: v.files.Content, Remove: v.files.Remove, Waiting: func() uint64 { return v.uplink.Sync().Backlog },
		Budget: int64(c.AttachmentsMBPerDay) * 1_000_000, Rate: c.BlobsRate * 1000, Random: random, Log: v.log})
}
