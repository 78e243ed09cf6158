package crew

import (
	"encoding/hex"
	"net/http"
	"slices"

	"ark"
	"ark/internal/qr"
)

// hello is what the van tells whoever asks: no personal data.
func (c *Crew) hello(*http.Request) (int, any, error) {
	now := c.c.Now()
	return http.StatusOK, map[string]any{"van": c.c.Van, "api": []int{1, 2}, "app": c.app.hash, "time": now.Wall, "trusted": now.Trusted,
		"boot": hex.EncodeToString(now.Boot[:]), "name": c.c.Address()}, nil
}

// startTold is what a phone needs to begin.
type startTold struct {
	Van     ark.VanID      `json:"van"`
	Time    ark.UnixMilli  `json:"time"`
	Trusted bool           `json:"trusted"`
	Phone   phoneListed    `json:"phone"`
	Member  ark.ID         `json:"member,omitzero"` // who the request's session names; none: it names nobody any more
	Crew    []memberTold   `json:"crew"`
	Form    ark.Form       `json:"form"`
	Limits  map[string]any `json:"limits"`
	Place   string         `json:"place"`
	Places  []string       `json:"places"`
}

type memberTold struct {
	ID   ark.ID `json:"id"`
	Name string `json:"name"`
	PIN  bool   `json:"pin"` // an entry that names this person needs their session
}

type phoneListed struct {
	ID     ark.ID        `json:"id"`
	Name   string        `json:"name"`
	At     ark.UnixMilli `json:"at"` // when it was enrolled
	Struck bool          `json:"struck,omitempty"`
	By     string        `json:"by,omitempty"` // who struck it off
	Mine   bool          `json:"mine,omitempty"`
}

func (by caller) list(p ark.Phone) phoneListed {
	return phoneListed{p.ID, p.Name, p.At, p.Struck, p.By, p.ID == by.ID}
}

func limits() map[string]any {
	return map[string]any{"visit_bytes": maxForm, "attachments": ark.MaxAttachments, "attachment_bytes": ark.MaxAttachment,
		"words": ark.MaxWords, "states": mostStates, "pin_tries": freeTries}
}

func (c *Crew) start(r *http.Request, by caller) (int, any, error) {
	crew, err := c.c.People.Crew(r.Context())
	if err != nil {
		return 0, nil, err
	}
	form, err := c.c.People.Form(r.Context())
	if err != nil {
		return 0, nil, err
	}
	now := c.c.Now()
	status, _ := c.c.Status()
	t := startTold{Van: c.c.Van, Time: now.Wall, Trusted: now.Trusted, Phone: by.list(by.Phone), Member: by.member.ID, Crew: []memberTold{}, Form: form,
		Limits: limits(), Place: status.Place, Places: slices.Clone(status.Places)}
	for _, m := range crew.Members {
		if !m.Struck {
			t.Crew = append(t.Crew, memberTold{m.ID, m.Name, m.Verifier != ""})
		}
	}
	return http.StatusOK, t, nil
}

// responsible makes sure that a person is signed in wherever anybody could be:
// what a call does to phones is to have a name.
func (c *Crew) responsible(r *http.Request, by caller) error {
	crew, err := c.c.People.Crew(r.Context())
	if err != nil || !by.member.ID.IsZero() {
		return err
	}
	if slices.ContainsFunc(crew.Members, func(m ark.CrewMember) bool { return m.Verifier != "" && !m.Struck }) {
		return wrong(http.StatusForbidden, "session", "")
	}
	return nil
}

// listPhones lists the phones that the van knows.
func (c *Crew) listPhones(r *http.Request, by caller) (int, any, error) {
	all, err := c.c.People.Phones(r.Context())
	if err != nil {
		return 0, nil, err
	}
	told := []phoneListed{}
	for _, p := range all {
		told = append(told, by.list(p))
	}
	return http.StatusOK, map[string]any{"phones": told}, nil
}

// strike strikes a phone off: it is refused from now on.
func (c *Crew) strike(r *http.Request, by caller) (int, any, error) {
	id, err := pathID(r)
	if err == nil {
		err = c.responsible(r, by)
	}
	if err != nil {
		return 0, nil, err
	}
	name := by.member.Name
	if name == "" {
		name = by.Name
	}
	return http.StatusNoContent, nil, c.c.People.Strike(r.Context(), id, name)
}

// newCode makes an enrolment code that an enrolled phone shows to another.
func (c *Crew) newCode(r *http.Request, by caller) (int, any, error) {
	if err := c.responsible(r, by); err != nil {
		return 0, nil, err
	}
	code, word := c.invite("")
	link := c.link(r, word)
	svg, err := qr.SVG(link, c.site.Text(r, "phones.qr"))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, map[string]any{"code": code, "link": link, "svg": svg, "left_s": int(inviteFor.Seconds())}, nil
}
