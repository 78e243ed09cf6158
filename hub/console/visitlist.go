package console

import (
	"context"
	"fmt"
	"html/template"
	"net/http"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// visitList is the part of a page of visits that changes by itself, and is the
// same for all who see and ask for the same.
type visitList struct {
	Found template.HTML // how many there are
	Rows  template.HTML
	First bool // nothing comes before this page
}

// list finds the visits of a page as they stand, or as somebody else in the
// same sight was just shown them.
func (c *Console) list(r *http.Request, p *visitsPage) (err error) {
	ctx, q := r.Context(), p.Query
	if p.Trouble != "" {
		return nil
	}
	if err = p.see(ctx); err != nil {
		return err
	}
	key := fmt.Sprintf("%s %d %s %t %s", web.LangOf(r), c.midnight().Unix(), q.Known.Encode(), p.Judges, p.asOf)
	p.visitList, err = c.lists.of(ctx, key, func(ctx context.Context) (l visitList, err error) {
		r := r.WithContext(ctx)
		own := *p
		if err = c.findVisits(r, &own); err == nil {
			own.words, err = c.visitWords(ctx, web.LangOf(r), saidOf(own.Visits)...)
		}
		if err == nil && own.Options.l == "" {
			err = c.choose(r, &own)
		}
		if err == nil {
			l.Found, err = c.site.Part(web.LangOf(r), "visitcount", own)
		}
		if err == nil {
			l.Rows, err = c.site.Part(web.LangOf(r), "visitrows", own)
		}
		l.First = own.First
		return l, err
	})
	return err
}

// see puts on record that the page is shown, and how visits stand now.
func (p *visitsPage) see(ctx context.Context) (err error) {
	if p.asOf, err = desk(ctx).VisitsAsOf(ctx); err != nil {
		return err
	}
	return desk(ctx).SeeVisits(ctx, p.Query.Filter, p.Query.page())
}

// renewVisits answers a page that fetches itself anew: with its list, and what
// waits for a review.
func (c *Console) renewVisits(w http.ResponseWriter, r *http.Request, p visitsPage) {
	err := c.list(r, &p)
	if err == nil && p.Shares {
		if p.People, err = c.people(r, ark.Place{}); err == nil {
			p.Load, err = c.reviewLoad(r, p.asOf, p.People)
		}
	}
	c.answerVisits(w, r, &p, err, func(status int) {
		p.frame = c.frame(r, "visits")
		c.site.Page(w, r, status, "visitsfresh", p)
	})
}

// page is which of the visits the query asks for; one more tells whether others
// follow.
func (q visitQuery) page() hub.VisitPage {
	return hub.VisitPage{Order: q.Order, After: q.At, Up: q.Up, Limit: shown + 1}
}
