package uplink

import (
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/testca"
)

// A hub that took a frame, said so in MQTT, and was lost before its receipt
// is sent it again: nothing but a receipt is a proof.
func TestOnlyAReceiptProves(t *testing.T) {
	h := newFakeHub(t)
	v := h.van(nil)
	v.log(t, "3幢")
	var before ark.Frame
	for range 3 {
		c := h.call()
		f := c.entries()
		if len(before.Entries) > 0 && (f.First != before.First || f.Round == before.Round) {
			t.Fatalf("then came entries from %d in round %d, want those from %d again in a new one", f.First, f.Round, before.First)
		}
		before = f
		if v.Sync().Backlog == 0 {
			t.Fatal("it calls delivered what has no receipt")
		}
		c.conn.NetConn().Close()
	}
	c := h.call()
	f := c.entries()
	for at := f.Incarnation.Start(); at.Seq < 2; f = c.entries() {
		if at = c.hold(f, at); at.Seq == 2 {
			break
		}
	}
	v.settled(t)
}

// A receipt of an earlier connection says nothing in this one.
func TestAnOldReceiptIsNone(t *testing.T) {
	h := newFakeHub(t)
	v := h.van(nil)
	c := h.call()
	f := c.entries()
	c.conn.NetConn().Close()
	c = h.call()
	c.entries()
	c.hold(f, f.Incarnation.Start()) // with the first round's number
	c.publish(ark.JournalReceipt, []byte("rubbish"))
	c.publish(ark.Orders, []byte("rubbish")) // what answers it comes after the receipt was looked at
	wait(t, "a refusal", c.orders)
	if v.Sync().Backlog == 0 {
		t.Fatal("a receipt of another connection was believed")
	}
}

// A link that takes everything and answers nothing is noticed by itself.
func TestAHalfOpenLinkIsNoticed(t *testing.T) {
	h := newFakeHub(t)
	h.van(func(c *Config) { c.Tries.KeepAlive, c.Tries.PingTimeout = time.Second, 500*time.Millisecond })
	c := h.call()
	c.entries()
	c.deafen()
	began := time.Now()
	wait(t, "the end of the dead connection", c.ended)
	h.call()
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("noticed after %v, want about two seconds", took)
	}
}

// The certificate is read for each connection.
func TestARenewedCertificateIsShown(t *testing.T) {
	h := newFakeHub(t)
	dir := t.TempDir()
	i := card(t, h.ca, dir)
	i.ServerName = "localhost"
	h.van(func(c *Config) { c.TLS = i.TLS })
	c := h.call()
	first := c.serial
	again := h.drop(c)
	if again.serial != first {
		t.Errorf("the second connection came with %s, want %s", again.serial, first)
	}
	testca.Files(t, dir, h.ca, h.ca.Van(t, "van-1"))
	if renewed := h.drop(again); renewed.serial == first {
		t.Error("the old certificate is still shown")
	}
}

// drop ends a connection and gives the next.
func (h *fakeHub) drop(c *call) *call {
	h.t.Helper()
	c.conn.NetConn().Close()
	return h.call()
}

// What cannot be read as orders is refused with the reason, the connection
// stays, and orders that can be read are still taken.
func TestRubbishAsOrders(t *testing.T) {
	h := newFakeHub(t)
	v := h.van(nil)
	c := h.call()
	inc := ark.NewIncarnation([16]byte{1})
	good := playNow(t, inc)
	future := append([]byte(nil), good...)
	future[0] = 99 // the version
	for _, row := range []struct {
		name    string
		payload []byte
		want    ark.Refusal
	}{
		{"nothing", nil, ark.RefusedGarbage},
		{"rubbish", []byte("rubbish"), 0},
		{"another version", future, 0},
		{"cut short", good[:len(good)-3], 0},
	} {
		c.publish(ark.Orders, row.payload)
		r := wait(t, "a refusal of "+row.name, c.orders)
		if r.Refusal == ark.RefusedNot || (row.want != 0 && r.Refusal != row.want) {
			t.Errorf("%s was answered %+v", row.name, r)
		}
	}
	c.publish(ark.Orders, good)
	if r := wait(t, "a receipt", c.orders); r.Refusal != ark.RefusedNot || r.Cursor.Seq != 1 || r.Incarnation != inc {
		t.Errorf("good orders were answered %+v", r)
	}
	if o := wait(t, "the order", v.orders); o.Kind != ark.KindPlayNow {
		t.Errorf("got %+v", o)
	}
	c.publish(ark.Orders, good) // a receipt may have been lost
	wait(t, "another receipt", c.orders)
	if len(v.orders) != 0 {
		t.Error("an order arrived twice")
	}
}

