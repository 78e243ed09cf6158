package ark

import "slices"

// MergeHousehold joins two changes of one household that were made without
// knowing of each other: base is what both began with, theirs the hub's,
// ours the crew's. What only one changed is as they made it. Where both
// changed the same to something else, theirs stands, and the name of the field
// is in the list: "place", "phone", "note", "no_visit", "moved_out", "geo",
// or "member:" and the name of the person. The list is also added to the
// result's Disputed, as far as there is room. Rev, Has and Forget are theirs.
// Should the whole be larger than a household may be, it is theirs and "size"
// is disputed.
func MergeHousehold(base, theirs, ours Household) (Household, []string) {
	if theirs.Forget {
		return theirs, nil
	}
	merged := theirs
	var disputed []string
	field := func(name string, differ bool) {
		if differ {
			disputed = append(disputed, name)
		}
	}
	var differ bool
	merged.Place, differ = merge(base.Place, theirs.Place, ours.Place)
	field("place", differ)
	merged.Phone, differ = merge(base.Phone, theirs.Phone, ours.Phone)
	field("phone", differ)
	merged.Note, differ = merge(base.Note, theirs.Note, ours.Note)
	field("note", differ)
	merged.NoVisit, differ = merge(base.NoVisit, theirs.NoVisit, ours.NoVisit)
	field("no_visit", differ)
	merged.MovedOut, differ = merge(base.MovedOut, theirs.MovedOut, ours.MovedOut)
	field("moved_out", differ)
	geo, differ := merge(known(base.Geo), known(theirs.Geo), known(ours.Geo))
	field("geo", differ)
	merged.Geo = geo.pointer()
	var people []string
	merged.Members, people = mergeMembers(base.Members, theirs.Members, ours.Members)
	disputed = append(disputed, people...)
	if merged.checkSize() != nil {
		merged, disputed = theirs, []string{"size"}
	}
	merged.Disputed = slices.Clone(theirs.Disputed)
	for _, name := range disputed {
		if !slices.Contains(merged.Disputed, name) && len(merged.Disputed) < MaxDisputed {
			merged.Disputed = append(merged.Disputed, name)
		}
	}
	return merged, disputed
}

// merge joins two changes of one value. It tells whether they disagree.
func merge[T comparable](base, theirs, ours T) (T, bool) {
	switch {
	case ours == base, ours == theirs:
		return theirs, false
	case theirs == base:
		return ours, false
	}
	return theirs, true
}

// maybeGeo is a Geo that can be compared, or none.
type maybeGeo struct {
	Geo
	known bool
}

func known(g *Geo) maybeGeo {
	if g == nil {
		return maybeGeo{}
	}
	return maybeGeo{*g, true}
}

func (m maybeGeo) pointer() *Geo {
	if !m.known {
		return nil
	}
	return &m.Geo
}

// person tells members apart: by name, and those of one name by their order.
type person struct {
	name string
	nth  int
}

func byPerson(list []Member) (order []person, all map[person]Member) {
	all = map[person]Member{}
	for _, m := range list {
		p := person{name: m.Name}
		for _, taken := all[p]; taken; _, taken = all[p] {
			p.nth++
		}
		all[p] = m
		order = append(order, p)
	}
	return order, all
}

// mergeMembers keeps the order of whom only one side changed, else theirs with
// whom ours added behind.
func mergeMembers(base, theirs, ours []Member) (merged []Member, disputed []string) {
	switch {
	case slices.Equal(theirs, base):
		return slices.Clone(ours), nil
	case slices.Equal(ours, base), slices.Equal(ours, theirs):
		return slices.Clone(theirs), nil
	}
	_, was := byPerson(base)
	theirOrder, their := byPerson(theirs)
	ourOrder, our := byPerson(ours)
	dispute := func(p person) {
		if name := "member:" + p.name; !slices.Contains(disputed, name) {
			disputed = append(disputed, name)
		}
	}
	for _, p := range theirOrder {
		m, keep, differ := mergeMember(was, their, our, p)
		if differ {
			dispute(p)
		}
		if keep {
			merged = append(merged, m)
		}
	}
	for _, p := range ourOrder {
		if _, theirsToo := their[p]; theirsToo {
			continue
		}
		old, before := was[p]
		switch {
		case before && our[p] == old: // they took this person out
		case before, len(merged) == MaxMembers:
			dispute(p)
		default:
			merged = append(merged, our[p])
		}
	}
	return merged, disputed
}

// mergeMember joins the changes of somebody whom theirs has.
func mergeMember(was, their, our map[person]Member, p person) (m Member, keep, differ bool) {
	t := their[p]
	b, before := was[p]
	o, oursToo := our[p]
	switch {
	case !oursToo && !before: // they added this person
		return t, true, false
	case !oursToo: // we took this person out
		return t, t != b, t != b
	}
	var d [4]bool
	m.Name = t.Name
	m.Born, d[0] = merge(b.Born, t.Born, o.Born)
	m.Phone, d[1] = merge(b.Phone, t.Phone, o.Phone)
	m.Note, d[2] = merge(b.Note, t.Note, o.Note)
	m.Left, d[3] = merge(b.Left, t.Left, o.Left)
	return m, true, d != [4]bool{}
}
