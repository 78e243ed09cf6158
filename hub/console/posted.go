package console

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"ark"
	"ark/hub"
)

// Bounds of an editor's form.
const (
	maxFields   = 300
	maxField    = 16 << 10              // bytes of one field
	maxPosted   = hub.MaxUpload + 8<<20 // of a whole form
	maxSpools   = 6                     // forms that bring files, at a time
	uploadPause = 30 * time.Second      // the longest that nothing comes
	uploadStart = time.Minute           // an upload may be slow for so long, and then
	uploadRate  = 16 << 10              // not slower than this on the whole, in bytes a second
	workLimit   = 5 * time.Minute       // the studio's work, and the answer
)

// errForm says that a form is larger or longer than any of ours.
var errForm = errors.New("not a form of ours")

// posted is what an editor's form brought. Files wait on the disk, without a
// name, so that the studio never waits for a slow network.
type posted struct {
	url.Values
	files   map[ark.Language]*os.File
	refused map[ark.Language]string // words of hub's refusals
	spool   bool                    // it holds a place for files
}

// readPosted reads a form as it comes. The caller lets go of it.
func (c *Console) readPosted(w http.ResponseWriter, r *http.Request) (*posted, error) {
	p := &posted{Values: url.Values{}, files: map[ark.Language]*os.File{}, refused: map[ark.Language]string{}}
	control := http.NewResponseController(w)
	r.Body = http.MaxBytesReader(w, &patient{ReadCloser: r.Body, control: control, began: time.Now()}, maxPosted)
	defer func() { control.SetReadDeadline(time.Now().Add(workLimit)) }() // one that passes ends the request, also when all was read
	parts, err := r.MultipartReader()
	if err != nil {
		return p, fmt.Errorf("%w: %w", errForm, err)
	}
	for range maxFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return p, fmt.Errorf("read a form: %w", err)
		}
		if tag, is := strings.CutPrefix(part.FormName(), "file-"); is {
			if err := c.keepFile(p, tag, part.FileName() != "", part); err != nil {
				return p, err
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, maxField+1))
		if err != nil {
			return p, fmt.Errorf("read a form: %w", err)
		}
		if len(value) > maxField {
			return p, fmt.Errorf("%w: field %.40q", errForm, part.FormName())
		}
		p.Add(part.FormName(), string(value))
	}
	return p, fmt.Errorf("%w: too many fields", errForm)
}

// keepFile keeps what a part brings for a language. A part without a file is
// a field that nobody used.
func (c *Console) keepFile(p *posted, tag string, named bool, from io.Reader) error {
	l, err := ark.ParseLanguage(tag)
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	if !named || p.files[l] != nil {
		_, err := io.Copy(io.Discard, from)
		return err
	}
	if !p.spool {
		select {
		case c.spools <- struct{}{}:
			p.spool = true
		default:
			p.refused[l] = hub.RefusedOverload
			_, err := io.Copy(io.Discard, from)
			return err
		}
	}
	file, err := nameless(c.c.Takes)
	if err != nil {
		return err
	}
	p.files[l] = file
	n, err := io.Copy(file, io.LimitReader(from, hub.MaxUpload+1))
	if n > hub.MaxUpload {
		p.refused[l] = hub.RefusedHuge
		return nil
	}
	return err
}

// release lets go of the files.
func (c *Console) release(p *posted) {
	for _, f := range p.files {
		f.Close()
	}
	if p.spool {
		<-c.spools
	}
}

// patient is a request's body that may take long as long as it comes on: the
// server's own limits are for small requests.
type patient struct {
	io.ReadCloser
	control *http.ResponseController
	began   time.Time
	read    int64
}

func (p *patient) Read(b []byte) (int, error) {
	now := time.Now()
	until := p.began.Add(uploadStart + time.Duration(p.read/uploadRate)*time.Second)
	if pause := now.Add(uploadPause); pause.Before(until) {
		until = pause
	}
	p.control.SetReadDeadline(until) // a connection that can have none goes without
	p.control.SetWriteDeadline(now.Add(workLimit))
	n, err := p.ReadCloser.Read(b)
	p.read += int64(n)
	return n, err
}
