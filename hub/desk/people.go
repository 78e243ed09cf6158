package desk

import (
	"context"

	"ark"
	"ark/hub"
)

// CrewMembers lists those who go with a van in sight; see hub.Roster.
func (d *Desk) CrewMembers(ctx context.Context) ([]hub.CrewMember, error) {
	return do(ctx, d, "CrewMembers", about{}, func() ([]hub.CrewMember, error) { return d.c.Roster.CrewMembers(ctx, d.staff.Sight) })
}

// SetCrewMember keeps one, new or changed; By is given here. See hub.Roster.
func (d *Desk) SetCrewMember(ctx context.Context, m hub.CrewMember) error {
	m.By = d.staff.Name
	a := about{m.ID.String(), map[string]string{"name": m.Name}}
	if m.Struck {
		a.detail["struck"] = "yes"
	}
	return act(ctx, d, "SetCrewMember", a, func() error { return d.c.Roster.SetCrewMember(ctx, d.staff.Sight, m) })
}

// VanPhones lists the phones that vans in sight told of, without what proves
// them.
func (d *Desk) VanPhones(ctx context.Context) ([]hub.VanPhone, error) {
	return do(ctx, d, "VanPhones", about{}, func() ([]hub.VanPhone, error) {
		all, err := d.c.Roster.VanPhones(ctx, d.staff.Sight)
		for i := range all {
			all[i].Verifier = ark.Hash{}
		}
		return all, err
	})
}

// StrikePhone strikes a phone off. hub.ErrNotThere.
func (d *Desk) StrikePhone(ctx context.Context, van ark.VanID, id ark.ID) error {
	return act(ctx, d, "StrikePhone", about{id.String(), map[string]string{"van": string(van)}}, func() error {
		return d.c.Roster.StrikePhone(ctx, d.staff.Sight, van, id, d.staff.Name)
	})
}

// Form is what visits are asked; see hub.Roster.
func (d *Desk) Form(ctx context.Context) (ark.Form, error) {
	return do(ctx, d, "Form", about{}, func() (ark.Form, error) { return d.c.Roster.Form(ctx) })
}

// FormOf is an earlier version. hub.ErrNotThere.
func (d *Desk) FormOf(ctx context.Context, version int64) (ark.Form, error) {
	return do(ctx, d, "FormOf", about{}, func() (ark.Form, error) { return d.c.Roster.FormOf(ctx, version) })
}

// SetForm makes a new version. hub.ErrStale.
func (d *Desk) SetForm(ctx context.Context, f ark.Form, from int64) (ark.Form, error) {
	return do(ctx, d, "SetForm", about{}, func() (ark.Form, error) { return d.c.Roster.SetForm(ctx, f, from, d.staff.Name) })
}
