package crew

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"ark"
	"ark/internal/browser"
)

// formCase is one case of testdata/screens/form-cases.json.
type formCase struct {
	Name, Outcome   string
	Services, Needs []string
	Answers         map[string][]string
	Asks            string // codes of the questions that are asked
	Fault           string // the question with which something is wrong; empty: none
}

// The screens judge a visit by the form as the van does: one table, both sides.
func TestTheFormsRulesOnBothSides(t *testing.T) {
	data, err := os.ReadFile("testdata/screens/form-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Form  ark.Form
		Cases []formCase
	}
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	if err := table.Form.Check(); err != nil || len(table.Cases) < 20 {
		t.Fatalf("%d cases, %v", len(table.Cases), err)
	}
	for _, c := range table.Cases {
		v := c.visit(t)
		var asks []string
		for _, f := range table.Form.Asks(v) {
			asks = append(asks, f.Code)
		}
		if got := strings.Join(asks, " "); got != c.Asks {
			t.Errorf("%s: the van asks %q, want %q", c.Name, got, c.Asks)
		}
		var fault *ark.FieldError
		err := table.Form.CheckVisit(v)
		if errors.As(err, &fault) != (c.Fault != "") || fault != nil && fault.Field != c.Fault {
			t.Errorf("%s: the van says %v, want a fault of %q", c.Name, err, c.Fault)
		}
	}
	s := openScreens(t, browser.Phone)
	s.at("", "#/help")
	browser.Value[bool](s.Page, fmt.Sprintf(`(import("/app/ui/form.js").then(({ asked, faults }) => {
		const { form, cases } = %s;
		window.judged = cases.map((c) => {
			const visit = { place: "x", outcome: c.outcome, services: c.services ?? [], needs: (c.needs ?? []).map((category) => ({ category })),
				answers: Object.entries(c.answers ?? {}).map(([code, values]) => ({ code, values })) };
			return [asked(form, visit).join(" "), faults(form, visit)[0]?.field ?? ""];
		});
	}), true)`, data))
	s.Await("window.judged")
	for i, got := range browser.Value[[][2]string](s.Page, "window.judged") {
		if c := table.Cases[i]; got != [2]string{c.Asks, c.Fault} {
			t.Errorf("%s: the screens say %q, want %q and %q", c.Name, got, c.Asks, c.Fault)
		}
	}
}

func (c formCase) visit(t *testing.T) ark.Visit {
	t.Helper()
	outcome, err := ark.ParseOutcome(c.Outcome)
	if err != nil {
		t.Fatal(err)
	}
	v := ark.Visit{Place: "x", Form: 4, Outcome: outcome}
	for _, s := range c.Services {
		v.Services = append(v.Services, ark.Service(s))
	}
	for _, n := range c.Needs {
		v.Needs = append(v.Needs, ark.Need{Category: n})
	}
	for code, values := range c.Answers {
		v.Answers = append(v.Answers, ark.Answer{Code: code, Values: values})
	}
	return v
}
