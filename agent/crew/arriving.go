package crew

import (
	"io"
	"net/http"

	"ark"
	"ark/agent"
)

// files lets an enrolled phone hand in and read attachments. Its other limits
// are the handler's.
func (c *Crew) files(w http.ResponseWriter, r *http.Request) {
	by, err := c.callerOf(r)
	if err == nil && r.Method == http.MethodPatch {
		token, _ := bearer(r)
		next := func() error { return c.mayGoOn(r, token, by.ID) }
		if err = next(); err == nil {
			r.Body = &arriving{r.Body, arrivingPart, next}
		}
	}
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	c.c.Files.ServeHTTP(w, r.WithContext(agent.ByPhone(r.Context(), by.Phone)))
}

// mayGoOn tells whether a phone may send another part of an attachment: it was
// not struck off meanwhile, and has not sent more than a crew's photos of many
// days. Else one phone could fill the card, and the others would have to keep
// theirs.
func (c *Crew) mayGoOn(r *http.Request, token ark.Hash, phone ark.ID) error {
	if !c.arriving.takes(phone, c.c.Now().Mono) {
		return wrong(http.StatusTooManyRequests, "many", "")
	}
	_, err := c.c.People.PhoneOf(r.Context(), token)
	return err
}

// arriving is an attachment on its way: before each part of it next is asked.
type arriving struct {
	io.ReadCloser
	left int64 // bytes of this part
	next func() error
}

func (a *arriving) Read(b []byte) (int, error) {
	if a.left <= 0 {
		if err := a.next(); err != nil {
			return 0, err
		}
		a.left = arrivingPart
	}
	n, err := a.ReadCloser.Read(b)
	a.left -= int64(n)
	return n, err
}
