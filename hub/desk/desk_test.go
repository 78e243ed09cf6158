package desk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/hub/desk"
)

// register has one household, and notes what it is asked.
type register struct {
	hub.Register
	home  ark.Household
	asked []hub.Sight
	kept  []ark.Household
	err   error
}

func (r *register) HouseholdHistory(_ context.Context, s hub.Sight, id ark.ID) ([]hub.HouseholdEdition, error) {
	r.asked = append(r.asked, s)
	if r.err != nil || id != r.home.ID {
		return nil, r.err
	}
	return []hub.HouseholdEdition{{Household: r.home}}, nil
}

func (r *register) Households(_ context.Context, s hub.Sight, _ hub.HouseholdFilter) ([]ark.Household, error) {
	r.asked = append(r.asked, s)
	return []ark.Household{r.home}, nil
}

func (r *register) PutHouseholds(_ context.Context, s hub.Sight, hs []ark.Household, _ []ark.ID, by string) error {
	r.asked, r.kept = append(r.asked, s), hs
	if by != "lin" {
		return fmt.Errorf("by %q", by)
	}
	return r.err
}

type book []string

func (b *book) Note(_ context.Context, d hub.Deed) error {
	line := fmt.Sprint(d.Who, d.Token, " ", d.Verb, " ", d.Object.Kind, " ", d.Object.ID, " ", d.Detail, " ", d.Outcome)
	*b = append(*b, strings.TrimSpace(line))
	return nil
}

var (
	homeID = ark.NewID(1, [10]byte{1})
	home   = ark.Household{ID: homeID, Phone: "138 1234 5678", Note: "女儿 0571-88881234，2026-11-24 走访过", Place: ark.Place{Street: "北街"}, Members: []ark.Member{
		{Name: "王", Born: 1941, Phone: "88881234", Note: "听力不好"}, {Name: "李", Phone: "119"}}}
	north = hub.Sight{Places: []ark.Place{{Street: "北街"}}}
)

