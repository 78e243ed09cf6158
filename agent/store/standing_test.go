package store

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/agent"
)

var office = ark.NewIncarnation([16]byte{1})

// order is an entry of the order journal.
func order(t *testing.T, s *Store, body any) []byte {
	t.Helper()
	kind := map[bool]ark.Kind{}
	for k, is := range map[ark.Kind]bool{
		ark.KindCrew: as[ark.Crew](body), ark.KindPhones: as[ark.Phones](body), ark.KindForm: as[ark.Form](body),
		ark.KindHouseholds: as[ark.Households](body), ark.KindReview: as[ark.Review](body), ark.KindPlayNow: as[ark.PlayNow](body),
	} {
		if is {
			kind[true] = k
		}
	}
	raw, err := ark.EncodeBody(kind[true], body)
	must(t, err)
	raw, err = ark.EncodeEntry(ark.Entry{ID: s.newID(morning), Kind: kind[true], Body: raw})
	must(t, err)
	return raw
}

func as[T any](body any) bool { _, ok := body.(T); return ok }

// takeOrders lets a van take orders, and returns what the brain is given.
func takeOrders(t *testing.T, s *Store, bodies ...any) []agent.OrderArrived {
	t.Helper()
	var raws [][]byte
	for _, b := range bodies {
		raws = append(raws, order(t, s, b))
	}
	return takeRaw(t, s, raws...)
}

func takeRaw(t *testing.T, s *Store, raws ...[]byte) []agent.OrderArrived {
	t.Helper()
	c, err := s.Hearing(t.Context(), office)
	must(t, err)
	var taken ark.Taken
	for _, raw := range raws {
		c = c.Next(raw)
		taken.Entries = append(taken.Entries, ark.TakenEntry{Cursor: c, Raw: raw})
	}
	fresh, err := s.Take(t.Context(), office, taken, c)
	must(t, err)
	return fresh
}

func crew(version int64, members ...ark.CrewMember) ark.Crew {
	return ark.Crew{Version: version, Members: members}
}

func member(id ark.ID, name, verifier string) ark.CrewMember {
	return ark.CrewMember{ID: id, Name: name, Verifier: verifier}
}

