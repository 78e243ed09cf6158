package console

import (
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"ark"
	"ark/hub"
)

// upload has the studio make a take of a file.
func (c *Console) upload(r *http.Request, d *draft, s *slot, file *os.File) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		c.offer(r, s, hub.Take{}, err)
		return
	}
	if !c.drafts.room(d) {
		s.Trouble = "takes"
		return
	}
	t, err := c.c.Studio.Take(r.Context(), file, hub.TakeOptions{Trim: s.Trim})
	c.offer(r, s, t, err)
}

// speak has the synthesiser say what was typed.
func (c *Console) speak(r *http.Request, d *draft, s *slot) {
	if !slices.Contains(c.c.Studio.Voices(), s.Language) {
		s.Trouble = hub.RefusedNoVoice
		return
	}
	if !c.drafts.room(d) {
		s.Trouble = "takes"
		return
	}
	t, err := c.c.Studio.Speak(r.Context(), s.Text, s.Language, hub.TakeOptions{Trim: s.Trim})
	t.Machine = true
	c.offer(r, s, t, err)
}

// offer puts what the studio made before the person who asked for it, or why
// it made nothing.
func (c *Console) offer(r *http.Request, s *slot, t hub.Take, err error) {
	var refusal *hub.Refusal
	var made *take
	if err == nil {
		made, err = newTake(c.c.Takes, t, s.Language)
	}
	switch {
	case errors.As(err, &refusal):
		s.Trouble, s.Detail = refusal.Word, refusal.Detail
	case err != nil && r.Context().Err() != nil: // nobody waits any more
		s.Trouble = "broken"
	case err != nil:
		c.c.Log.Error("a recording was not made", "err", err)
		s.Trouble = "ours"
	default:
		s.drop(&s.Offered)
		s.Offered = made
	}
}

// heard is content that a request may have: of an edition of the announcement
// that it names, or of a draft of its session.
func (c *Console) heard(r *http.Request) (ark.Hash, hub.Blob, error) {
	var h ark.Hash
	if err := h.UnmarshalText([]byte(r.PathValue("hash"))); err != nil {
		return h, nil, hub.ErrNotThere
	}
	if d := c.drafts.find(c.owner(r), r.URL.Query().Get("draft")); d != nil {
		defer d.mu.Unlock()
		for _, s := range d.Slots {
			for _, t := range []*take{s.Offered, s.Taken} {
				if t != nil && t.Content == h {
					return h, takeBlob{t.open(), t.Size}, nil
				}
			}
		}
	}
	id := ark.AnnouncementID(r.URL.Query().Get("of"))
	if !goodID(id) {
		return h, nil, hub.ErrNotThere
	}
	blob, err := desk(r.Context()).OpenRecording(r.Context(), id, h)
	return h, blob, err
}

// takeBlob is a take that is read as content.
type takeBlob struct {
	io.ReadSeeker
	size int64
}

func (b takeBlob) Size() int64  { return b.size }
func (b takeBlob) Close() error { return nil }

// listen plays a recording, or any part of it.
func (c *Console) listen(w http.ResponseWriter, r *http.Request) {
	_, blob, err := c.heard(r)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	defer blob.Close()
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(workLimit)) // a connection that can have none goes without
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Cache-Control", "private, max-age=3600, immutable")
	http.ServeContent(w, r, "", time.Time{}, blob)
}

// showWave draws a recording.
func (c *Console) showWave(w http.ResponseWriter, r *http.Request) {
	h, blob, err := c.heard(r)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	defer blob.Close()
	drawn, err := c.drafts.wave(h, func() (*wave, error) { return readWave(blob) })
	if err != nil {
		c.unread(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "private, max-age=3600, immutable")
	w.Write(drawn.svg()) // an error means that nobody looks any more
}
