package studio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"ark/hub"
)

// input is an upload that can be read from its beginning more than once.
type input struct {
	r      io.ReadSeeker
	start  int64
	remove func()
}

// lay puts an upload where it can be read twice. A *hub.Refusal says that it
// is empty or too big.
func (s *Studio) lay(r io.Reader) (*input, error) {
	if rs, ok := r.(io.ReadSeeker); ok {
		if start, err := rs.Seek(0, io.SeekCurrent); err == nil {
			return measured(&input{r: rs, start: start, remove: func() {}})
		}
	}
	f, err := os.CreateTemp(s.spool, "take-*")
	if err != nil {
		return nil, fmt.Errorf("spool an upload: %w", err)
	}
	os.Remove(f.Name()) // it goes with the last handle, whatever happens
	if _, err := io.Copy(f, io.LimitReader(r, hub.MaxUpload+1)); err != nil {
		f.Close()
		return nil, fmt.Errorf("spool an upload: %w", err)
	}
	return measured(&input{r: f, remove: func() { f.Close() }})
}

func measured(in *input) (*input, error) {
	end, err := in.r.Seek(0, io.SeekEnd)
	switch {
	case err != nil:
		err = fmt.Errorf("measure an upload: %w", err)
	case end <= in.start:
		err = refuse(hub.RefusedEmpty, "no byte")
	case end-in.start > hub.MaxUpload:
		err = refuse(hub.RefusedHuge, "more than %d bytes", hub.MaxUpload)
	default:
		return in, nil
	}
	in.close()
	return nil, err
}

func (in *input) close() { in.remove() }

// rewind begins anew. The reader stops when ctx is done.
func (in *input) rewind(ctx context.Context) (*reader, error) {
	if _, err := in.r.Seek(in.start, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read an upload again: %w", err)
	}
	return &reader{ctx: ctx, r: in.r}, nil
}

// reader keeps the error with which reading stopped: decoders hide it, and
// what could not be read is not damaged.
type reader struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		r.err = err
		return 0, err
	}
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = fmt.Errorf("read an upload: %w", err)
	}
	return n, err
}
