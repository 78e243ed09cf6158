package main

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ark"
	"ark/hub/blobs"
	"ark/hub/endpoint"
	"ark/hub/ingest"
)

// metrics is the page for Prometheus: what the parts count, and the process.
func metrics(link *endpoint.Endpoint, in *ingest.Ingest, b *blobs.Counter, data string, behind func() (int, time.Time), leftOut func() int) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	counter := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "ark", Name: name, Help: help}, value))
	}
	l, s, f := link.Stats(), in.Stats(), b.Stats()
	for _, c := range []struct {
		name, help string
		n          interface{ Load() int64 }
	}{
		{"vans_connects_total", "Accepted connections of vans.", &l.Connects},
		{"vans_refused_total", "Connections that never became a session.", &l.Refused},
		{"vans_messages_total", "MQTT messages taken from vans.", &l.Messages},
		{"vans_foreign_total", "Attempts on topics of other vans.", &l.Foreign},
		{"vans_dropped_total", "Messages for vans that found a full queue.", &l.Dropped},
		{"vans_violations_total", "Sessions ended because of what the client sent.", &l.Violations},
		{"vans_panics_total", "Sessions ended by a mistake of ours.", &l.Panics},
		{"ingest_frames_total", "Frames taken.", &s.Frames},
		{"ingest_entries_total", "Entries committed.", &s.Entries},
		{"ingest_commits_total", "Commits of the database.", &s.Commits},
		{"ingest_quarantined_total", "Entries put into quarantine.", &s.Quarantined},
		{"ingest_forks_total", "Journals found to be forked.", &s.Forks},
		{"ingest_gaps_total", "Runs of entries that a van lost for ever.", &s.Gaps},
		{"ingest_store_errors_total", "Commits that failed.", &s.StoreErrors},
		{"blobs_requests_total", "Downloads of vans that began.", &f.Requests},
		{"blobs_bytes_total", "Bytes of recordings and manifests sent to vans.", &f.Bytes},
		{"blobs_refused_total", "Downloads refused for want of an admitted certificate.", &f.Refused},
		{"blobs_busy_total", "Downloads put off because of too many others.", &f.Busy},
		{"blobs_missing_total", "Downloads of what is not there.", &f.Missing},
		{"attachments_total", "How often a van heard that an attachment is whole here.", &f.Attached},
	} {
		counter(c.name, c.help, func() float64 { return float64(c.n.Load()) })
	}
	counter("ingest_commit_seconds_total", "Time spent in commits.", func() float64 { return float64(s.CommitNanos.Load()) / 1e9 })
	refusals(r, s)
	marks(r, data)
	gauge := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "ark", Name: name, Help: help}, value))
	}
	gauge("vans_connected", "Vans connected now.", func() float64 { return float64(len(link.Connected())) })
	gauge("visits_unfound", "Visits committed that no page finds yet.", func() float64 { n, _ := behind(); return float64(n) })
	gauge("visits_left_out", "Visits that cannot be found until the hub starts again: see its log, and ark-hub check.", func() float64 { return float64(leftOut()) })
	gauge("visits_unfound_seconds", "For how long the first of them has waited, at most.", func() float64 {
		if _, since := behind(); !since.IsZero() {
			return time.Since(since).Seconds()
		}
		return 0
	})
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// marks tells when something was last done for the hub; 0: never, so that an
// alarm by its age goes off.
func marks(r *prometheus.Registry, data string) {
	gauge := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "ark", Name: name, Help: help}, value))
	}
	since := func(mark string) func() float64 {
		return func() float64 {
			if at, _, ok := readMark(data, mark); ok {
				return float64(at.Unix())
			}
			return 0
		}
	}
	gauge("backup_last_timestamp_seconds", "When the last backup was made and read back.", since(backupMark))
	gauge("audit_checked_timestamp_seconds", "When the record of who did what was last checked and found whole.", since(auditMark))
	gauge("audit_checked_entry", "Up to which entry it was.", func() float64 {
		_, n, _ := readMark(data, auditMark)
		return float64(n)
	})
}

// refusals counts the frames refused, by why.
func refusals(r *prometheus.Registry, s *ingest.Stats) {
	for i := range s.Refused {
		if ark.Refusal(i) == ark.RefusedNot {
			continue
		}
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "ark", Name: "ingest_refused_total",
			Help: "Frames refused.", ConstLabels: prometheus.Labels{"why": ark.Refusal(i).String()}},
			func() float64 { return float64(s.Refused[i].Load()) }))
	}
}
