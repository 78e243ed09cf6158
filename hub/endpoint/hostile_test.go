package endpoint

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"testing"

	"ark/internal/hostile"
)

// The suite of hostile clients, over the end point. Its rows stand in
// internal/hostile; what else the end point promises is held here:
//
//	every packet that is not MQTT 3.1.1    TestMalformedPackets, TestMalformedConnects
//	the codec against paho's               FuzzDecodeAgainstPaho, TestDeviationsAreReal, FuzzSession
//	keepalive × 1.5                        TestKeepAliveEndsTheSilent
//	connections that are no sessions       TestHandshakesAreBounded
//	a failing accept                       TestAFailingAcceptIsWaitedOut
//	tickets over a restart                 TestVansResumeAfterARestart
//	a handler that refuses or panics       TestHandlerRefusalEndsTheSession, TestHandlerPanicIsOneVansTrouble
//	a panic when a van comes or goes       TestAPanicInPresenceLocksNobodyOut
//	a certificate struck off, not killed   TestAStruckCertificateSaysNothingMore
func TestHostileClients(t *testing.T) {
	hostile.Run(t, func(t testing.TB, c hostile.Config) hostile.Place {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		lax := c.CA.Hub(t)
		lax.MinVersion, lax.ClientAuth = 0, tls.NoClientCert // the end point itself insists
		e := New(Config{Listener: l, TLS: lax, Gate: c.Gate, Arrivals: c.Arrivals, Log: quiet(), Limits: Limits{Connect: c.Connect}})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- e.Run(ctx) }()
		stop := sync.OnceValue(func() error { cancel(); return <-ended })
		t.Cleanup(func() {
			if stop(); e.stats.Panics.Load() > 0 {
				t.Error("the end point panicked")
			}
		})
		return hostile.Place{Link: e, Addr: l.Addr().String(), Stop: stop}
	})
}
