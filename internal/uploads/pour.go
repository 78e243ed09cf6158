package uploads

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"time"
)

// settle brings to its end what can be: an upload of which all bytes came
// before a crash gets its name, and content that is there is noted once more.
// There tells whether it is; where it is, the owner's own part of it is of no
// use and goes.
func (h *Handler) settle(ctx context.Context, a Announced) (there bool, err error) {
	p, err := h.c.Folder.part(a.Owner, a.Hash)
	begun := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	size, there := h.c.Folder.Size(a.Hash)
	switch {
	case there && (a.Size == 0 || a.Size == size):
		a.Size = size
		if err := h.c.Accept(ctx, a, true); err != nil {
			return false, err
		}
		if err := h.c.Arrived(ctx, a); err != nil {
			return false, err
		}
		if begun {
			return true, os.Remove(p.path)
		}
		return true, nil
	case begun && p.have >= p.Size:
		return true, h.finish(ctx, p)
	}
	return false, nil
}

// finish checks a part that is whole, gives it its name and has it noted. What
// is not what was announced is removed.
func (h *Handler) finish(ctx context.Context, p part) error {
	ctx = context.WithoutCancel(ctx) // that the sender hung up is no reason to leave it half done
	right, err := p.verify()
	if err != nil {
		return err
	}
	if !right {
		return errors.Join(errHash, os.Remove(p.path))
	}
	if err := h.check(p); err != nil {
		var why *Refusal
		if errors.As(err, &why) {
			return errors.Join(err, os.Remove(p.path))
		}
		return err
	}
	if err := h.c.Folder.adopt(p.path, p.Hash); err != nil {
		return err
	}
	return h.c.Arrived(ctx, p.Announced)
}

func (h *Handler) check(p part) error {
	f, err := os.Open(p.path)
	if err != nil {
		return err
	}
	defer f.Close()
	return h.c.Check(p.Announced, f)
}

// tell answers how much of an upload is there.
func (h *Handler) tell(w http.ResponseWriter, r *http.Request, owner string, hash Hash) error {
	held, err := h.holds.take(r.Context(), key(owner, hash), nil)
	if err != nil {
		return err
	}
	defer held.release()
	there, err := h.settle(r.Context(), Announced{Owner: owner, Hash: hash})
	if err != nil {
		return err
	}
	var have, size int64
	if there {
		size, _ = h.c.Folder.Size(hash)
		have = size
	} else {
		p, err := h.c.Folder.part(owner, hash)
		if errors.Is(err, fs.ErrNotExist) {
			return errNotThere
		}
		if err != nil {
			return err
		}
		have, size = p.have, p.Size
	}
	w.Header().Set("Upload-Length", strconv.FormatInt(size, 10))
	answer(w, http.StatusOK, have)
	return nil
}

// pieceType is the media type of a piece.
const pieceType = "application/offset+octet-stream"

// goOn takes the next piece of an upload.
func (h *Handler) goOn(w http.ResponseWriter, r *http.Request, owner string, hash Hash) error {
	if r.Header.Get("Content-Type") != pieceType {
		return errMedia
	}
	offset, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 {
		return &Refusal{http.StatusBadRequest, "offset", 0}
	}
	control := http.NewResponseController(w)
	held, err := h.holds.take(r.Context(), key(owner, hash), control)
	if err != nil {
		return err
	}
	defer held.release()
	there, err := h.settle(r.Context(), Announced{Owner: owner, Hash: hash})
	if err != nil {
		return err
	}
	if there { // another sent it meanwhile
		size, _ := h.c.Folder.Size(hash)
		answer(w, http.StatusNoContent, size)
		return nil
	}
	p, err := h.c.Folder.part(owner, hash)
	if errors.Is(err, fs.ErrNotExist) {
		return errNotThere
	}
	if err != nil {
		return err
	}
	if p.have != offset {
		w.Header().Set("Upload-Offset", strconv.FormatInt(p.have, 10))
		return errOffset
	}
	if err := h.c.Accept(r.Context(), p.Announced, false); err != nil {
		return err
	}
	if err := h.pour(r, control, &p, held); err != nil {
		return err
	}
	if p.have == p.Size {
		if err := h.finish(r.Context(), p); err != nil {
			return err
		}
	}
	answer(w, http.StatusNoContent, p.have)
	return nil
}

// piece is how much is read at a time, and syncEach after how much a part is
// made durable: so much at most is sent again after a power cut.
const (
	piece    = 32 << 10
	syncEach = 1 << 20
)

// pour writes what comes behind what is there. However it ends, what came is
// kept, and an answer that says how much follows only once it is durable.
func (h *Handler) pour(r *http.Request, control *http.ResponseController, p *part, held *hold) error {
	f, err := os.OpenFile(p.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	err = h.copy(r, control, f, p, held)
	if errors.Is(err, errFullDisk) {
		return errors.Join(err, os.Remove(p.path)) // others need the room more
	}
	now := h.c.Folder.now()
	return errors.Join(err, f.Sync(), os.Chtimes(p.path, now, now))
}

// errFullDisk wraps what a write said.
var errFullDisk = errors.New("the disk is full")

func (h *Handler) copy(r *http.Request, control *http.ResponseController, f *os.File, p *part, held *hold) error {
	buf := make([]byte, piece)
	for unsynced := 0; ; {
		until := time.Now().Add(h.c.Limits.Stall)
		if err := errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until.Add(time.Minute))); err != nil {
			return fmt.Errorf("move deadlines: %w", err)
		}
		if held.stopped.Load() { // asked after the deadline was set: see hold.stop
			return errLocked
		}
		if _, ok := h.c.Owner(r); !ok {
			return errStranger
		}
		n, err := io.ReadFull(r.Body, buf)
		if p.have+int64(n) > p.Size {
			return errTooLarge
		}
		if n > 0 {
			if _, werr := f.WriteAt(buf[:n], p.have); werr != nil {
				return noRoom(werr)
			}
			p.have += int64(n)
		}
		switch {
		case err == io.EOF, err == io.ErrUnexpectedEOF: // its end, or the connection's: nobody hears the answer then
			return control.SetReadDeadline(time.Time{})
		case errors.Is(err, os.ErrDeadlineExceeded):
			return errTooSlow
		case err != nil:
			return fmt.Errorf("%w: %w", errTooSlow, err)
		}
		if unsynced += n; unsynced >= syncEach {
			unsynced = 0
			if err := f.Sync(); err != nil {
				return noRoom(err)
			}
		}
	}
}
