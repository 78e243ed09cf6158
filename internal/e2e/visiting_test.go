package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/hub"
	"ark/hub/blobs"
	"ark/internal/rig"
)

// staffed is a hub with an office at work in it, which knows some vans.
func staffed(t *testing.T, h *rig.Hub, vans ...ark.VanID) *hub.Office {
	t.Helper()
	kept, err := blobs.Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	o := hub.NewOffice(hub.OfficeConfig{Library: h.Store, Plans: h.Store, Blobs: kept, Standing: h.Ingest, Commander: h.Ingest, Watch: h.Presence,
		Roster: h.Store, Register: h.Store, Reviews: h.Store, Appended: h.Ingest.Appended, Admitted: func() []ark.VanID { return vans }, Log: rig.Log})
	ctx, cancel := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() { o.Run(ctx) })
	t.Cleanup(func() { cancel(); working.Wait() }) // before the hub's, which is older
	return o
}

func entryID(v *rig.Van) ark.ID {
	var r [10]byte
	rig.Random(r[:])
	return ark.NewID(v.Clock.Now().Wall, r)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A visit that staff return comes back to the crew with their word; amended,
// it is to be looked at again; approved, the crew sees it.
func TestAVisitIsReturnedAndAmended(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	office := staffed(t, h, "van-1")
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{})
	phone, id := entryID(v), entryID(v)
	check(t, v.Store.Log(t.Context(), id, ark.Visit{Place: "3幢501室", Outcome: ark.Met, Phone: phone}))
	rig.Await(t, "the visit at the hub", drained(v))
	review := func(s ark.ReviewState, comment string) {
		t.Helper()
		r, err := office.VisitRecord(t.Context(), hub.Everything, id)
		check(t, err)
		check(t, office.SetReview(t.Context(), hub.Everything, ark.Review{Visit: id, Entry: r.Last, State: s, Comment: comment, By: "林老师", At: ark.Milli(time.Now())}, hub.AnyReview))
	}
	onVan := func() agent.Logged {
		t.Helper()
		l, _, err := v.Store.History(t.Context(), id)
		check(t, err)
		return l
	}
	review(ark.ReviewReturned, "门牌对吗？")
	rig.Await(t, "the visit returned on the van", func() bool { return onVan().Review == ark.ReviewReturned })
	if l := onVan(); l.Comment != "门牌对吗？" || l.Reviewer != "林老师" {
		t.Errorf("the crew reads %+v", l)
	}
	if first, err := v.Store.Find(t.Context(), agent.VisitFilter{Returned: true, Limit: 9}); err != nil || len(first) != 1 || first[0].ID != id {
		t.Errorf("returned on the van: %+v, %v", first, err)
	}
	check(t, v.Store.Amend(t.Context(), entryID(v), ark.Amend{Visit: id, Now: ark.Visit{Place: "3幢502室", Outcome: ark.Met, Phone: phone}, Why: "看错了", After: onVan().Last}))
	rig.Await(t, "the amendment at the hub", func() bool {
		r, err := office.VisitRecord(t.Context(), hub.Everything, id)
		check(t, err)
		return r.Place == "3幢502室" && r.State == ark.ReviewNone && r.Amended == 1 && len(r.Reviews) == 1 && r.Reviews[0].Held
	})
	review(ark.ReviewApproved, "")
	rig.Await(t, "the visit approved on the van", func() bool { return onVan().Review == ark.ReviewApproved })
	h.Stop()
	check(t, v.Store.Withdraw(t.Context(), entryID(v), ark.Withdrawal{Visit: id, Why: "敲错门", Name: "阿芳", Phone: phone}))
	h = o.StartHub(t, filepath.Join(dir, "hub.db"))
	rig.Await(t, "the withdrawal at the hub", func() bool {
		r, err := h.Store.VisitRecord(t.Context(), hub.Everything, id)
		check(t, err)
		return r.Withdrawn && r.Place == "3幢502室"
	})
}

