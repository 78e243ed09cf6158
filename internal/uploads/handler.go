package uploads

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Config is what a handler needs.
type Config struct {
	Folder *Folder
	Base   string // path at which the handler stands, such as /api/2/files
	Most   int64  // bytes of one content

	// Owner is who asks; false: nobody who may.
	Owner func(*http.Request) (string, bool)
	// Accept judges what somebody means to send, before anything of it is
	// taken and again before each piece; here: nothing is to come, the content
	// is there already. An error that is no Refusal is the machine's. May be
	// nil, as may the next two.
	Accept func(ctx context.Context, a Announced, here bool) error
	// Check judges content that is whole and has the right hash.
	Check func(Announced, *os.File) error
	// Arrived notes durably that content is there, before the sender hears so.
	// The same again is no error.
	Arrived func(context.Context, Announced) error
	// Refuse answers what is not taken; nil: with the word alone.
	Refuse func(http.ResponseWriter, *http.Request, *Refusal)

	Limits Limits
	Log    *slog.Logger
}

// Stall is how long anybody may take for 32 kB, in either direction, before the
// connection is given up.
const Stall = time.Minute

// Limits bound what senders can cost. Zero values mean the defaults.
type Limits struct {
	Each  int           // uploads of one owner that are not whole: 24; the oldest makes room
	All   int           // of all owners: 1000
	Stall time.Duration // how long a sender may take for 32 kB: Stall
}

func (l Limits) withDefaults() Limits {
	if l.Each == 0 {
		l.Each = 24
	}
	if l.All == 0 {
		l.All = 1000
	}
	if l.Stall == 0 {
		l.Stall = Stall
	}
	return l
}

// Refusal is why something is not taken.
type Refusal struct {
	Status int
	Word   string        // stable, for programs
	After  time.Duration // when to try again; 0: not said
}

func (r *Refusal) Error() string { return r.Word }

// The refusals of the protocol itself.
var (
	errVersion  = &Refusal{http.StatusPreconditionFailed, "version", 0}
	errStranger = &Refusal{http.StatusForbidden, "stranger", 0}
	errMethod   = &Refusal{http.StatusMethodNotAllowed, "method", 0}
	errNotThere = &Refusal{http.StatusNotFound, "not-there", 0}
	errMetadata = &Refusal{http.StatusBadRequest, "metadata", 0}
	errLength   = &Refusal{http.StatusBadRequest, "length", 0}
	errTooLarge = &Refusal{http.StatusRequestEntityTooLarge, "too-large", 0}
	errMedia    = &Refusal{http.StatusUnsupportedMediaType, "content-type", 0}
	errOffset   = &Refusal{http.StatusConflict, "offset", 0}
	errKept     = &Refusal{http.StatusForbidden, "kept", 0}
	errLocked   = &Refusal{http.StatusLocked, "locked", time.Second}
	errTooSlow  = &Refusal{http.StatusRequestTimeout, "too-slow", time.Second}
	errHash     = &Refusal{460, "wrong-hash", 0} // tus 1.0, checksum extension: 460 Checksum Mismatch
	errMany     = &Refusal{http.StatusServiceUnavailable, "too-many", 30 * time.Second}
	errFull     = &Refusal{http.StatusInsufficientStorage, "full", 5 * time.Minute}
	errIll      = &Refusal{http.StatusServiceUnavailable, "unavailable", 30 * time.Second}
)

// Handler takes content by tus: POST to Base announces it (Upload-Length, and
// Upload-Metadata with sha256, the hash in hexadecimal, and type), HEAD,
// PATCH and DELETE of Base/<hash> go on with it. An owner's upload goes by
// the hash, so that announcing again goes on where it was; content that is
// there already answers 200, with Upload-Offset at its end.
type Handler struct {
	c     Config
	holds holds
}

// New makes a handler.
func New(c Config) *Handler {
	c.Limits = c.Limits.withDefaults()
	if c.Accept == nil {
		c.Accept = func(context.Context, Announced, bool) error { return nil }
	}
	if c.Check == nil {
		c.Check = func(Announced, *os.File) error { return nil }
	}
	if c.Arrived == nil {
		c.Arrived = func(context.Context, Announced) error { return nil }
	}
	if c.Refuse == nil {
		c.Refuse = func(w http.ResponseWriter, _ *http.Request, why *Refusal) { http.Error(w, why.Word, why.Status) }
	}
	return &Handler{c: c, holds: holds{all: map[string]*hold{}}}
}

// version is the one of tus that is spoken here.
const version = "1.0.0"

