package console

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"ark"
	"ark/hub"
)

// importShown is how many lines of each sort the preview shows.
const importShown = 50

// importPage asks for a file, or shows what it would change.
type importPage struct {
	frame
	Tab     string
	Plan    *importPlan // nil: no file was read yet
	Text    string      // of the file, to come back when it is confirmed
	Trouble string
	Shown   int
}

func (c *Console) askImport(w http.ResponseWriter, r *http.Request) {
	c.importPage(w, r, http.StatusOK, importPage{})
}

func (c *Console) importPage(w http.ResponseWriter, r *http.Request, status int, p importPage) {
	p.frame, p.Tab, p.Shown = c.frame(r, "households"), "import", importShown
	c.site.Page(w, r, status, "import.html", p)
}

// importHouseholds shows what a file would change, and once that is confirmed
// changes it. What was confirmed is worked out anew: a household that somebody
// changed meanwhile is never overwritten by what was not seen.
func (c *Console) importHouseholds(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxImport)
	data, err := importData(r)
	if err != nil {
		c.importPage(w, r, http.StatusUnprocessableEntity, importPage{Trouble: "import.huge"})
		return
	}
	rows, faults, err := readImport(data)
	if err != nil {
		var why errImport
		errors.As(err, &why)
		c.importPage(w, r, http.StatusUnprocessableEntity, importPage{Trouble: string(why)})
		return
	}
	plan, err := c.planImport(r.Context(), rows, faults)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := importPage{Plan: &plan}
	if p.Text, err = decodeImport(data); err != nil {
		c.unread(w, r, err) // it was read before
		return
	}
	if r.PostFormValue("do") != "import" {
		c.importPage(w, r, http.StatusOK, p)
		return
	}
	done, err := c.carryOut(r, plan)
	switch {
	case errors.Is(err, hub.ErrStale):
		p.Trouble = "import.stale"
		c.importPage(w, r, http.StatusConflict, p)
	case errors.Is(err, hub.ErrFull):
		p.Trouble = "house.full"
		c.importPage(w, r, http.StatusUnprocessableEntity, p)
	case refused(err):
		c.unread(w, r, err)
	case err != nil:
		c.c.Log.Error("households cannot be imported", "done", done, "err", err)
		p.Trouble = "import.ours"
		c.importPage(w, r, http.StatusServiceUnavailable, p)
	default:
		c.say(r, fmt.Sprintf(c.site.Text(r, "import.done"), len(plan.New), len(plan.Changed)))
		http.Redirect(w, r, "/households", http.StatusSeeOther)
	}
}

// importData is the file that a form brought, or its text that comes back.
func importData(r *http.Request) ([]byte, error) {
	if err := r.ParseMultipartForm(1 << 20); err != nil { // the rest waits on the disk
		return nil, err
	}
	defer r.MultipartForm.RemoveAll()
	if f, _, err := r.FormFile("file"); err == nil {
		defer f.Close()
		return io.ReadAll(f)
	}
	return []byte(r.PostFormValue("text")), nil
}

// carryOut keeps what is new or changed, in parts each of which is kept whole
// or not at all. What was kept before a failure is found the same when the
// file comes again.
func (c *Console) carryOut(r *http.Request, plan importPlan) (done int, err error) {
	all := append(plan.New[:len(plan.New):len(plan.New)], plan.Changed...)
	for len(all) > 0 {
		n := min(len(all), hub.MaxPut)
		var hs []ark.Household
		var was []ark.ID
		for _, h := range all[:n] {
			hs, was = append(hs, h.Household), append(was, h.Was)
		}
		if err := desk(r.Context()).PutHouseholds(r.Context(), hs, was); err != nil {
			return done, err
		}
		done, all = done+n, all[n:]
	}
	return done, nil
}
