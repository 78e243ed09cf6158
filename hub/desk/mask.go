package desk

import (
	"slices"
	"strings"

	"ark"
	"ark/hub"
)

// maskText hides all of a text but that there is one.
func maskText(s string) string {
	if s == "" {
		return ""
	}
	return hub.Masked
}

// maskHousehold hides telephone numbers, names but for the family's, years of
// birth, what is said of single people, and long numbers wherever they were
// written.
func maskHousehold(h ark.Household) ark.Household { return maskNamed(h, &hub.Names{}) }

// maskHistory masks a household's editions. Names are masked from the oldest
// on, so that none stands for somebody else when another edition is made.
func maskHistory(all []hub.HouseholdEdition) hub.Names {
	names := hub.Names{}
	for i := range slices.Backward(all) {
		all[i].Household, all[i].Asked = maskNamed(all[i].Household, &names), maskNamed(all[i].Asked, &names)
	}
	return names
}

// ofMember is how what is disputed of a member begins; their name follows.
const ofMember = "member:"

func maskNamed(h ark.Household, names *hub.Names) ark.Household {
	h.Phone, h.Note, h.NoVisit = hub.MaskNumber(h.Phone), hub.MaskNumbers(h.Note), hub.MaskNumbers(h.NoVisit)
	h.Members = slices.Clone(h.Members)
	for i, m := range h.Members {
		h.Members[i] = maskMember(m)
		h.Members[i].Name = names.Mask(m.Name)
	}
	h.Disputed = slices.Clone(h.Disputed)
	for i, field := range h.Disputed {
		if name, ok := strings.CutPrefix(field, ofMember); ok {
			h.Disputed[i] = ofMember + names.Mask(name)
		}
	}
	return h
}

func maskMember(m ark.Member) ark.Member {
	m.Phone, m.Note = hub.MaskNumber(m.Phone), maskText(m.Note)
	if m.Born != 0 {
		m.Born = hub.MaskedYear
	}
	return m
}

// unmask gives a household that somebody saw masked, and changed, the values
// that were masked and that they left so. hub.ErrInvalid: one that was masked
// is another now, so nobody knows what it is to be.
func unmask(h, now ark.Household, names hub.Names) (ark.Household, error) {
	back := func(field *string, was string, mask func(string) string) {
		if *field == mask(was) {
			*field = was
		}
	}
	back(&h.Phone, now.Phone, hub.MaskNumber)
	back(&h.Note, now.Note, hub.MaskNumbers)
	back(&h.NoVisit, now.NoVisit, hub.MaskNumbers)
	h.Members = slices.Clone(h.Members)
	nameMembers(h.Members, now.Members, names)
	for i, at := range whoWere(h.Members, now.Members) {
		if at < 0 {
			continue
		}
		m, was := &h.Members[i], now.Members[at]
		back(&m.Phone, was.Phone, hub.MaskNumber)
		back(&m.Note, was.Note, maskText)
		if m.Born == hub.MaskedYear {
			m.Born = was.Born
		}
	}
	if masked(h) {
		return h, hub.ErrInvalid
	}
	return h, nil
}

// nameMembers gives members the names of which they have the masks.
func nameMembers(members, were []ark.Member, names hub.Names) {
	for i := range members {
		if at := slices.IndexFunc(were, func(m ark.Member) bool { return names.Mask(m.Name) == members[i].Name }); at >= 0 {
			members[i].Name = were[at].Name
		}
	}
}

// whoWere finds for each member who it was: one of the same name; for who has
// another name now, one of whom the same is masked, first the one in the same
// place. -1: nobody.
func whoWere(members, were []ark.Member) []int {
	at, taken := make([]int, len(members)), map[int]bool{}
	for i, m := range members {
		at[i] = -1
		for j, was := range were {
			if was.Name == m.Name && !taken[j] {
				at[i], taken[j] = j, true
				break
			}
		}
	}
	for i, m := range members {
		if at[i] >= 0 {
			continue
		}
		for j := range were {
			place := (i + j) % len(were)
			if !taken[place] && sameMasks(m, were[place]) {
				at[i], taken[place] = place, true
				break
			}
		}
	}
	return at
}

// sameMasks tells whether what is masked of a member may be of another.
func sameMasks(m, was ark.Member) bool {
	mask := maskMember(was)
	return (m.Born != hub.MaskedYear || mask.Born == m.Born) && (!strings.Contains(m.Phone, hub.Masked) || mask.Phone == m.Phone) &&
		(!strings.Contains(m.Note, hub.Masked) || mask.Note == m.Note)
}

// masked tells whether anything in a household stands for something else.
func masked(h ark.Household) bool {
	hidden := func(s string) bool { return strings.Contains(s, hub.Masked) }
	return hidden(h.Phone) || hidden(h.Note) || hidden(h.NoVisit) || slices.ContainsFunc(h.Members, func(m ark.Member) bool {
		return strings.Contains(m.Name, hub.NameMask) || hidden(m.Phone) || hidden(m.Note) || m.Born == hub.MaskedYear
	})
}

// maskVisit hides long numbers in all that was written in words.
func maskVisit(v ark.Visit) ark.Visit {
	v.Place, v.Person, v.Need, v.Note = hub.MaskNumbers(v.Place), hub.MaskNumbers(v.Person), hub.MaskNumbers(v.Need), hub.MaskNumbers(v.Note)
	v.Needs = slices.Clone(v.Needs)
	for i := range v.Needs {
		v.Needs[i].Words = hub.MaskNumbers(v.Needs[i].Words)
	}
	v.Answers = slices.Clone(v.Answers)
	for i := range v.Answers {
		values := slices.Clone(v.Answers[i].Values)
		for j := range values {
			values[j] = hub.MaskNumbers(values[j])
		}
		v.Answers[i].Values = values
	}
	return v
}

func maskVisits(all []hub.Visit) []hub.Visit {
	for i := range all {
		all[i].Visit = maskVisit(all[i].Visit)
	}
	return all
}

func maskRecord(r hub.VisitRecord) hub.VisitRecord {
	r.Visit.Visit = maskVisit(r.Visit.Visit)
	r.Editions, r.Reviews = slices.Clone(r.Editions), slices.Clone(r.Reviews)
	for i := range r.Editions {
		r.Editions[i].Visit, r.Editions[i].Why = maskVisit(r.Editions[i].Visit), hub.MaskNumbers(r.Editions[i].Why)
	}
	for i := range r.Reviews {
		r.Reviews[i].Comment = hub.MaskNumbers(r.Reviews[i].Comment)
	}
	r.Thread = slices.Clone(r.Thread)
	for i := range r.Thread {
		r.Thread[i].Words = hub.MaskNumbers(r.Thread[i].Words)
	}
	return r
}
