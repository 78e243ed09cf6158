package ark

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Each body at its bounds either fits into an entry or is refused with an
// error that a page can be chosen by; it never passes Check and fails later.
func TestWhatIsCheckedFits(t *testing.T) {
	long := func(n int) string { return strings.Repeat("\U00020000", n) } // four bytes each
	visit := func(needs, words int) Visit {
		v := Visit{Place: long(MaxPlace), Person: long(MaxPerson), Outcome: Met, Need: long(MaxWords), Note: long(MaxWords), By: long(MaxPerson), Household: goldenID(1),
			Where: Place{long(MaxPart), long(MaxPart), long(MaxPart), long(MaxPart), long(MaxPart), long(MaxPart), long(MaxPart)}, Member: goldenID(2), Phone: goldenID(3)}
		for range MaxServices {
			v.Services = append(v.Services, Service(long(MaxPerson)))
		}
		for range MaxAttachments {
			v.Attachments = append(v.Attachments, Attachment{HashOf([]byte("x")), MaxAttachment, "image/jpeg", RolePhoto, 1 << 50})
		}
		for range needs {
			v.Needs = append(v.Needs, Need{strings.Repeat("c", 32), long(words), UrgencyNow})
		}
		return v
	}
	household := func(members int) Household {
		h := Household{ID: goldenID(1), Place: Place{Room: "501"}, Note: long(MaxRemark), NoVisit: long(MaxRemark), Phone: long(MaxPhone)}
		for range members {
			h.Members = append(h.Members, Member{long(MaxPerson), 1950, long(MaxPhone), long(MaxRemark), true})
		}
		for range MaxDisputed {
			h.Disputed = append(h.Disputed, "member:"+long(MaxPerson))
		}
		return h
	}
	answers := visit(0, 0)
	for i := range MaxFields {
		values := make([]string, MaxChoices)
		for j := range values {
			values[j] = long(10)
		}
		answers.Answers = append(answers.Answers, Answer{fmt.Sprintf("q%d", i), values})
	}
	form := func(fields, characters int) Form {
		f := Form{Version: 1}
		for i := range fields {
			f.Fields = append(f.Fields, Field{Code: fmt.Sprint(i), Ask: Text{long(characters), long(characters)}, Type: FieldText})
		}
		return f
	}
	crew, phones := Crew{Version: 1}, Phones{Version: 1}
	for range MaxCrew {
		crew.Members = append(crew.Members, CrewMember{ID: goldenID(1), Name: long(MaxPerson),
			Verifier: "$argon2id$v=19$m=19456,t=2,p=1$" + strings.Repeat("s", 22) + "$" + strings.Repeat("h", 43)})
	}
	for range MaxPhones {
		phones.List = append(phones.List, Phone{ID: goldenID(1), Name: long(MaxPerson), Verifier: HashOf([]byte("x"))})
	}
	many := Households{}
	for range MaxHouseholds {
		many.List = append(many.List, household(0))
	}
	cases := []struct {
		name  string
		kind  Kind
		body  interface{ Check() error }
		wants error
	}{
		{"the longest words", KindVisit, visit(0, 0), nil},
		{"needs that fit", KindVisit, visit(2, MaxWords), nil},
		{"needs that do not", KindVisit, visit(MaxNeeds, MaxWords), ErrTooLong},
		{"too many answers", KindVisit, answers, ErrTooLong},
		{"an amendment that fits", KindAmend, Amend{Visit: goldenID(1), Now: visit(2, MaxWords), Why: long(MaxRemark)}, nil},
		{"an amendment that does not", KindAmend, Amend{Visit: goldenID(1), Now: visit(4, MaxWords), Why: long(MaxRemark)}, ErrTooLong},
		{"a large household twice", KindHousehold, HouseholdEdit{Now: household(10), Was: household(10), Name: long(MaxPerson)}, nil},
		{"too large a household", KindHousehold, HouseholdEdit{Now: household(MaxMembers)}, ErrTooBig},
		{"one large household", KindHouseholds, Households{List: []Household{household(10)}}, nil},
		{"too many large households", KindHouseholds, many, ErrTooBig},
		{"a form that fits", KindForm, form(MaxFields, 100), nil},
		{"a form that does not", KindForm, form(MaxFields, MaxAsk), ErrTooBig},
		{"too large a crew", KindCrew, crew, ErrTooBig},
		{"too many phones", KindPhones, phones, ErrTooBig},
		{"the largest withdrawal", KindWithdraw, Withdrawal{Visit: goldenID(1), Why: long(MaxRemark), Name: long(MaxPerson)}, nil},
		{"the largest review", KindReview, Review{Visit: goldenID(1), Entry: goldenID(1), State: ReviewReturned, Comment: long(MaxWords), By: long(MaxPerson)}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.body.Check(); !errors.Is(err, c.wants) {
				t.Errorf("%v, want %v", err, c.wants)
			}
			if c.wants != nil {
				return
			}
			raw, err := EncodeBody(c.kind, c.body)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := EncodeEntry(Entry{ID: goldenID(1), Kind: c.kind, Body: raw, At: Stamp{Wall: 1 << 50, Mono: 1 << 62}}); err != nil {
				t.Errorf("%d bytes: %v", len(raw), err)
			}
		})
	}
}

func TestOnlyTheHubForgets(t *testing.T) {
	good := Household{ID: goldenID(1), Place: Place{Room: "501"}}
	for _, e := range []HouseholdEdit{
		{Now: Household{ID: goldenID(1), Forget: true}},
		{Now: good, Was: Household{ID: goldenID(1), Forget: true}},
	} {
		if err := e.Check(); !errors.Is(err, errOfHub) {
			t.Errorf("%+v: %v", e, err)
		}
	}
}
