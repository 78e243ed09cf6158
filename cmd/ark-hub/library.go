package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"time"

	"ark"
	"ark/firmware-config/demo"
	"ark/hub"
	"ark/internal/process"
)

// maker is who the demonstration announcements are by.
const maker = "ark"

// seed gives a hub for which staff have made nothing yet the demonstration
// announcements, which its vans bring along: both then agree from the first
// day. What an earlier start did not come to is made up for.
func seed(ctx context.Context, library hub.Library, blobs hub.Blobs) error {
	known, err := library.Editions(ctx)
	if err != nil {
		return fmt.Errorf("bring out the demonstration announcements: %w", err)
	}
	there := map[ark.AnnouncementID]bool{}
	for _, e := range known {
		there[e.ID] = true
		if e.By != maker {
			return nil
		}
	}
	if !slices.ContainsFunc(demo.List(), func(a ark.Announcement) bool { return !there[a.ID] }) {
		return nil
	}
	list, files, err := demo.Announcements(ark.EncodeWAV)
	if err != nil {
		return fmt.Errorf("bring out the demonstration announcements: %w", err)
	}
	for _, data := range files {
		if _, _, err := blobs.Put(ctx, bytes.NewReader(data), int64(len(data))); err != nil {
			return fmt.Errorf("bring out the demonstration announcements: %w", err)
		}
	}
	for _, a := range list {
		if there[a.ID] {
			continue
		}
		if _, err := library.AddEdition(ctx, a, 0, maker); err != nil {
			return fmt.Errorf("bring out the demonstration announcements: %w", err)
		}
	}
	return nil
}

// announcements are those of the newest library: what there is to order.
func (o *office) announcements() []ark.Announcement {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, m, _, err := o.store.Library(ctx)
	if err != nil {
		o.log.Error("the announcements cannot be read", "err", err)
	}
	return m.Announcements
}

// serveBlobs gives vans their recordings, over the same mutual TLS as their
// messages.
func (o *office) serveBlobs(ctx context.Context) error {
	cfg := o.forVans.Clone()
	cfg.MinVersion, cfg.ClientAuth = tls.VersionTLS13, tls.RequireAndVerifyClientCert
	l := tls.NewListener(process.Crowd(o.fetches, mostFetching, fetchingEach), cfg)
	return process.Serve(ctx, process.Server(o.counter, o.log), l, "", "")
}
