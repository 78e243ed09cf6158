package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// Bounds of what is done to many visits at once.
const (
	maxBulk    = 200   // visits
	maxBulksOf = 20    // deeds of one account that can be undone; after a restart of the hub none can
	maxBulks   = 1_000 // of all; some 20 kB each at worst
)

// What is done to several visits, beside what a review makes them.
const (
	bulkGiven   = "given"   // to somebody for review
	bulkMine    = "mine"    // to whoever does it
	bulkUndone  = "undone"  // a review was taken back
	bulkUngiven = "ungiven" // they were given back
)

// bulk is what somebody made of several visits at once.
type bulk struct {
	Key    string
	By     string
	Word   string // what they were made, or one of the above
	To     string // to whom they were given; empty: to nobody
	Done   []ark.ID
	Was    []string // to whom each in Done was given before
	Failed []bulkFailed
	Back   string // query of the list that it was done from
	Undone bool
}

// bulkFailed is a visit that was left as it was.
type bulkFailed struct {
	Visit ark.ID
	Place string
	Why   string // key of a text
}

// bulks remembers what was done, the newest last.
type bulks struct {
	mu   sync.Mutex
	list []*bulk
}

func (b *bulks) add(n *bulk) {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := func(o *bulk) bool { return o.By == n.By }
	count := 0
	for _, o := range b.list {
		if own(o) {
			count++
		}
	}
	if count >= maxBulksOf {
		at := slices.IndexFunc(b.list, own)
		b.list = slices.Delete(b.list, at, at+1)
	}
	if b.list = append(b.list, n); len(b.list) > maxBulks {
		b.list = slices.Delete(b.list, 0, 1)
	}
}

// find is what somebody did, as it stands now; nil: nothing, or somebody else
// did it.
func (b *bulks) find(key, by string) *bulk {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.copyOf(key, by, func(*bulk) {})
}

// take is what somebody did and means to undo, once; nil: there is nothing.
func (b *bulks) take(key, by string) *bulk {
	b.mu.Lock()
	defer b.mu.Unlock()
	undone := false
	was := b.copyOf(key, by, func(n *bulk) { undone, n.Undone = n.Undone, true })
	if undone {
		return nil
	}
	return was
}

// copyOf changes what is remembered and copies it for whoever holds no lock.
func (b *bulks) copyOf(key, by string, change func(*bulk)) *bulk {
	for _, n := range b.list {
		if n.Key == key && n.By == by {
			change(n)
			now := *n
			return &now
		}
	}
	return nil
}

// judgeMany makes the same of all visits that are marked in a list.
func (c *Console) judgeMany(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "form", http.StatusBadRequest)
		return
	}
	key := r.PostForm.Get("key")
	if !c.once.first(key) { // a second tap
		http.Redirect(w, r, "/bulk/"+url.PathEscape(key), http.StatusSeeOther)
		return
	}
	n := &bulk{Key: key, By: nameOf(r), Word: r.PostForm.Get("do"), Back: backOf(r.PostForm.Get("back"))}
	switch n.Word {
	case bulkMine:
		n.Word, n.To = bulkGiven, n.By
	case bulkGiven:
		n.To = r.PostForm.Get("to")
	}
	marked := r.PostForm["visit"]
	switch {
	case key == "" || len(marked) > maxBulk || n.Word != bulkGiven && reviewStates[n.Word] == ark.ReviewNone:
		c.answerBulk(w, r, n, "bulk.garbage")
		return
	case len(marked) == 0:
		c.once.forget(key)
		c.answerBulk(w, r, n, "bulk.nothing")
		return
	}
	for _, m := range marked {
		c.judgeOne(r, n, m, r.PostForm.Get("comment"))
	}
	c.bulks.add(n)
	c.answerBulk(w, r, n, "")
}

// judgeOne judges a visit that is marked, or gives it to somebody: by its id,
// and the entry, the review and the person that were on the page, so that
// nobody decides on what they have not seen.
func (c *Console) judgeOne(r *http.Request, n *bulk, mark, comment string) {
	parts := append(strings.SplitN(mark, ".", 4), "", "", "")
	id, err := ark.ParseID(parts[0])
	if err != nil {
		n.Failed = append(n.Failed, bulkFailed{Why: "bulk.garbage"})
		return
	}
	var fault string
	if n.Word == bulkGiven {
		fault, _ = c.assign(r, id, n.To, parts[3])
	} else {
		fault, _ = c.review(r, id, verdict{parts[1], parts[2], n.Word, comment})
	}
	if fault != "" {
		n.Failed = append(n.Failed, c.failed(r, id, fault))
		return
	}
	n.Done, n.Was = append(n.Done, id), append(n.Was, parts[3])
}