// A household that the office writes down is on the van; what crew and staff
// change meanwhile, neither knowing of the other, is both on both sides.
func TestAHouseholdGoesBothWays(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	path := filepath.Join(dir, "hub.db")
	h := o.StartHub(t, path)
	staffed(t, h, "van-1", "van-2")
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{})
	home := ark.Household{ID: entryID(v), Place: ark.Place{Compound: "翠苑一区", Building: "3", Room: "501"}, Members: []ark.Member{{Name: "王建国"}}}
	check(t, h.Store.PutHouseholds(t.Context(), hub.Everything, []ark.Household{home}, make([]ark.ID, 1), "林老师"))
	check(t, h.Store.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: "翠苑一区"}}, "林老师"))
	onVan := func() (ark.Household, bool) {
		t.Helper()
		got, err := v.Store.Household(t.Context(), home.ID)
		if errors.Is(err, agent.ErrNotThere) {
			return got, false
		}
		check(t, err)
		return got, true
	}
	rig.Await(t, "the household on the van", func() bool { _, there := onVan(); return there })

	h.Stop() // the van is out of reach …
	saw, _ := onVan()
	now := saw
	now.Note, now.Members = "听力不好", append([]ark.Member{{Name: "李秀英"}}, saw.Members...)
	check(t, v.Store.Edit(t.Context(), entryID(v), ark.HouseholdEdit{Now: now, Was: saw, Name: "阿芳"}))
	if mine, _ := onVan(); mine.Note != "听力不好" {
		t.Errorf("the crew's own correction is not on the van: %+v", mine)
	}
	h = o.StartHub(t, path)
	staff := h.Store // … and staff write, too, before the edit comes
	all, err := staff.Households(t.Context(), hub.Everything, hub.HouseholdFilter{Limit: 9})
	check(t, err)
	changed := all[0]
	was := changed.Rev
	changed.Phone = "88881111"
	if err := staff.PutHouseholds(t.Context(), hub.Everything, []ark.Household{changed}, []ark.ID{was}, "林老师"); err != nil && !errors.Is(err, hub.ErrStale) {
		t.Fatal(err)
	} else if errors.Is(err, hub.ErrStale) { // the edit was faster
		all, err = staff.Households(t.Context(), hub.Everything, hub.HouseholdFilter{Limit: 9})
		check(t, err)
		all[0].Phone = "88881111"
		check(t, staff.PutHouseholds(t.Context(), hub.Everything, all[:1], []ark.ID{all[0].Rev}, "林老师"))
	}
	staffed(t, h, "van-1", "van-2")
	joined := func(x ark.Household) bool {
		return x.Note == "听力不好" && x.Phone == "88881111" && len(x.Members) == 2 && len(x.Disputed) == 0
	}
	rig.Await(t, "both at the hub", func() bool {
		all, err := h.Store.Households(t.Context(), hub.Everything, hub.HouseholdFilter{Limit: 9})
		check(t, err)
		return len(all) == 1 && joined(all[0])
	})
	rig.Await(t, "both on the van, settled", func() bool {
		all, err := h.Store.Households(t.Context(), hub.Everything, hub.HouseholdFilter{Limit: 9})
		check(t, err)
		x, _ := onVan()
		return joined(x) && x.Rev == all[0].Rev
	})
	check(t, h.Store.SetArea(t.Context(), hub.Everything, "van-1", nil, "林老师"))
	rig.Await(t, "the van to forget what is not its own any more", func() bool { _, there := onVan(); return !there })
}

// A phone that is enrolled on a van and lost is refused once staff strike it
// off, also after the van's program starts anew; and so a new card knows it.
func TestAPhoneIsStruckOff(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	staffed(t, h, "van-1")
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{})
	lost, kept := ark.Phone{ID: entryID(v), Name: "丢的", Verifier: ark.HashOf([]byte("lost")), At: 1}, ark.Phone{ID: entryID(v), Name: "在的", Verifier: ark.HashOf([]byte("kept")), At: 2}
	check(t, v.Store.Enrol(t.Context(), lost))
	check(t, v.Store.Enrol(t.Context(), kept))
	rig.Await(t, "the phones at the hub", func() bool {
		all, err := h.Store.VanPhones(t.Context(), hub.Everything)
		check(t, err)
		return len(all) == 2
	})
	check(t, h.Store.StrikePhone(t.Context(), hub.Everything, "van-1", lost.ID, "林老师"))
	refused := func() bool {
		_, err := v.Store.PhoneOf(t.Context(), lost.Verifier)
		return errors.Is(err, agent.ErrStruck)
	}
	rig.Await(t, "the lost phone refused", refused)
	v.Stop()
	v = o.StartVan(t, "van-1", dir, rig.VanOptions{})
	if !refused() {
		t.Error("a new start takes the lost phone again")
	}
	v.Stop()
	check(t, os.RemoveAll(filepath.Join(dir, "van-1"))) // a new card
	v = o.StartVan(t, "van-1", dir, rig.VanOptions{})
	rig.Await(t, "the new card knows both", func() bool {
		p, err := v.Store.PhoneOf(t.Context(), kept.Verifier)
		return err == nil && p.Name == "在的" && refused()
	})
}

// A new card is told of its area as it is now, not of each change since the
// office began.
func TestANewCardIsToldOfItsArea(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	staffed(t, h, "van-1")
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{})
	const n = 400
	var hs []ark.Household
	for i := range n {
		hs = append(hs, ark.Household{ID: entryID(v), Place: ark.Place{Compound: "翠苑一区", Room: fmt.Sprint(i)}})
	}
	check(t, h.Store.PutHouseholds(t.Context(), hub.Everything, hs, make([]ark.ID, n), "林老师"))
	check(t, h.Store.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: "翠苑一区"}}, "林老师"))
	held := func() (n int) {
		check(t, v.Store.Each(t.Context(), func(ark.Household) error { n++; return nil }))
		return n
	}
	rig.Await(t, "the area on the van", func() bool { return held() == n })
	old, _, err := h.Store.OrderJournal(t.Context(), "van-1")
	check(t, err)
	rig.Await(t, "the receipts at the hub", func() bool {
		old, _, err = h.Store.OrderJournal(t.Context(), "van-1")
		check(t, err)
		return old.Acked == old.Last
	})
	v.Stop()
	check(t, os.RemoveAll(filepath.Join(dir, "van-1")))
	v = o.StartVan(t, "van-1", dir, rig.VanOptions{})
	rig.Await(t, "the area on the new card", func() bool { return held() == n })
	if j, _, err := h.Store.OrderJournal(t.Context(), "van-1"); err != nil || j.Incarnation == old.Incarnation {
		t.Errorf("the order journal is %+v, %v: the new card heard the old one", j, err)
	}
}
