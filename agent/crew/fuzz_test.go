package crew

import (
	"encoding/json"
	"errors"
	"testing"

	"ark"
)

// Whatever a phone sends: it is read or refused by a word, and what was read
// and passes its check is said back as it came.
func FuzzHandedIn(f *testing.F) {
	f.Add([]byte(`{"id":"019a0000-0000-7000-8000-000000000000","made":1,"now":2,"visit":` + aVisit + `}`))
	f.Add([]byte(`{"visit":{"place":"x","outcome":"met","household":null,"geo":null}}`))
	f.Add([]byte(`{"id":"","visit":{}}`))
	f.Add([]byte("{\"visit\":{\"place\":\"\xff\"}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var h handed
		if err := decode(data, &h); err != nil {
			var p *problem
			if !errors.As(err, &p) || p.Word == "" || p.Status < 400 || p.Status > 499 {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		v := h.Visit.visit()
		v.Age, v.Off = ageOf(h.Made, h.Now, 1_790_000_000_000)
		if v.Age < 0 || v.Age > ark.MaxAge {
			t.Fatalf("an age of %d", v.Age)
		}
		if v.Check() != nil {
			return
		}
		said, err := json.Marshal(visitOf(v))
		if err != nil {
			t.Fatal(err)
		}
		var again visitSaid
		if err := decode(said, &again); err != nil || !sameWords(again.visit(), v) {
			t.Fatalf("%s is read as %+v, %v", said, again, err)
		}
	})
}

// Whatever a phone says of a household passes the edit's check or does not; it
// never breaks anything.
func FuzzEditSaid(f *testing.F) {
	f.Add([]byte(`{"id":"019a0000-0000-7000-8000-000000000000","now_household":{"id":"019a0000-0000-7000-8000-000000000001","place":{"room":"1"},"members":[{"name":"王","born":1950}]}}`))
	f.Add([]byte(`{"was":{"geo":{"lat":1}},"now_household":{"moved_out":-1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var said editSaid
		if decode(data, &said) != nil {
			return
		}
		e := ark.HouseholdEdit{Now: said.Now}
		if said.Was != nil {
			e.Was = *said.Was
		}
		if e.Check() != nil {
			return
		}
		if _, err := ark.EncodeBody(ark.KindHousehold, e); err != nil {
			t.Fatalf("%+v passes its check and cannot be kept: %v", e, err)
		}
	})
}

// Whatever stands in an order as a verifier: it is read within bounds, or not
// at all.
func FuzzVerifier(f *testing.F) {
	f.Add(verifierOf("1234"))
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := readVerifier(text)
		if err == nil && (a.memory > mostMemory || a.passes > mostPasses || a.lanes < 1 || a.lanes > mostLanes || len(a.want) < 16) {
			t.Fatalf("%q is read as %+v", text, a)
		}
	})
}
