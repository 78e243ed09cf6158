package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"ark"
	"ark/hub"
)

// visitFile is an attachment for a reader.
type visitFile struct {
	ark.Attachment
	Path string
	Here bool
	Gone bool // an amendment took it out
}

// visitFiles are the attachments of a visit: those it has now, then those that
// an amendment took out.
func visitFiles(ctx context.Context, v hub.VisitRecord) (all []visitFile, err error) {
	seen := map[ark.Hash]bool{}
	add := func(list []ark.Attachment, gone bool) {
		for _, a := range list {
			if seen[a.Content] {
				continue
			}
			seen[a.Content] = true
			all = append(all, visitFile{Attachment: a, Path: "/visits/" + v.ID.String() + "/files/" + a.Content.String(), Gone: gone})
		}
	}
	add(v.Attachments, false)
	for i := len(v.Editions) - 1; i >= 0; i-- {
		add(v.Editions[i].Visit.Attachments, true)
	}
	here, err := desk(ctx).FilesHere(ctx, v)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Here = here[all[i].Content]
	}
	return all, nil
}

// magic is how content of each type begins; a dot stands for any byte.
var magic = map[string]string{
	"image/jpeg": "\xff\xd8\xff", "image/webp": "RIFF....WEBP", "image/png": "\x89PNG\r\n\x1a\n",
	"audio/webm": "\x1a\x45\xdf\xa3", "audio/ogg": "OggS", "audio/mp4": "....ftyp",
}

var errNotWhatItSays = errors.New("not what it says it is")

// looksLike tells whether content begins as its type does: what a phone called
// a picture is given to browsers as nothing else.
func looksLike(kind string, r io.ReadSeeker) error {
	want, known := magic[kind]
	head := make([]byte, len(want))
	if _, err := io.ReadFull(r, head); err != nil || !known {
		return errors.Join(errNotWhatItSays, err)
	}
	for i := range head {
		if want[i] != '.' && head[i] != want[i] {
			return errNotWhatItSays
		}
	}
	_, err := r.Seek(0, io.SeekStart)
	return err
}

// showFile answers with an attachment of a visit, whole or in part.
func (c *Console) showFile(w http.ResponseWriter, r *http.Request) {
	id, err := ark.ParseID(r.PathValue("id"))
	var h ark.Hash
	if err != nil || h.UnmarshalText([]byte(r.PathValue("hash"))) != nil {
		c.lost(w, r)
		return
	}
	f, blob, err := desk(r.Context()).OpenFile(r.Context(), id, h)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	defer blob.Close()
	if err := looksLike(f.Type, blob); err != nil {
		c.c.Log.Warn("an attachment is not of its type", "content", f.Content, "type", f.Type)
		http.Error(w, errNotWhatItSays.Error(), http.StatusUnsupportedMediaType)
		return
	}
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(workLimit)) // a connection that can have none goes without
	head := w.Header()
	head.Set("Content-Type", f.Type)
	head.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	head.Set("Content-Disposition", "inline")
	head.Set("Cache-Control", "no-store") // it shows somebody's home, or has their voice
	http.ServeContent(w, r, "", time.Time{}, blob)
}