// ServeHTTP answers a sender.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Tus-Resumable", version)
	head.Set("Cache-Control", "no-store")
	if r.Method == http.MethodOptions {
		head.Set("Tus-Version", version)
		head.Set("Tus-Extension", "creation,termination")
		head.Set("Tus-Max-Size", strconv.FormatInt(h.c.Most, 10))
		w.WriteHeader(http.StatusNoContent)
		return
	}
	err := h.serve(w, r)
	if err == nil {
		return
	}
	var why *Refusal
	if !errors.As(err, &why) {
		why = errIll
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			why = errFull
		}
		if r.Context().Err() == nil {
			h.c.Log.Error("an upload is not taken", "err", err)
		}
	}
	if why.After > 0 {
		head.Set("Retry-After", strconv.Itoa(int(why.After.Seconds())))
	}
	h.c.Refuse(w, r, why)
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) error {
	if v := r.Header.Get("Tus-Resumable"); v != version && (v != "" || r.Method != http.MethodHead) {
		w.Header().Set("Tus-Version", version)
		return errVersion
	}
	owner, ok := h.c.Owner(r)
	if !ok {
		return errStranger
	}
	if !ownerName.MatchString(owner) {
		return fmt.Errorf("owner %q: not a name", owner)
	}
	name := strings.Trim(strings.TrimPrefix(r.URL.Path, h.c.Base), "/")
	if name == "" {
		if r.Method != http.MethodPost {
			return errMethod
		}
		return h.create(w, r, owner)
	}
	hash, ok := parseHash(name)
	if !ok {
		return errNotThere
	}
	switch r.Method {
	case http.MethodHead:
		return h.tell(w, r, owner, hash)
	case http.MethodPatch:
		return h.goOn(w, r, owner, hash)
	case http.MethodDelete:
		return h.giveUp(w, r, owner, hash)
	}
	return errMethod
}

// create takes up what somebody means to send.
func (h *Handler) create(w http.ResponseWriter, r *http.Request, owner string) error {
	a, err := announced(r, owner, h.c.Most)
	if err != nil {
		return err
	}
	held, err := h.holds.take(r.Context(), key(owner, a.Hash), nil)
	if err != nil {
		return err
	}
	defer held.release()
	status, have := http.StatusOK, a.Size
	there, err := h.settle(r.Context(), a)
	if err != nil {
		return err
	}
	if !there {
		status = http.StatusCreated
		if err := h.c.Accept(r.Context(), a, false); err != nil {
			return err
		}
		if err := h.makeRoom(a); err != nil {
			return err
		}
		p, err := h.c.Folder.begin(a)
		if err != nil {
			return err
		}
		have = p.have
	}
	w.Header().Set("Location", h.c.Base+"/"+hex.EncodeToString(a.Hash[:]))
	answer(w, status, have)
	return nil
}

func answer(w http.ResponseWriter, status int, have int64) {
	w.Header().Set("Upload-Offset", strconv.FormatInt(have, 10))
	w.WriteHeader(status)
}

// announced reads what a POST announces.
func announced(r *http.Request, owner string, most int64) (a Announced, err error) {
	a.Owner = owner
	if a.Size, err = strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64); err != nil || a.Size < 1 {
		return a, errLength
	}
	if a.Size > most {
		return a, errTooLarge
	}
	hashed := false
	for pair := range strings.SplitSeq(r.Header.Get("Upload-Metadata"), ",") {
		name, text, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(text)
		switch {
		case err != nil:
			return a, errMetadata
		case name == "sha256":
			a.Hash, hashed = parseHash(string(value))
		case name == "type" && len(value) <= 64:
			a.Type = string(value)
		}
	}
	if !hashed {
		return a, errMetadata
	}
	return a, nil
}

// makeRoom sees to it that an owner and all of them have no more uploads than
// they may. What an owner left longest is given up: a phone that forgot what
// it began is not shut out.
func (h *Handler) makeRoom(a Announced) error {
	mine, err := h.c.Folder.parts(a.Owner)
	if err != nil {
		return err
	}
	for len(mine) >= h.c.Limits.Each {
		if oldest := mine[0]; oldest.Hash != a.Hash {
			if err := os.Remove(oldest.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		mine = mine[1:]
	}
	n, err := h.c.Folder.count()
	if err == nil && n >= h.c.Limits.All {
		err = errMany
	}
	return err
}

// giveUp forgets an upload that is not whole.
func (h *Handler) giveUp(w http.ResponseWriter, r *http.Request, owner string, hash Hash) error {
	held, err := h.holds.take(r.Context(), key(owner, hash), nil)
	if err != nil {
		return err
	}
	defer held.release()
	p, err := h.c.Folder.part(owner, hash)
	if errors.Is(err, fs.ErrNotExist) {
		if _, there := h.c.Folder.Size(hash); there {
			return errKept
		}
		return errNotThere
	}
	if err != nil {
		return err
	}
	if err := os.Remove(p.path); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
