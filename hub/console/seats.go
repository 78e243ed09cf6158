package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"ark/hub"
)

// seats keeps sessions in the hub's store: scs.Store and scs.CtxStore. What is
// kept under is a hash of what the browser holds, so that whoever reads the
// database cannot come in.
type seats struct{ book hub.SessionBook }

// seatOf is the key of a session by its token.
func seatOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// beginning is the key of a context under which a session is committed that
// has just begun: a hub.Session. All others must be there already, so that a
// request that was under way does not bring one back that was ended.
type beginning struct{}

// FindCtx is scs.CtxStore's. scs counts by time.Now.
func (s seats) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return s.book.SessionData(ctx, seatOf(token), time.Now())
}

// CommitCtx is scs.CtxStore's.
func (s seats) CommitCtx(ctx context.Context, token string, data []byte, ends time.Time) error {
	if n, fresh := ctx.Value(beginning{}).(hub.Session); fresh {
		n.ID, n.Begun, n.Ends = rand.Text(), time.Now(), ends
		return s.book.BeginSession(ctx, seatOf(token), n, data)
	}
	return s.book.KeepSession(ctx, seatOf(token), data, time.Now(), ends)
}

// DeleteCtx is scs.CtxStore's.
func (s seats) DeleteCtx(ctx context.Context, token string) error {
	return s.book.EndSession(ctx, seatOf(token))
}

// errNoContext says that scs was used in a way in which the console never
// does.
var errNoContext = errors.New("a session without a context")

// Find is scs.Store's, and never called: there is FindCtx.
func (s seats) Find(string) ([]byte, bool, error) { return nil, false, errNoContext }

// Commit is as Find.
func (s seats) Commit(string, []byte, time.Time) error { return errNoContext }

// Delete is as Find.
func (s seats) Delete(string) error { return errNoContext }

// seatCodec writes what a session holds, texts, so that the same is always the
// same bytes: what has not changed is not kept anew.
type seatCodec struct{}

type seatData struct {
	Deadline time.Time         `json:"deadline"`
	Values   map[string]string `json:"values"`
}

// Encode is scs.Codec's.
func (seatCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	d := seatData{deadline, map[string]string{}}
	for key, v := range values {
		text, ok := v.(string)
		if !ok {
			return nil, errors.New("a session holds texts alone")
		}
		d.Values[key] = text
	}
	return json.Marshal(d)
}

// Decode is scs.Codec's.
func (seatCodec) Decode(data []byte) (time.Time, map[string]any, error) {
	var d seatData
	if err := json.Unmarshal(data, &d); err != nil {
		return time.Time{}, nil, err
	}
	values := map[string]any{}
	for key, text := range d.Values {
		values[key] = text
	}
	return d.Deadline, values, nil
}