func open(t *testing.T, roles ...hub.Role) (*desk.Desk, *register, *book, *time.Time) {
	t.Helper()
	now := time.Unix(1000, 0)
	r, b := &register{home: home}, &book{}
	d := desk.New(desk.Config{Audit: b, Register: r, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	return d.For(hub.Staff{Name: "lin", Roles: roles, Sight: north}), r, b, &now
}

func want(t *testing.T, b *book, lines ...string) {
	t.Helper()
	if got := strings.Join(*b, "\n"); got != strings.Join(lines, "\n") {
		t.Errorf("on record:\n%s\nwant:\n%s", got, strings.Join(lines, "\n"))
	}
	*b = nil
}

// A page that keeps itself fresh is one deed a minute; a change is one each
// time, and a failure is a second entry.
func TestWhatGoesOnRecord(t *testing.T) {
	d, r, b, now := open(t, hub.RoleReviewer)
	view := "lin view household " + homeID.String() + " map[] allowed"
	for range 3 {
		if _, err := d.HouseholdHistory(t.Context(), homeID); err != nil {
			t.Fatal(err)
		}
	}
	want(t, b, view)
	*now = now.Add(59 * time.Second)
	d.HouseholdHistory(t.Context(), homeID)
	want(t, b)
	*now = now.Add(time.Second)
	d.HouseholdHistory(t.Context(), homeID)
	want(t, b, view)
	for range 2 {
		d.RevealHousehold(t.Context(), homeID, "打电话")
	}
	shown := "lin reveal household " + homeID.String() + " map[reason:打电话] allowed"
	want(t, b, shown, shown)
	d.Households(t.Context(), hub.HouseholdFilter{Text: "王"})
	want(t, b, "lin search household  map[text:王] allowed")
	r.err = hub.ErrStale
	if err := d.PutHouseholds(t.Context(), []ark.Household{home}, make([]ark.ID, 1)); !errors.Is(err, hub.ErrStale) {
		t.Error(err)
	}
	put := "lin change household " + homeID.String()
	want(t, b, put+" map[] allowed", put+" map[why:stale] failed")
	if _, err := d.HouseholdHistory(t.Context(), ark.ID{9}); !errors.Is(err, hub.ErrStale) {
		t.Error(err)
	}
	r.err, *b = nil, nil
	if _, err := d.HouseholdHistory(t.Context(), ark.ID{8}); !errors.Is(err, hub.ErrNotThere) {
		t.Error(err)
	}
	other := "lin view household " + (ark.ID{8}).String()
	want(t, b, other+" map[] allowed", other+" map[why:not-there] failed")
	for _, s := range r.asked {
		if len(s.Places) != 1 || s.Places[0] != north.Places[0] || s.Whole {
			t.Errorf("asked with the sight %+v", s)
		}
	}
}

// Numbers and years are masked until somebody asks, and whatever was left
// masked in a form is kept as it was.
func TestMasking(t *testing.T) {
	d, r, _, _ := open(t, hub.RoleReviewer)
	all, err := d.Households(t.Context(), hub.HouseholdFilter{})
	if err != nil {
		t.Fatal(err)
	}
	got := all[0]
	if got.Phone != "••••78" || got.Note != "女儿 ••••34，2026-11-24 走访过" || got.Members[0] != (ark.Member{Name: "王••", Born: hub.MaskedYear, Phone: "••••34", Note: "••••"}) ||
		got.Members[1] != (ark.Member{Name: "李••", Phone: "••••"}) {
		t.Errorf("%+v", got)
	}
	if shown, err := d.RevealHousehold(t.Context(), homeID, ""); err != nil || shown[0].Phone != home.Phone {
		t.Errorf("%+v, %v", shown, err)
	}
	got.Members[0], got.Members[1] = got.Members[1], got.Members[0] // in another order
	got.Members[1].Name, got.Members[0].Phone = "王芳", "120"
	if err := d.PutHouseholds(t.Context(), []ark.Household{got}, make([]ark.ID, 1)); err != nil {
		t.Fatal(err)
	}
	kept := r.kept[0]
	if kept.Phone != home.Phone || kept.Note != home.Note || kept.Members[0] != (ark.Member{Name: "李", Phone: "120"}) || r.home.Members[0].Born != 1941 {
		t.Errorf("kept %+v", kept)
	}
	got.Phone = "••••99"
	if err := d.PutHouseholds(t.Context(), []ark.Household{got}, make([]ark.ID, 1)); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("a mask that stands for nothing: %v", err)
	}
	reader, _, _, _ := open(t, hub.RoleReader)
	if _, err := reader.RevealHousehold(t.Context(), homeID, ""); !errors.Is(err, hub.ErrNotAllowed) {
		t.Errorf("a reader: %v", err)
	}
}

// Names that are left masked in a form stand for whom they stood when it was
// shown, whoever is taken out or comes before them; what is disputed of people
// names nobody either.
func TestMaskedNamesStandForTheSame(t *testing.T) {
	d, r, _, _ := open(t, hub.RoleReviewer)
	r.home.Members = []ark.Member{{Name: "王秀英"}, {Name: "王建国"}, {Name: "欧阳兰"}}
	r.home.Disputed = []string{"phone", "member:王建国"}
	all, err := d.HouseholdHistory(t.Context(), homeID)
	if err != nil {
		t.Fatal(err)
	}
	got := all[0].Household
	if got.Members[0].Name != "王••" || got.Members[1].Name != "王••2" || got.Members[2].Name != "欧阳••" || got.Disputed[1] != "member:王••2" || r.home.Disputed[1] != "member:王建国" {
		t.Errorf("shown as %+v", got)
	}
	for what, c := range map[string]struct{ sent, want string }{
		"one is taken out": {"王••2 欧阳••", "王建国 欧阳兰"},
		"in another order": {"欧阳•• 王••2 王••", "欧阳兰 王建国 王秀英"},
		"one has come":     {"王大明 王•• 王••2", "王大明 王秀英 王建国"},
	} {
		h := r.home
		h.Members = nil
		for _, name := range strings.Fields(c.sent) {
			h.Members = append(h.Members, ark.Member{Name: name})
		}
		if err := d.PutHouseholds(t.Context(), []ark.Household{h}, make([]ark.ID, 1)); err != nil {
			t.Fatal(err)
		}
		kept := ""
		for _, m := range r.kept[0].Members {
			kept += m.Name + " "
		}
		if strings.TrimSpace(kept) != c.want {
			t.Errorf("%s: kept %s", what, kept)
		}
	}
	h := r.home
	h.Members = []ark.Member{{Name: "王••3"}}
	if err := d.PutHouseholds(t.Context(), []ark.Household{h}, make([]ark.ID, 1)); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("a mask that stands for nobody: %v", err)
	}
}

// Nobody goes through all people by showing them one by one, and it is on
// record who tried.
func TestShowingIsPaced(t *testing.T) {
	d, _, b, now := open(t, hub.RoleReviewer)
	n, often := 0, (*hub.WaitError)(nil)
	show := func() error {
		_, err := d.RevealHousehold(t.Context(), homeID, "")
		return err
	}
	for ; n < 1000 && !errors.As(show(), &often); n++ {
	}
	if n != 100 || often == nil || often.For <= 0 || often.For > 30*time.Second {
		t.Fatalf("%d were shown, then %v", n, often)
	}
	*b = nil
	for range 3 {
		if !errors.As(show(), &often) {
			t.Error("shown")
		}
	}
	want(t, b) // it is on record already
	*now = now.Add(often.For)
	if err := show(); err != nil {
		t.Error(err)
	}
	*now = now.Add(time.Second)
	show()
	*now = now.Add(time.Minute)
	show()
	show()
	if err := show(); !errors.As(err, &often) {
		t.Error(err)
	}
	if got := strings.Join(*b, "\n"); !strings.Contains(got, "lin reveal household  map[why:too-often] refused") {
		t.Errorf("on record:\n%s", got)
	}
}
