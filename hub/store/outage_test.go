package store

import (
	"cmp"
	"crypto/rand"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/pgtest"
)

// sender is a van that sends what it has until it is told that it is kept.
type sender struct {
	t       *testing.T
	s       *Store
	van     ark.VanID
	inc     ark.Incarnation
	facts   []hub.Fact // all there are to send
	receipt ark.Cursor // what it was told
}

func newSender(t *testing.T, s *Store, n byte, visits int) *sender {
	v := &sender{t: t, s: s, van: ark.VanID(fmt.Sprintf("van-%d", n)), inc: ark.NewIncarnation([16]byte{n})}
	at := v.inc.Start()
	v.receipt = at
	for i := range visits {
		body, err := ark.EncodeBody(ark.KindVisit, ark.Visit{Place: fmt.Sprint(i), Outcome: ark.Met})
		must(t, err)
		id := ark.NewID(1_790_000_000_000, [10]byte{5: n, 6: byte(i >> 8), 7: byte(i)})
		raw, err := ark.EncodeEntry(ark.Entry{ID: id, Kind: ark.KindVisit, At: ark.Stamp{Trusted: true}, Body: body})
		must(t, err)
		at = at.Next(raw)
		f := hub.Fact{Cursor: at, Raw: raw}
		hub.Understand(&f, v.van)
		v.facts = append(v.facts, f)
	}
	return v
}

func (v *sender) over() bool { return int(v.receipt.Seq) == len(v.facts) }

// send sends some more, from where the hub says that it is.
func (v *sender) send(some int) error {
	at, err := v.s.Cursor(v.t.Context(), v.van, v.inc)
	if err != nil {
		return err
	}
	if at.Seq < v.receipt.Seq {
		v.t.Fatalf("%s: at %d after a receipt for %d", v.van, at.Seq, v.receipt.Seq)
	}
	facts := v.facts[at.Seq:min(int(at.Seq)+some, len(v.facts))]
	if len(facts) == 0 {
		v.receipt = at
		return nil
	}
	d := hub.Delivery{Van: v.van, Incarnation: v.inc, UpTo: facts[len(facts)-1].Cursor, Facts: facts, At: time.UnixMilli(1_790_000_000_000)}
	if _, err := v.s.Commit(v.t.Context(), []hub.Delivery{d}); err != nil {
		return err
	}
	v.receipt = d.UpTo
	return nil
}

// The server is killed again and again in the middle of commits. Nothing that
// a van had a receipt for is lost, and nothing is there twice.
func TestPostgreSQLIsKilledInMidCommit(t *testing.T) {
	server := pgtest.Own(t)
	s := place(server.Address()).Open(t).(*Store)
	defer s.Close()
	const kills, visits = 6, 600
	vans := []*sender{newSender(t, s, 1, visits), newSender(t, s, 2, visits)}
	broken := 0
	for left := kills; !vans[0].over() || !vans[1].over(); {
		for _, v := range vans {
			killed := make(chan struct{})
			if left > 0 && v.receipt.Seq > 0 {
				left--
				var r [1]byte
				rand.Read(r[:])
				time.AfterFunc(time.Duration(r[0])*40*time.Microsecond, func() { server.Kill(); close(killed) })
			} else {
				close(killed)
			}
			for err := error(nil); err == nil && !v.over(); {
				if err = v.send(7); err != nil {
					broken++
				}
				select {
				case <-killed:
				default:
					continue
				}
				break
			}
			<-killed
			must(t, server.Start())
		}
	}
	if broken == 0 {
		t.Error("no commit was broken off")
	}
	if faults, err := s.CheckJournals(t.Context(), nil); err != nil || len(faults) > 0 {
		t.Errorf("journals: %+v, %v", faults, err)
	}
	var n, each int
	must(t, s.db.Read().QueryRow("SELECT count(*), count(DISTINCT id) FROM visits").Scan(&n, &each))
	if n != 2*visits || each != n {
		t.Errorf("%d visits, %d different ones, want %d", n, each, 2*visits)
	}
}

// A hub that lost the server, and with it the lock, and gets both back goes by
// what is there then: its last commit may have been made, and another hub may
// have written meanwhile.
func TestWhatIsRememberedIsReadAnew(t *testing.T) {
	address := pgtest.Database(t)
	s := place(address).Open(t).(*Store)
	defer s.Close()
	one, two := newSender(t, s, 1, 4), newSender(t, s, 2, 4)
	must(t, one.send(2))
	c, err := sql.Open("pgx", address)
	must(t, err)
	defer c.Close()
	_, err = c.Exec("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'ark-hub'")
	must(t, err)
	other := place(address).Open(t).(*Store)
	one.s, two.s = other, other
	must(t, one.send(1))
	must(t, two.send(2))
	must(t, other.Close())
	one.s, two.s = s, s
	for tries := 0; !one.over() || !two.over(); tries++ {
		if err := cmp.Or(two.send(9), one.send(9)); err != nil && tries > 20 { // some connections are known to be lost only once they are used
			t.Fatal(err)
		}
	}
	var n, last int
	must(t, s.db.Read().QueryRow("SELECT count(*), max(position) FROM visits").Scan(&n, &last))
	if n != 8 || last != 8 {
		t.Errorf("%d visits, the last at %d", n, last)
	}
}
