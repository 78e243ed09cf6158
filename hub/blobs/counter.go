package blobs

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/uploads"
)

// Config is what a counter needs.
type Config struct {
	Blobs       *Dir
	Gate        hub.Gate
	Attachments hub.Attachments            // nil: none are taken
	Disk        func() (free, total int64) // of the directory, in bytes; nil: not known
	Limits      Limits
	Log         *slog.Logger
}

// Limits bound what vans can cost. Zero values mean the defaults.
type Limits struct {
	Each  int           // downloads of one van at a time, and uploads: 2
	All   int           // of all vans: 64
	Stall time.Duration // how long a van may take for 32 kB: uploads.Stall
	Daily int64         // bytes of attachments of one van in a day: 10 GB
}

func (l Limits) withDefaults() Limits {
	if l.Each == 0 {
		l.Each = 2
	}
	if l.All == 0 {
		l.All = 64
	}
	if l.Stall == 0 {
		l.Stall = uploads.Stall
	}
	if l.Daily == 0 {
		l.Daily = 10_000_000_000
	}
	return l
}

// Stats counts what happened since the start.
type Stats struct {
	Requests atomic.Int64 // downloads that began
	Bytes    atomic.Int64 // of content that were sent
	Refused  atomic.Int64 // requests without an admitted certificate
	Busy     atomic.Int64 // requests that found too many others
	Missing  atomic.Int64 // requests for what is not there
	Attached atomic.Int64 // how often a van heard that an attachment is whole
}

// Counter hands content out to vans: GET /blobs/<64 hex digits>, whole or in
// ranges, and takes attachments of their visits by tus at /files. It belongs
// behind mutual TLS; the certificate must be one that is admitted, at each
// request and for as long as it lasts.
type Counter struct {
	c         Config
	stats     Stats
	mux       *http.ServeMux
	downloads places
	uploads   places
	rations   rations
}

// NewCounter makes a counter.
func NewCounter(c Config) *Counter {
	c.Limits = c.Limits.withDefaults()
	n := &Counter{c: c, mux: http.NewServeMux(), downloads: newPlaces(c.Limits), uploads: newPlaces(c.Limits), rations: rations{spent: map[ark.VanID]int64{}}}
	n.mux.HandleFunc("GET /blobs/{hash}", n.give)
	if c.Attachments != nil {
		files := n.takeAttachments()
		n.mux.Handle(attachedBase, files)
		n.mux.Handle(attachedBase+"/", files)
	}
	return n
}

// Stats are the counters, live.
func (n *Counter) Stats() *Stats { return &n.stats }

// ServeHTTP answers a van.
func (n *Counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mux.ServeHTTP(w, r)
}

// caller is who asks, by the certificate.
func caller(r *http.Request) (van ark.VanID, serial string, ok bool) {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return "", "", false
	}
	leaf := r.TLS.PeerCertificates[0]
	van, err := ark.ParseVanID(leaf.Subject.CommonName)
	return van, leaf.SerialNumber.Text(16), err == nil
}

func (n *Counter) give(w http.ResponseWriter, r *http.Request) {
	r.Body.Close() // nothing is read of it
	van, serial, ok := caller(r)
	if !ok || !n.c.Gate.Admit(van, serial) { // also on a connection that was admitted before
		n.stats.Refused.Add(1)
		http.Error(w, "this certificate is not admitted", http.StatusForbidden)
		return
	}
	if !n.downloads.enter(van) {
		n.stats.Busy.Add(1)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many downloads at a time", http.StatusServiceUnavailable)
		return
	}
	defer n.downloads.leave(van)
	var h ark.Hash
	name := r.PathValue("hash")
	if h.UnmarshalText([]byte(name)) != nil || h.String() != name {
		n.missing(w)
		return
	}
	b, err := n.c.Blobs.content.Open(h) // attachments are for staff
	if errors.Is(err, fs.ErrNotExist) {
		n.missing(w)
		return
	}
	if err != nil {
		http.Error(w, "the content cannot be read", http.StatusInternalServerError)
		return
	}
	defer b.Close()
	n.stats.Requests.Add(1)
	if strings.Contains(r.Header.Get("Range"), ",") { // many ranges at once are nobody's need
		r.Header.Del("Range")
	}
	head := w.Header()
	head.Set("Content-Type", "application/octet-stream")
	head.Set("ETag", `"`+name+`"`)
	head.Set("Cache-Control", "private, immutable")
	out := &outlet{ResponseWriter: w, control: http.NewResponseController(w), n: n, still: func() bool { return n.c.Gate.Admit(van, serial) }}
	if err := out.control.SetReadDeadline(time.Time{}); err != nil { // the request is read; its limit is not the download's
		http.Error(w, "the connection cannot be used", http.StatusInternalServerError)
		return
	}
	http.ServeContent(out, r, "", time.Time{}, b)
}

func (n *Counter) missing(w http.ResponseWriter) {
	n.stats.Missing.Add(1)
	http.Error(w, "there is no such content", http.StatusNotFound)
}

// outlet lets a download take as long as it likes, as long as it moves, and
// ends it when its certificate is revoked.
type outlet struct {
	http.ResponseWriter
	control *http.ResponseController
	n       *Counter
	still   func() bool
}

var errRevoked = errors.New("the certificate was revoked")

func (o *outlet) Write(b []byte) (int, error) {
	if !o.still() {
		return 0, errRevoked
	}
	if err := o.control.SetWriteDeadline(time.Now().Add(o.n.c.Limits.Stall)); err != nil {
		return 0, err
	}
	m, err := o.ResponseWriter.Write(b)
	o.n.stats.Bytes.Add(int64(m))
	return m, err
}
