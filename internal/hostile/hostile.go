// Package hostile is the suite of hostile clients that every way to the vans
// (hub.Link) must stand: the hub's own end point, and an outside broker with
// what is put in front of it. Each row of the table in Run is one try; where
// a link falls short of a row, its own test says so and why.
//
// With ARK_CHAOS=long the rows that depend on time or number take their full
// length.
package hostile

import (
	"os"
	"testing"
	"time"

	"ark/hub"
	"ark/internal/testca"
)

// Config is what a link under test is to be made with.
type Config struct {
	CA       *testca.CA // whose certificates vans show
	Gate     hub.Gate
	Arrivals hub.Arrivals
	// Connect is the time from accept to an accepted CONNECT, at most; 0: the
	// link's own. A link that can, takes it, so that the suite need not wait.
	Connect time.Duration
}

// Place is a link that runs.
type Place struct {
	Link hub.Link
	Addr string       // host:port for vans, at 127.0.0.1
	Stop func() error // ends its Run and waits; may be called twice
}

// Start makes a link and runs it.
type Start func(t testing.TB, c Config) Place

// Run runs the suite.
func Run(t *testing.T, start Start) {
	rows := []struct {
		name string
		test func(*testing.T, *bench)
	}{
		{"PahoBothWays", pahoBothWays},
		{"MosquittoClients", mosquittoClients},
		{"ForeignPublish", foreignPublish},
		{"ForeignSubscribe", foreignSubscribe},
		{"RefusedConnects", refusedConnects}, // foreign will and client id, stored session, keepalive, MQTT 3.1 and 5
		{"NothingIsRetained", nothingIsRetained},
		{"Certificates", certificates},
		{"RevokedAlsoOnResumption", revokedOnResumption},
		{"RevokeAVanInItsHandler", revokeInHandler},
		{"RevokeAStalledVanThatPublishes", revokeStalled},
		{"AStalledVanSlowsNoOther", stalledSlowsNoOther},
		{"FourHundredReconnects", reconnects},
		{"TwoAtOnceForOnePlace", twoAtOnce},
		{"SilentAndDripping", silentAndDripping},
		{"DeclaredAndNotSent", declared},
		{"AThousandSubscriptions", thousandSubscriptions},
		{"MutatedPackets", mutated},
		{"StopsAtOnce", stopsAtOnce},
		{"ComeAndGoLeavesNothing", comeAndGo},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { row.test(t, newBench(t, start, limits[row.name])) })
	}
}

// soon is what a revocation and an orderly end may take: milliseconds, but for
// a machine that is busy with other tests. A link that waits for a write to
// miss its deadline takes longer.
const soon = 4 * time.Second

// long tells whether there is time.
func long() bool { return os.Getenv("ARK_CHAOS") == "long" }

// limits are short where a row waits for them, and long where many connect at
// once: the machine may be busy with other tests.
var limits = map[string]time.Duration{"SilentAndDripping": 1500 * time.Millisecond, "ComeAndGoLeavesNothing": time.Minute}

// bench is a link under test.
type bench struct {
	Place
	t   testing.TB
	ca  *testca.CA
	hub *Hub
}

func newBench(t *testing.T, start Start, limit time.Duration) *bench {
	b := &bench{t: t, ca: testca.New(t), hub: NewHub()}
	b.Place = start(t, Config{CA: b.ca, Gate: b.hub, Arrivals: b.hub, Connect: limit})
	t.Cleanup(func() {
		if err := b.Stop(); err != nil {
			t.Errorf("the link ended with %v", err)
		}
		if wrong := b.hub.Wrong(); len(wrong) > 0 {
			t.Errorf("presence did not alternate: %v", wrong)
		}
	})
	return b
}
