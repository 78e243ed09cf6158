package crew

import (
	"ark"
	"ark/agent"
)

// visitSaid is a visit as phones say and read it: ark.Visit by the API's own
// names, less what only the van knows.
type visitSaid struct {
	Place       string           `json:"place"`
	Where       ark.Place        `json:"where,omitzero"`
	Household   ark.ID           `json:"household,omitzero"`
	Person      string           `json:"person,omitempty"`
	Outcome     string           `json:"outcome"`
	Services    []ark.Service    `json:"services,omitempty"`
	Needs       []ark.Need       `json:"needs,omitempty"`
	Need        string           `json:"need,omitempty"`
	Note        string           `json:"note,omitempty"`
	Return      bool             `json:"return,omitempty"`
	Consent     []ark.Consent    `json:"consent,omitempty"`
	Geo         *ark.Geo         `json:"geo,omitempty"`
	Attachments []ark.Attachment `json:"attachments,omitempty"`
	Answers     []ark.Answer     `json:"answers,omitempty"`
	Form        int64            `json:"form,omitempty"`
	By          string           `json:"by,omitempty"`
	Member      ark.ID           `json:"member,omitzero"`
}

// visit is what was said, in the ark's words. An outcome that is none is left
// out, which Check then says.
func (s visitSaid) visit() ark.Visit {
	v := ark.Visit{Place: s.Place, Where: s.Where, Household: s.Household, Person: s.Person, Services: s.Services, Needs: s.Needs, Need: s.Need,
		Note: s.Note, Return: s.Return, Consent: s.Consent, Geo: s.Geo, Attachments: s.Attachments, Answers: s.Answers, Form: s.Form, By: s.By, Member: s.Member}
	v.Outcome, _ = ark.ParseOutcome(s.Outcome)
	return v
}

func visitOf(v ark.Visit) visitSaid {
	return visitSaid{Place: v.Place, Where: v.Where, Household: v.Household, Person: v.Person, Outcome: v.Outcome.String(), Services: v.Services,
		Needs: v.Needs, Need: v.Need, Note: v.Note, Return: v.Return, Consent: v.Consent, Geo: v.Geo, Attachments: v.Attachments, Answers: v.Answers,
		Form: v.Form, By: v.By, Member: v.Member}
}

// visitTold is a visit as it is now, and where it is.
type visitTold struct {
	ID        ark.ID            `json:"id"`
	Made      ark.UnixMilli     `json:"made"`
	Doubtful  bool              `json:"doubtful,omitempty"` // that time may be wrong
	State     string            `json:"state"`
	Last      ark.ID            `json:"last"` // the newest entry about it, for amend's after
	Amended   int               `json:"amended,omitempty"`
	Withdrawn bool              `json:"withdrawn,omitempty"`
	Why       string            `json:"why,omitempty"` // it was withdrawn
	Comment   string            `json:"comment,omitempty"`
	Reviewer  string            `json:"reviewer,omitempty"`
	Reviewed  ark.UnixMilli     `json:"reviewed,omitempty"`
	Mine      bool              `json:"mine,omitempty"` // of this phone, or of the person on it
	Visit     visitSaid         `json:"visit"`
	Where     map[string]string `json:"attachments,omitempty"` // hash to "phone", "van" or "hub"
	Editions  []editionTold     `json:"editions,omitempty"`
}

// editionTold is one entry about a visit.
type editionTold struct {
	Entry     ark.ID        `json:"entry"`
	At        ark.UnixMilli `json:"at"`
	State     string        `json:"state"` // "van" or "hub"
	Withdrawn bool          `json:"withdrawn,omitempty"`
	Why       string        `json:"why,omitempty"`
	Visit     *visitSaid    `json:"visit,omitempty"` // none of a withdrawal
}

// stateOfVisit is how far a visit has come, in one stable word.
func stateOfVisit(l agent.Logged) string {
	switch {
	case l.Review != ark.ReviewNone:
		return l.Review.String()
	case l.AtHub:
		return "hub"
	}
	return "van"
}

func (by caller) owns(v ark.Visit) bool {
	return v.Phone == by.ID || !v.Member.IsZero() && v.Member == by.member.ID
}

func visitToldOf(by caller, l agent.Logged) visitTold {
	return visitTold{ID: l.ID, Made: l.Made, Doubtful: l.Doubtful, State: stateOfVisit(l), Last: l.Last, Amended: l.Amended, Withdrawn: l.Withdrawn,
		Why: l.Why, Comment: l.Comment, Reviewer: l.Reviewer, Reviewed: l.Reviewed, Mine: by.owns(l.Visit), Visit: visitOf(l.Visit)}
}
