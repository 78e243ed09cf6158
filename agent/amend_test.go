package agent_test

import (
	"errors"
	"testing"

	"ark"
	"ark/agent"
)

func TestMayAmend(t *testing.T) {
	const day = 24 * 3600 * 1000
	id := func(n byte) ark.ID { return ark.NewID(1, [10]byte{n}) }
	member, phone, other := id(1), id(2), id(3)
	visit := func(change func(v *agent.Logged)) agent.Logged {
		v := agent.Logged{Made: 100 * day}
		v.Member, v.Phone = member, phone
		if change != nil {
			change(&v)
		}
		return v
	}
	unnamed := func(v *agent.Logged) { v.Member = ark.ID{} }
	cases := []struct {
		name          string
		visit         agent.Logged
		days          int64
		phone, member ark.ID
		want          error
	}{
		{"at once", visit(nil), 0, phone, member, nil},
		{"within three days", visit(nil), 3, phone, member, nil},
		{"on the fourth", visit(nil), 4, phone, member, agent.ErrTooLate},
		{"a clock that went back", visit(nil), -9, phone, member, nil},
		{"on another phone", visit(nil), 1, other, member, nil},
		{"another person, the same phone", visit(nil), 1, phone, other, agent.ErrNotYours},
		{"nobody signed in", visit(nil), 1, phone, ark.ID{}, agent.ErrNotYours},
		{"nobody named, the same phone", visit(unnamed), 1, phone, ark.ID{}, nil},
		{"nobody named, another phone", visit(unnamed), 1, other, member, agent.ErrNotYours},
		{"neither person nor phone", visit(func(v *agent.Logged) { v.Member, v.Phone = ark.ID{}, ark.ID{} }), 0, ark.ID{}, ark.ID{}, agent.ErrNotYours},
		{"returned", visit(func(v *agent.Logged) { v.Review = ark.ReviewReturned }), 99, phone, member, nil},
		{"returned to somebody else", visit(func(v *agent.Logged) { v.Review = ark.ReviewReturned }), 0, phone, other, agent.ErrNotYours},
		{"approved and late", visit(func(v *agent.Logged) { v.Review = ark.ReviewApproved }), 4, phone, member, agent.ErrTooLate},
		{"withdrawn", visit(func(v *agent.Logged) { v.Withdrawn, v.Review = true, ark.ReviewReturned }), 0, phone, member, agent.ErrTooLate},
		{"of a doubtful time", visit(func(v *agent.Logged) { v.Doubtful = true }), 99, phone, member, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			now := c.visit.Made + ark.UnixMilli(c.days*day)
			if err := agent.MayAmend(c.visit, ark.DefaultForm(), now, c.phone, c.member); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	if err := agent.MayAmend(visit(nil), ark.Form{Amend: 60}, 100*day+60_001, phone, member); !errors.Is(err, agent.ErrTooLate) {
		t.Errorf("the form's own time: %v", err)
	}
}