func playNow(t *testing.T, inc ark.Incarnation) []byte {
	t.Helper()
	body, err := ark.EncodeBody(ark.KindPlayNow, ark.PlayNow{Announcement: "welcome", NotAfter: 1})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := ark.EncodeEntry(ark.Entry{ID: ark.NewID(1, [10]byte{1}), Kind: ark.KindPlayNow, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	data, err := ark.EncodeFrame(ark.Frame{Incarnation: inc, First: 1, Prev: inc.Start().Digest.Key(), Entries: [][]byte{raw}, Round: 7}, true)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The hub's word of time is believed once, as the answer to the question of
// this connection, and only with the hub's signature for this van.
func TestOnlyAFreshWordOfTimeIsBelieved(t *testing.T) {
	h := newFakeHub(t)
	v := h.van(nil)
	c := h.call()
	f := c.entries()
	noon := ark.Milli(time.Now().Add(time.Hour))
	answer := func(c *call, f ark.Frame, w ark.TimeWord) {
		c.receipt(ark.Receipt{Incarnation: f.Incarnation, Cursor: f.Incarnation.Start(), Round: f.Round, Time: &w})
		c.publish(ark.Orders, []byte("rubbish"))
		wait(t, "the receipt looked at", c.orders)
	}
	forged := ark.SignTime(h.key, "van-1", f.AskTime, noon)
	forged.Wall += 1000
	for name, w := range map[string]ark.TimeWord{"another question": ark.SignTime(h.key, "van-1", [8]byte{1}, noon), "no question": ark.SignTime(h.key, "van-1", [8]byte{}, noon),
		"another van": ark.SignTime(h.key, "van-2", f.AskTime, noon), "changed": forged} {
		if answer(c, f, w); len(v.learned) != 0 {
			t.Fatalf("a word for %s was believed", name)
		}
	}
	word := ark.SignTime(h.key, "van-1", f.AskTime, noon)
	answer(c, f, word)
	if at := wait(t, "the time", v.learned); at < noon || at > noon+10_000 {
		t.Fatalf("learnt %d, want %d", at, noon)
	}
	if answer(c, f, ark.SignTime(h.key, "van-1", f.AskTime, noon+60_000)); len(v.learned) != 0 {
		t.Error("a question was answered twice")
	}
	c = h.drop(c)
	g := c.entries()
	if g.AskTime == f.AskTime {
		t.Error("the next connection asks the same question")
	}
	if answer(c, g, word); len(v.learned) != 0 {
		t.Error("an old word was believed again")
	}
}

// An answer that may be to a question of long ago tells nothing.
func TestAnOldQuestionIsPutAnew(t *testing.T) {
	_, pub := newFakeHub(t), make([]byte, 32)
	s := &session{Client: New(Config{Clock: agent.NewClock(time.Time{}), TimeKey: pub, Random: func(b []byte) { b[0]++ }})}
	s.journal.nonce = [8]byte{1}
	first := s.question()
	if again := s.question(); again != first {
		t.Error("a frame that is sent again asks another question")
	}
	s.journal.asked -= maxTrip + time.Second
	if later := s.question(); later == first {
		t.Error("a question of long ago is still out")
	}
}

// A hub restored from a backup is sent again what it lost, and until it has
// it, nothing of that is called delivered.
func TestARestoredHub(t *testing.T) {
	h := newFakeHub(t)
	v := h.van(nil)
	v.log(t, "3幢")
	c := h.call()
	f := c.entries()
	at := c.hold(f, f.Incarnation.Start())
	for at.Seq < 2 {
		f = c.entries()
		at = c.hold(f, at)
	}
	v.settled(t)
	c = h.drop(c)
	f = wait(t, "the question", c.frames)
	old := f.Incarnation.Start()
	c.receipt(ark.Receipt{Incarnation: f.Incarnation, Cursor: old, Round: f.Round})
	f = c.entries()
	if f.First != 1 || v.Sync().Backlog != 2 {
		t.Fatalf("sent from %d with %d waiting, want all again", f.First, v.Sync().Backlog)
	}
	for old = c.hold(f, old); old.Seq < 2; old = c.hold(c.entries(), old) {
	}
	v.settled(t)
}
