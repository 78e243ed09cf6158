package console

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"ark"
	"ark/hub"
)

// phonesPage is the phones of each van that told of any.
type phonesPage struct {
	frame
	Tab   string
	Vans  []vanPhones
	Total int
}

type vanPhones struct {
	Van    ark.VanID
	Phones []hub.VanPhone // those in use first, the newest of them first
}

func (c *Console) showPhones(w http.ResponseWriter, r *http.Request) {
	all, err := desk(r.Context()).VanPhones(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := phonesPage{frame: c.frame(r, "crew"), Tab: "phones", Total: len(all)}
	slices.SortFunc(all, func(a, b hub.VanPhone) int {
		return cmp.Or(cmp.Compare(a.Van, b.Van), cmp.Compare(rankOf(a.Struck), rankOf(b.Struck)), cmp.Compare(b.At, a.At), a.ID.Compare(b.ID))
	})
	for _, phone := range all {
		if n := len(p.Vans); n == 0 || p.Vans[n-1].Van != phone.Van {
			p.Vans = append(p.Vans, vanPhones{Van: phone.Van})
		}
		last := &p.Vans[len(p.Vans)-1]
		last.Phones = append(last.Phones, phone)
	}
	c.site.Page(w, r, http.StatusOK, "phones.html", p)
}

func rankOf(later bool) int {
	if later {
		return 1
	}
	return 0
}

// strikePhone strikes a phone off. It is not undone: the phone is enrolled
// anew at the van.
func (c *Console) strikePhone(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		c.lost(w, r)
		return
	}
	van := ark.VanID(r.PathValue("van"))
	switch err := desk(r.Context()).StrikePhone(r.Context(), van, id); {
	case errors.Is(err, hub.ErrNotThere):
		c.lost(w, r)
	case err != nil:
		c.unread(w, r, err)
	default:
		c.say(r, fmt.Sprintf(c.site.Text(r, "phone.done"), van))
		http.Redirect(w, r, "/phones", http.StatusSeeOther)
	}
}
