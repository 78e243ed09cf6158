package ingest

import (
	"context"
	"testing"

	"ark"
	"ark/hub"
)

// A new card hears all its orders, but of its area only as it is now.
func TestANewCardIsToldAnew(t *testing.T) {
	o := open(t, path(t), nil)
	h := ark.Household{ID: entryID(1), Place: ark.Place{Compound: "甲"}}
	if err := o.store.PutHouseholds(t.Context(), hub.Everything, []ark.Household{h}, make([]ark.ID, 1), "lin"); err != nil {
		t.Fatal(err)
	}
	if err := o.store.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: "甲"}}, "lin"); err != nil {
		t.Fatal(err)
	}
	tell := func() {
		t.Helper()
		due, err := o.store.DueHouseholds(t.Context(), "van-1", 9)
		if err != nil || len(due) != 1 {
			t.Fatalf("%d households are due, %v", len(due), err)
		}
		if err := o.store.TellHouseholds(t.Context(), "van-1", due); err != nil {
			t.Fatal(err)
		}
		o.Appended("van-1")
	}
	o.Present("van-1", true)
	order(t, o, "van-1")
	tell()
	var old *ark.Receiver
	takeOrders(t, o, "van-1", &old, 2)
	await(t, "the receipts", func() bool {
		j, _, err := o.store.OrderJournal(t.Context(), "van-1")
		return err == nil && j.Acked.Seq == 2
	})
	o.Present("van-1", false)
	for len(o.inbox("van-1")) > 0 {
		<-o.inbox("van-1")
	}

	o.Present("van-1", true)
	m := <-o.inbox("van-1")
	f, err := ark.DecodeFrame(m.payload)
	if err != nil {
		t.Fatal(err)
	}
	blank := ark.NewReceiver(f.Incarnation, f.Incarnation.Start())
	if _, err := blank.Take(f, func(ark.Seq) (ark.Digest, bool, error) { return ark.Digest{}, false, nil }); err != nil {
		t.Fatal(err)
	}
	data, err := ark.EncodeReceipt(blank.Receipt())
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Arrived(context.Background(), "van-1", ark.OrdersReceipt, data); err != nil {
		t.Fatal(err)
	}
	var fresh *ark.Receiver
	takeOrders(t, o, "van-1", &fresh, 2) // why there is a new incarnation, and the order to stop
	if fresh.Receipt().Incarnation == old.Receipt().Incarnation {
		t.Fatal("the new card hears the old journal from its beginning")
	}
	tell()
	takeOrders(t, o, "van-1", &fresh, 1)
}
