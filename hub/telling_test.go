package hub_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// commit has a van tell something.
func (b *bureau) commit(van ark.VanID, n byte, kind ark.Kind, body any) ark.ID {
	b.t.Helper()
	encoded, err := ark.EncodeBody(kind, body)
	must(b.t, err)
	id := ark.NewID(ark.UnixMilli(n), [10]byte{n})
	raw, err := ark.EncodeEntry(ark.Entry{ID: id, Kind: kind, At: ark.Stamp{Wall: 1, Trusted: true}, Body: encoded})
	must(b.t, err)
	inc := ark.NewIncarnation([16]byte{n})
	f := hub.Fact{Cursor: inc.Start().Next(raw), Raw: raw}
	hub.Understand(&f, van)
	_, err = b.store.Commit(b.t.Context(), []hub.Delivery{{Van: van, Incarnation: inc, UpTo: f.Cursor, Facts: []hub.Fact{f}, At: time.Now()}})
	must(b.t, err)
	return id
}

// Crew, phones and the form are ordered once somebody made any, to whom they
// concern.
func TestPeopleAreOrdered(t *testing.T) {
	b := newBureau(t, "van-1", "van-2")
	o := b.office()
	b.want("nobody was made", b.settle(o), "van-1 plan", "van-2 plan")
	member := hub.CrewMember{CrewMember: ark.CrewMember{ID: ark.NewID(1, [10]byte{1}), Name: "王"}, Vans: []ark.VanID{"van-1"}}
	must(t, b.store.SetCrewMember(t.Context(), hub.Everything, member))
	b.want("one van's crew", b.settle(b.office()), "van-1 crew")
	phone := ark.Phone{ID: ark.NewID(1, [10]byte{2}), Name: "小米", Verifier: ark.HashOf(nil)}
	b.commit("van-2", 1, ark.KindPhone, phone)
	b.want("one van's phones", b.settle(b.office()), "van-2 phones")
	must(t, b.store.StrikePhone(t.Context(), hub.Everything, "van-2", phone.ID, "lin"))
	b.want("a lost phone", b.settle(b.office()), "van-2 phones")
	_, err := b.store.SetForm(t.Context(), ark.DefaultForm(), 0, "lin")
	must(t, err)
	b.want("the form", b.settle(b.office()), "van-1 form", "van-2 form")
	b.want("nothing changed", b.settle(b.office()))
}

// A van is told of its area by itself, as fast as it takes it, and no van
// waits for another.
func TestVansAreToldOfTheirAreas(t *testing.T) {
	b := newBureau(t, "van-1", "van-2", "van-3")
	const n = 700
	var hs []ark.Household
	for i := range n {
		hs = append(hs, ark.Household{ID: ark.NewID(1, [10]byte{1, 5: byte(i >> 8), byte(i)}), Place: ark.Place{Compound: "大", Room: fmt.Sprint(i)}})
	}
	small := ark.Household{ID: ark.NewID(2, [10]byte{1}), Place: ark.Place{Compound: "小"}}
	must(t, b.store.PutHouseholds(t.Context(), hub.Everything, append(hs, small), make([]ark.ID, n+1), "lin"))
	must(t, b.store.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: "大"}}, "lin"))
	must(t, b.store.SetArea(t.Context(), hub.Everything, "van-2", []ark.Place{{Compound: "小"}}, "lin"))
	must(t, b.store.SetArea(t.Context(), hub.Everything, "van-9", []ark.Place{{Compound: "小"}}, "lin")) // holds no certificate
	o := b.office()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	changed := make(chan struct{}, 1)
	defer b.store.Changes(func(hub.Change) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})()
	go func() { defer close(done); o.Run(ctx) }()
	defer func() { cancel(); <-done }()
	held := func(van ark.VanID) (n int) {
		j, ok, err := b.store.OrderJournal(t.Context(), van)
		must(t, err)
		for at := ark.Seq(1); ok && at <= j.Last.Seq; at++ {
			_, raws, err := b.store.OrderEntries(t.Context(), van, at, 1, ark.MaxEntry)
			must(t, err)
			e, err := ark.DecodeEntry(raws[0])
			must(t, err)
			if body, err := ark.DecodeBody(e.Kind, e.Body); err == nil && e.Kind == ark.KindHouseholds {
				n += len(body.(ark.Households).List)
			}
		}
		return n
	}
	for held("van-2") < 1 || held("van-1") == 0 { // van-1 takes nothing yet
		<-changed
	}
	for got := held("van-1"); got < n; got = held("van-1") {
		j, _, err := b.store.OrderJournal(t.Context(), "van-1")
		must(t, err)
		must(t, b.store.OrdersAcked(t.Context(), []hub.OrderAck{{Van: "van-1", Incarnation: j.Incarnation, Cursor: j.Last}}))
		<-changed
	}
	if got := held("van-1"); got != n {
		t.Errorf("told of %d households, want each once: %d", got, n)
	}
	if held("van-3") > 0 || held("van-9") > 0 {
		t.Error("a van without an area, or without a certificate, was told")
	}
	b.book.mu.Lock()
	defer b.book.mu.Unlock()
	if !slices.Contains(b.book.sent, "van-1") || !slices.Contains(b.book.sent, "van-2") {
		t.Errorf("sent to %v", b.book.sent)
	}
}

