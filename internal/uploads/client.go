package uploads

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Client sends content by tus to a Handler, or to any other server of tus that
// says at its creation how much of an upload it has.
type Client struct {
	HTTP *http.Client
	URL  string      // at which uploads are announced
	Head http.Header // of each request; may be nil
}

// Announce says what is to come and learns how much of it is there. A *Refusal
// is the server's.
func (c *Client) Announce(ctx context.Context, a Announced) (have int64, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, nil)
	if err != nil {
		return 0, err
	}
	word := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	r.Header.Set("Upload-Length", strconv.FormatInt(a.Size, 10))
	r.Header.Set("Upload-Metadata", "sha256 "+word(hex.EncodeToString(a.Hash[:]))+",type "+word(a.Type))
	return c.ask(r, a.Size)
}

// Send sends the next n bytes, of which body gives no fewer, and learns how
// much is there then. A *Refusal is the server's.
func (c *Client) Send(ctx context.Context, a Announced, at, n int64, body io.Reader) (have int64, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPatch, c.URL+"/"+hex.EncodeToString(a.Hash[:]), body)
	if err != nil {
		return at, err
	}
	r.ContentLength = n
	r.Header.Set("Content-Type", pieceType)
	r.Header.Set("Upload-Offset", strconv.FormatInt(at, 10))
	have, err = c.ask(r, a.Size)
	if err == nil && have <= at {
		err = fmt.Errorf("send content: the server has %d bytes after %d", have, at)
	}
	return have, err
}

// mostWord is the most that is read of an answer, in bytes.
const mostWord = 1 << 10

func (c *Client) ask(r *http.Request, size int64) (have int64, err error) {
	for name, values := range c.Head {
		r.Header[name] = values
	}
	r.Header.Set("Tus-Resumable", version)
	res, err := c.HTTP.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, mostWord))
	if err != nil {
		return 0, err
	}
	if res.StatusCode/100 != 2 {
		after, _ := strconv.Atoi(res.Header.Get("Retry-After")) // 0: not said
		return 0, &Refusal{res.StatusCode, strings.TrimSpace(string(text)), time.Duration(min(max(after, 0), 3600)) * time.Second}
	}
	have, err = strconv.ParseInt(res.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || have < 0 || have > size {
		return 0, fmt.Errorf("send content: offset %q of %d", res.Header.Get("Upload-Offset"), size)
	}
	return have, nil
}
