package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"ark"
	"ark/firmware-config/demo"
	"ark/hub"
	"ark/internal/process"
)

// seed gives a new hub the demonstration announcements, which its vans bring
// along: both then agree from the first day.
func seed(ctx context.Context, library hub.Library, blobs hub.Blobs) error {
	if _, _, some, err := library.Library(ctx); err != nil || some {
		return err
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
	known, err := library.Editions(ctx) // what an earlier start came to
	if err != nil {
		return err
	}
	there := map[ark.AnnouncementID]bool{}
	for _, e := range known {
		there[e.ID] = true
	}
	for _, a := range list {
		if there[a.ID] {
			continue
		}
		if _, err := library.AddEdition(ctx, a, 0, "ark"); err != nil {
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