const (
	pin      = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	otherPIN = "$argon2id$v=19$m=19456,t=2,p=1$BBBBBBBBBBBBBBBBBBBBBA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

func phone(n int, name string) ark.Phone {
	return ark.Phone{ID: id(n), Name: name, Verifier: ark.Hash{byte(n), byte(n >> 8)}, At: morning}
}

func struck(p ark.Phone, by string) ark.Phone {
	p.Struck, p.By = true, by
	return p
}

// Standing orders are done by taking them: the brain never sees them, and
// after a restart nothing is to do.
func TestStandingOrdersAreDoneAtOnce(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if f, err := s.Form(t.Context()); err != nil || f.Version != 0 || len(f.Services) == 0 {
		t.Fatalf("before any order the form is %+v, %v; want the program's", f, err)
	}
	form := ark.DefaultForm()
	form.Version = 3
	fresh := takeOrders(t, s, crew(2, member(mei, "梅", pin)), ark.PlayNow{Announcement: "welcome"}, form, ark.Phones{Version: 1})
	if len(fresh) != 1 || fresh[0].Kind != ark.KindPlayNow {
		t.Fatalf("the brain is given %+v, want the play alone", fresh)
	}
	must(t, s.close())
	s = open(t, dir)
	todo, err := s.ToDo(t.Context())
	if must(t, err); len(todo) != 1 {
		t.Fatalf("to do: %+v", todo)
	}
	got, err := s.Crew(t.Context())
	must(t, err)
	if diff := cmp.Diff(crew(2, member(mei, "梅", pin)), got); diff != "" {
		t.Errorf("crew (-want +got):\n%s", diff)
	}
	if f, _ := s.Form(t.Context()); f.Version != 3 {
		t.Errorf("form %d, want 3", f.Version)
	}
}

func TestOnlyANewerVersionCounts(t *testing.T) {
	s := open(t, t.TempDir())
	form := func(v int64) ark.Form {
		f := ark.DefaultForm()
		f.Version = v
		return f
	}
	for _, c := range []struct{ order, want int64 }{{2, 2}, {1, 2}, {2, 2}, {5, 5}, {4, 5}} {
		takeOrders(t, s, crew(c.order, member(mei, "梅", "")), form(c.order))
		got, err := s.Crew(t.Context())
		must(t, err)
		if f, _ := s.Form(t.Context()); got.Version != c.want || f.Version != c.want {
			t.Errorf("after version %d: crew %d, form %d; want %d", c.order, got.Version, f.Version, c.want)
		}
	}
}

// What cannot be understood goes to quarantine, and when a later release
// understands it, it is done then; what was ordered since is newer.
func TestStandingOrdersOutOfQuarantine(t *testing.T) {
	s := open(t, t.TempDir())
	bad := order(t, s, crew(7, member(mei, "梅", "")))
	bad[len(bad)-1] ^= 0xff
	if fresh := takeRaw(t, s, bad); len(fresh) != 0 {
		t.Fatalf("rubbish was given to the brain: %+v", fresh)
	}
	home, gone := id(31), id(32)
	late := order(t, s, households(named(home, "旧"), named(gone, "旧"), named(id(33), "只有它")))
	takeRaw(t, s, order(t, s, ark.PlayNow{}), late)
	must(t, s.write(t.Context(), func(x tx) error { // as a release without households keeps it
		for _, q := range []string{"UPDATE orders SET state = 2, reason = 'unknown', raw = $1 WHERE kind = 108", "DELETE FROM households WHERE length($1) > 0"} {
			if _, err := x.Exec(q, late); err != nil {
				return err
			}
		}
		return nil
	}))
	takeOrders(t, s, households(named(home, "新")), households(ark.Household{ID: gone, Forget: true}))
	_, err := s.ToDo(t.Context())
	must(t, err)
	if h, err := s.Household(t.Context(), home); err != nil || h.Note != "新" {
		t.Errorf("an older edition out of quarantine: %q, %v; want the newer", h.Note, err)
	}
	if _, err := s.Household(t.Context(), gone); !errors.Is(err, agent.ErrNotThere) {
		t.Errorf("one that was forgotten is back: %v", err)
	}
	if h, err := s.Household(t.Context(), id(33)); err != nil || h.Note != "只有它" {
		t.Errorf("one that nobody said more of: %q, %v", h.Note, err)
	}
	var n int
	must(t, s.db.Read().QueryRow("SELECT count(*) FROM orders WHERE state = 2").Scan(&n))
	if n != 1 {
		t.Errorf("%d in quarantine, want the rubbish", n)
	}
}

// A hub that has no room for names says who was struck off all the same.
func TestAPhoneIsStruckOffWithoutItsName(t *testing.T) {
	s := open(t, t.TempDir())
	a := phone(41, "梅的手机")
	must(t, s.Enrol(t.Context(), a))
	bare := struck(a, "")
	bare.Name = ""
	takeOrders(t, s, ark.Phones{Version: 3, List: []ark.Phone{bare}})
	all, err := s.Phones(t.Context())
	must(t, err)
	if diff := cmp.Diff([]ark.Phone{struck(a, "")}, all); diff != "" {
		t.Errorf("phones (-want +got):\n%s", diff)
	}
}

// What the hub says of phones and what was enrolled here meanwhile are joined,
// and a phone that was struck off anywhere is refused.
func TestPhonesAreJoined(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	a, b, c := phone(41, "梅的手机"), phone(42, "公用"), phone(43, "李的手机")
	must(t, s.Enrol(t.Context(), a))
	must(t, s.Enrol(t.Context(), a)) // again
	must(t, s.Enrol(t.Context(), b))
	must(t, s.Strike(t.Context(), b.ID, "梅"))
	renamed := b
	renamed.Name = "公用平板"
	takeOrders(t, s, ark.Phones{Version: 3, List: []ark.Phone{struck(a, "王"), renamed, c}}) // the hub has not heard of b's end
	takeOrders(t, s, ark.Phones{Version: 2, List: []ark.Phone{struck(c, "谁")}})             // an older word
	must(t, s.Strike(t.Context(), b.ID, "再次"))
	must(t, s.close())
	s = open(t, dir)
	for _, w := range []struct {
		p    ark.Phone
		want error
	}{{a, agent.ErrStruck}, {b, agent.ErrStruck}, {c, nil}, {phone(44, "没见过"), agent.ErrNotThere}} {
		if got, err := s.PhoneOf(t.Context(), w.p.Verifier); !errors.Is(err, w.want) || err == nil && got != w.p {
			t.Errorf("%s: %+v, %v; want %v", w.p.Name, got, err, w.want)
		}
	}
	all, err := s.Phones(t.Context())
	must(t, err)
	if diff := cmp.Diff([]ark.Phone{c, struck(renamed, "梅"), struck(a, "王")}, all); diff != "" {
		t.Errorf("phones (-want +got):\n%s", diff)
	}
	_, raws, err := s.Entries(t.Context(), 2, 10, 1<<20)
	must(t, err)
	var told []ark.Phone
	for _, raw := range raws {
		_, p, err := decodeEntry[ark.Phone](raw)
		must(t, err)
		told = append(told, p)
	}
	if diff := cmp.Diff([]ark.Phone{a, b, struck(b, "梅")}, told); diff != "" {
		t.Errorf("the journal tells (-want +got):\n%s", diff)
	}
}

func TestEnrolIsBounded(t *testing.T) {
	s := open(t, t.TempDir())
	many := ark.Phones{Version: 1}
	for n := range ark.MaxPhones {
		many.List = append(many.List, phone(1000+n, "机"))
	}
	takeOrders(t, s, many)
	next := phone(5000, "再来")
	if err := s.Enrol(t.Context(), next); !errors.Is(err, agent.ErrFull) {
		t.Fatalf("one too many: %v, want ErrFull", err)
	}
	must(t, s.Strike(t.Context(), id(1000), "梅"))
	must(t, s.Enrol(t.Context(), next))
	other := phone(5001, "别人的令牌")
	other.Verifier = next.Verifier
	for name, p := range map[string]ark.Phone{"another's token": other, "no token": {ID: id(5002)}} {
		if s.Enrol(t.Context(), p) == nil {
			t.Errorf("%s was enrolled", name)
		}
	}
	if err := s.Strike(t.Context(), id(9999), "梅"); !errors.Is(err, agent.ErrNotThere) {
		t.Errorf("strike one that is not there: %v", err)
	}
}

// Wrong tries survive a restart, and begin anew with another PIN.
func TestTries(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	takeOrders(t, s, crew(1, member(mei, "梅", pin), member(li, "李", pin)))
	one, three := agent.Tries{Wrong: 1}, agent.Tries{Wrong: 3, Wait: 60_000}
	phone, other := id(70), id(71)
	must(t, s.SetTries(t.Context(), mei, phone, one, three))
	must(t, s.SetTries(t.Context(), li, phone, one, three))
	if err := s.SetTries(t.Context(), id(999), phone, one, three); !errors.Is(err, agent.ErrNotThere) {
		t.Errorf("tries of nobody: %v", err)
	}
	must(t, s.close())
	s = open(t, dir)
	takeOrders(t, s, crew(2, member(mei, "梅姐", pin), member(li, "李", otherPIN)))
	for _, w := range []struct {
		who, phone       ark.ID
		here, everywhere agent.Tries
	}{{mei, phone, one, three}, {mei, other, agent.Tries{}, three}, {li, phone, agent.Tries{}, agent.Tries{}}, {id(999), phone, agent.Tries{}, agent.Tries{}}} {
		if here, all, err := s.Tries(t.Context(), w.who, w.phone); err != nil || here != w.here || all != w.everywhere {
			t.Errorf("%+v, %+v, %v; want %+v, %+v", here, all, err, w.here, w.everywhere)
		}
	}
	must(t, s.SetTries(t.Context(), mei, phone, agent.Tries{}, agent.Tries{}))
	var n int
	if must(t, s.db.Read().QueryRow("SELECT count(*) FROM tries").Scan(&n)); n != 0 {
		t.Errorf("%d rows say nothing", n)
	}
}
