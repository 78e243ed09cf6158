package uplink

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ark"
	"ark/agent"
)

// item is a file that is to come.
type item struct {
	hash ark.Hash
	path string
	size int64 // in bytes, or a good guess
	most int64 // it can have
}

// part is where a file grows; its beginning stays over restarts.
func (i item) part() string { return i.path + ".part" }

func partSize(path string) int64 {
	st, err := os.Stat(path + ".part")
	if err != nil {
		return 0
	}
	return st.Size()
}

// What can go wrong with a download besides the network and the disk.
var (
	errGarbled = errors.New("what the hub gave is not what was asked for")
	errRefused = errors.New("the hub does not give it")
	errGone    = fmt.Errorf("%w: it does not have it", errRefused)
	errStalled = errors.New("nothing came for too long")
)

// fullError says that there is no room on the card.
type fullError struct{ need, free int64 }

func (e *fullError) Error() string {
	return fmt.Sprintf("no room: %d bytes to come, %d free", e.need, e.free)
}

func whyOf(err error) string {
	var full *fullError
	switch {
	case errors.As(err, &full), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return ark.WhyDiskFull
	case errors.Is(err, errRefused), errors.Is(err, errGarbled):
		return ark.WhyRefused
	}
	switch faultOf(err) {
	case agent.FaultExpired, agent.FaultForeign, agent.FaultNotAdmitted:
		return ark.WhyRefused
	}
	return ark.WhyUnreachable
}

// reserve is what a library leaves free: the journals need it more.
func reserve(total int64) int64 { return min(64<<20, total/20) }

// room checks that so many bytes can come.
func (f *Fetcher) room(need int64) error {
	if f.c.Disk == nil {
		return nil
	}
	free, total := f.c.Disk()
	if free-max(need, 0) < reserve(total) {
		return &fullError{need, free}
	}
	return nil
}

// bring brings one file: what is missing of it, then it is checked, made
// durable and given its name. more is told of each piece that came, and with
// a negative number of what was thrown away.
func (f *Fetcher) bring(ctx context.Context, i item, more func(int64)) error {
	out, err := os.OpenFile(i.part(), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return fmt.Errorf("fetch %v: %w", i.hash, err)
	}
	defer out.Close()
	have, err := out.Seek(0, io.SeekEnd)
	if err == nil && have > i.most {
		have, err = 0, out.Truncate(0)
	}
	if err == nil {
		more(have)
		err = f.download(ctx, i, out, have, more)
	}
	if err == nil {
		err = finish(i, out)
	}
	if err == nil {
		return nil
	}
	more(-partSize(i.path)) // counted again when it is gone on with
	if errors.Is(err, errGarbled) || errors.Is(err, syscall.ENOSPC) || partSize(i.path) == 0 {
		os.Remove(i.part()) // from its beginning, next time; the journals need the room
	}
	return fmt.Errorf("fetch %v: %w", i.hash, err)
}

// finish checks what came, all of it as it lies on the card, and gives it its
// name.
func finish(i item, out *os.File) error {
	if err := out.Sync(); err != nil {
		return err
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, out); err != nil {
		return err
	}
	if ark.Hash(sum.Sum(nil)) != i.hash {
		return errGarbled
	}
	if err := os.Rename(i.part(), i.path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(i.path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// download asks for the rest of a file and writes it behind what is there.
func (f *Fetcher) download(ctx context.Context, i item, out *os.File, have int64, more func(int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alive := time.AfterFunc(f.c.Tries.Stall, func() { cancel(errStalled) })
	defer alive.Stop()
	client, hangUp := f.line.client()
	defer hangUp()
	res, err := f.ask(ctx, client, i, have)
	if err != nil {
		return causeOf(ctx, err)
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusPartialContent:
		if err := continues(res, have, i.most); err != nil {
			return err
		}
	case http.StatusOK:
		more(-have)
		have = 0
		if err := out.Truncate(0); err != nil {
			return err
		}
	case http.StatusRequestedRangeNotSatisfiable: // all of it is here, or it is something else
		if have > 0 {
			return nil
		}
		return errGarbled
	case http.StatusNotFound, http.StatusGone:
		return errGone
	case http.StatusForbidden, http.StatusUnauthorized:
		return fmt.Errorf("%w: %s", errRefused, res.Status)
	default:
		return fmt.Errorf("the hub answers %s", res.Status)
	}
	if _, err := out.Seek(have, io.SeekStart); err != nil {
		return err
	}
	return causeOf(ctx, f.pour(ctx, out, res.Body, i.most-have, alive, more))
}

func causeOf(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errStalled) {
		return errStalled
	}
	return err
}

func (f *Fetcher) ask(ctx context.Context, client *http.Client, i item, have int64) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+f.c.Hub+"/blobs/"+i.hash.String(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Encoding", "identity")
	if have > 0 {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		r.Header.Set("If-Range", `"`+i.hash.String()+`"`)
	}
	return client.Do(r)
}

// continues checks that a part goes on where ours ends, and is of a file of a
// possible length.
func continues(res *http.Response, have, most int64) error {
	text, ok := strings.CutPrefix(res.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have))
	_, total, found := strings.Cut(text, "/")
	n, err := strconv.ParseInt(total, 10, 64)
	if !ok || !found || err != nil || n > most {
		return fmt.Errorf("%w: range %q", errGarbled, res.Header.Get("Content-Range"))
	}
	return nil
}

// chunk is how much is read at a time, and checkRoom after how many bytes the
// card is looked at again.
const (
	chunk     = 32 << 10
	checkRoom = 4 << 20
)

// pour writes what comes, at most so many bytes.
func (f *Fetcher) pour(ctx context.Context, out io.Writer, in io.Reader, most int64, alive *time.Timer, more func(int64)) error {
	buf := make([]byte, chunk)
	for sinceLook := 0; ; {
		n, err := in.Read(buf)
		alive.Reset(f.c.Tries.Stall)
		if most -= int64(n); most < 0 {
			return fmt.Errorf("%w: too long", errGarbled)
		}
		if n > 0 {
			if _, err := out.Write(buf[:n]); err != nil {
				return err
			}
			f.received.Add(int64(n))
			more(int64(n))
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if sinceLook += n; sinceLook >= checkRoom {
			sinceLook = 0
			if err := f.room(0); err != nil {
				return err
			}
		}
		alive.Stop() // it is we who wait
		if err := f.rate.wait(ctx, n); err != nil {
			return err
		}
		alive.Reset(f.c.Tries.Stall)
	}
}