// failed is a visit that was left as it was, by its place where it can be
// read.
func (c *Console) failed(r *http.Request, id ark.ID, why string) bulkFailed {
	v, err := desk(r.Context()).VisitRecord(r.Context(), id)
	if err != nil {
		return bulkFailed{Visit: id, Why: "bulk.gone"}
	}
	return bulkFailed{id, v.Place, why}
}

// undoMany makes visits again what they were before, each by a review that the
// van is told, and only where nobody has judged it since.
func (c *Console) undoMany(w http.ResponseWriter, r *http.Request) {
	was := c.bulks.take(r.PathValue("key"), nameOf(r))
	if was == nil {
		c.answerBulk(w, r, &bulk{Key: r.PathValue("key"), Back: "?"}, "bulk.noUndo")
		return
	}
	n := &bulk{Key: c.once.key(), By: nameOf(r), Word: bulkUndone, Back: was.Back, Undone: true}
	if was.Word == bulkGiven {
		n.Word = bulkUngiven
	}
	for i, id := range was.Done {
		if fault := c.undoOne(r, was, i); fault != "" {
			n.Failed = append(n.Failed, c.failed(r, id, fault))
			continue
		}
		n.Done = append(n.Done, id)
	}
	c.bulks.add(n)
	c.answerBulk(w, r, n, "")
}

// undoOne makes one visit what it was before; it is the key of why it did not.
func (c *Console) undoOne(r *http.Request, was *bulk, i int) (fault string) {
	if was.Word == bulkGiven {
		if fault, _ = c.assign(r, was.Done[i], was.Was[i], was.To); fault == "assign.given" {
			return "bulk.since"
		}
		return fault
	}
	err := desk(r.Context()).TakeBack(r.Context(), was.Done[i], reviewStates[was.Word])
	switch {
	case errors.Is(err, hub.ErrStale):
		return "bulk.since"
	case err != nil:
		return c.reviewFault(err)
	}
	return ""
}

// bulkPage is what became of it.
type bulkPage struct {
	frame
	bulk
	Trouble string
}

// bulkSaid is what was done, in words.
func (c *Console) bulkSaid(r *http.Request, n *bulk) string {
	switch {
	case n.Word == bulkUndone, n.Word == bulkUngiven:
		return fmt.Sprintf(c.site.Text(r, "bulk."+n.Word), len(n.Done))
	case n.Word == bulkGiven && n.To == "":
		return fmt.Sprintf(c.site.Text(r, "bulk.freed"), len(n.Done))
	case n.Word == bulkGiven:
		return fmt.Sprintf(c.site.Text(r, "bulk.given"), len(n.Done), n.To)
	}
	return fmt.Sprintf(c.site.Text(r, "bulk.done"), len(n.Done), c.site.Text(r, "review."+n.Word))
}

// answerBulk says what became of it: to a page's script in JSON, to others by
// a page. What was wholly done leads back to the list.
func (c *Console) answerBulk(w http.ResponseWriter, r *http.Request, n *bulk, trouble string) {
	status := http.StatusOK
	if trouble != "" {
		status = http.StatusUnprocessableEntity
	}
	if strings.HasPrefix(r.Header.Get("Accept"), "application/json") {
		told := map[string]any{"page": "/bulk/" + n.Key, "failed": len(n.Failed), "undo": len(n.Done) > 0 && !n.Undone}
		if told["said"] = c.site.Text(r, trouble); trouble == "" {
			told["said"] = c.bulkSaid(r, n)
		}
		web.JSON(w, status, told)
		return
	}
	if trouble == "" {
		http.Redirect(w, r, "/bulk/"+url.PathEscape(n.Key), http.StatusSeeOther)
		return
	}
	c.site.Page(w, r, status, "bulk.html", bulkPage{frame: c.frame(r, "visits"), bulk: *n, Trouble: trouble})
}

func (c *Console) showBulk(w http.ResponseWriter, r *http.Request) {
	n := c.bulks.find(r.PathValue("key"), nameOf(r))
	if n == nil {
		c.lost(w, r)
		return
	}
	p := bulkPage{frame: c.frame(r, "visits"), bulk: *n}
	p.frame.Said = c.bulkSaid(r, n)
	c.site.Page(w, r, http.StatusOK, "bulk.html", p)
}

// backOf is the query of a list, as it may be written into an address again.
func backOf(query string) string {
	v, err := url.ParseQuery(strings.TrimPrefix(query, "?"))
	if err != nil || len(query) > maxForm {
		return "?"
	}
	return "?" + v.Encode()
}