// A review goes to the visit's van at once.
func TestAReviewIsSent(t *testing.T) {
	b := newBureau(t, "van-1")
	o := b.office()
	id := b.commit("van-1", 1, ark.KindVisit, ark.Visit{Place: "1室", Outcome: ark.Met})
	must(t, o.SetReview(t.Context(), hub.Everything, ark.Review{Visit: id, Entry: id, State: ark.ReviewReturned, Comment: "?", By: "lin"}, hub.AnyReview))
	if !slices.Equal(b.book.sent, []ark.VanID{"van-1"}) {
		t.Errorf("sent to %v", b.book.sent)
	}
	if r, err := o.VisitRecord(t.Context(), hub.Everything, id); err != nil || r.State != ark.ReviewReturned {
		t.Errorf("%+v, %v", r, err)
	}
}

// ill cannot read the households of one van.
type ill struct {
	hub.Register
	van ark.VanID
}

func (i ill) DueHouseholds(ctx context.Context, van ark.VanID, limit int) ([]ark.Household, error) {
	if van == i.van {
		return nil, errors.New("damaged")
	}
	return i.Register.DueHouseholds(ctx, van, limit)
}

// A van of which the households cannot be read keeps no other van waiting.
func TestAnIllVanKeepsNobodyWaiting(t *testing.T) {
	b := newBureau(t, "van-1", "van-2")
	must(t, b.store.PutHouseholds(t.Context(), hub.Everything, []ark.Household{{ID: ark.NewID(1, [10]byte{1}), Place: ark.Place{Compound: "甲"}}}, make([]ark.ID, 1), "lin"))
	for _, van := range b.admitted {
		must(t, b.store.SetArea(t.Context(), hub.Everything, van, []ark.Place{{Compound: "甲"}}, "lin"))
	}
	o := hub.NewOffice(hub.OfficeConfig{Library: b.store, Plans: b.store, Blobs: b.blobs, Standing: b.book, Commander: b.book, Watch: b.store,
		Register: ill{b.store, "van-1"}, Appended: b.book.appended, Admitted: b.list, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan struct{}, 1)
	defer b.store.Changes(func(hub.Change) {
		select {
		case told <- struct{}{}:
		default:
		}
	})()
	done := make(chan struct{})
	go func() { defer close(done); o.Run(ctx) }()
	defer func() { cancel(); <-done }()
	for there := false; !there; _, there, _ = b.store.OrderJournal(t.Context(), "van-2") {
		<-told
	}
}
