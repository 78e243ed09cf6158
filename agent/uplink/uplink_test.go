package uplink

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"ark"
	"ark/agent"
	"ark/internal/testca"
)

func TestWhyThereIsNoConnection(t *testing.T) {
	rows := []struct {
		err  error
		want string
	}{
		{nil, agent.FaultUnreachable},
		{syscall.ECONNREFUSED, agent.FaultUnreachable},
		{errNoAnswer, agent.FaultUnreachable},
		{x509.UnknownAuthorityError{}, agent.FaultHubForeign},
		{x509.HostnameError{Certificate: &x509.Certificate{}}, agent.FaultHubName},
		{x509.CertificateInvalidError{Reason: x509.Expired}, agent.FaultHubCertificate},
		{packets.ErrorRefusedNotAuthorised, agent.FaultNotAdmitted},
		{errors.New("remote error: tls: expired certificate"), agent.FaultExpired},
		{errors.New("remote error: tls: unknown certificate authority"), agent.FaultForeign},
		{errors.New("remote error: tls: bad certificate"), agent.FaultForeign},
		{fmt.Errorf("make frame: %w: %w", errCard, agent.ErrBroken), agent.FaultCard},
		{fmt.Errorf("read key: %w: %w", errFiles, os.ErrNotExist), agent.FaultUnreadable},
	}
	for _, row := range rows {
		if row.err != nil {
			row.err = fmt.Errorf("connect: %w", row.err)
		}
		if got := faultOf(row.err); got != row.want {
			t.Errorf("%v: got %s, want %s", row.err, got, row.want)
		}
	}
}

func TestWhyTheHubTakesNothing(t *testing.T) {
	for r, want := range map[ark.Refusal]string{ark.RefusedStore: agent.FaultHubStore, ark.RefusedVersion: agent.FaultHubOld,
		ark.RefusedVan: agent.FaultJournal, ark.RefusedIncarnate: agent.FaultJournal, ark.RefusedGarbage: agent.FaultGarbled} {
		if got := faultOfRefusal(r); got != want {
			t.Errorf("%v: got %s, want %s", r, got, want)
		}
	}
}

// Vans that lost the hub at the same moment come back at different ones, and
// none waits longer than it must.
func TestPauseIsJitteredAndBounded(t *testing.T) {
	c := New(Config{Random: func(b []byte) { rand.Read(b) }, Tries: Tries{First: time.Second, Most: 2 * time.Minute}})
	for failures, most := range map[int]time.Duration{0: time.Second, 3: 8 * time.Second, 7: 2 * time.Minute, 1000: 2 * time.Minute} {
		low, high := time.Hour, time.Duration(0)
		for range 300 {
			p := c.pause(failures)
			low, high = min(low, p), max(high, p)
		}
		if high >= most || low > most/20 || high < most*19/20 {
			t.Errorf("after %d failures: %v to %v, want all of 0 to %v", failures, low, high, most)
		}
	}
}

// card is a van's certificate files.
func card(t *testing.T, ca *testca.CA, dir string) *Identity {
	t.Helper()
	i := &Identity{ServerName: "hub"}
	i.CAFile, i.CertFile, i.KeyFile = testca.Files(t, dir, ca, ca.Van(t, "van-1"))
	return i
}

// A renewed certificate is used from the next connection on, and no session
// of the old one is resumed with it.
func TestARenewedCertificateIsUsed(t *testing.T) {
	ca, dir := testca.New(t), t.TempDir()
	i := card(t, ca, dir)
	first, err := i.TLS()
	if err != nil {
		t.Fatal(err)
	}
	again, err := i.TLS()
	if err != nil || again.ClientSessionCache != first.ClientSessionCache || first.MinVersion != tls.VersionTLS13 || first.ServerName != "hub" {
		t.Fatalf("%v; the same files must keep their sessions", err)
	}
	card(t, ca, dir)
	renewed, err := i.TLS()
	if err != nil || renewed.ClientSessionCache == first.ClientSessionCache || testca.Serial(renewed) == testca.Serial(first) {
		t.Fatalf("%v; want the new certificate and no old session", err)
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	ca := testca.New(t)
	rows := map[string]func(i *Identity) error{
		"no key":            func(i *Identity) error { return os.Remove(i.KeyFile) },
		"no certificate":    func(i *Identity) error { return os.Remove(i.CertFile) },
		"no authority":      func(i *Identity) error { return os.Remove(i.CAFile) },
		"an empty file":     func(i *Identity) error { return os.Truncate(i.CAFile, 0) },
		"half a key":        func(i *Identity) error { return os.Truncate(i.KeyFile, 60) },
		"another van's key": func(i *Identity) error { return os.Rename(card(t, ca, t.TempDir()).KeyFile, i.KeyFile) },
	}
	for name, spoil := range rows {
		i := card(t, ca, t.TempDir())
		if err := spoil(i); err != nil {
			t.Fatal(err)
		}
		if _, err := i.TLS(); faultOf(err) != agent.FaultUnreadable {
			t.Errorf("%s: got %v, want %s", name, err, agent.FaultUnreadable)
		}
	}
}

// broken is a journal on a card that cannot be used, until it can.
type broken struct {
	Journal
	changed chan struct{}
}

func (b *broken) State() (inc ark.Incarnation, base, acked, last ark.Cursor, err error) {
	return inc, base, acked, last, agent.ErrBroken
}

func (b *broken) Changed() <-chan struct{} { return b.changed }

// A broken card is called so, and not taken for a lost network; once it works
// again nothing is waited for.
func TestABrokenCardIsNotTheNetwork(t *testing.T) {
	j := &broken{changed: make(chan struct{})}
	c := New(Config{Journal: j, Clock: agent.NewClock(time.Time{}), Random: func(b []byte) { clear(b); b[0] = 0x40 },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Tries: Tries{First: time.Hour, Most: time.Hour},
		TLS: func() (*tls.Config, error) { t.Error("it connects"); return nil, errFiles }})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { c.Run(ctx); close(ended) }()
	defer func() { cancel(); <-ended }()
	mend := func() { // taken only in a pause after a broken card
		t.Helper()
		select {
		case j.changed <- struct{}{}:
		case <-time.After(10 * time.Second):
			t.Fatal("nobody waits for the card")
		}
	}
	mend()
	if got := c.Sync(); got.Up || got.Fault != agent.FaultCard {
		t.Errorf("got %+v, want %s", got, agent.FaultCard)
	}
	mend() // it tried again and pauses again, long before the hour is over
}
