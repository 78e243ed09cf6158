package endpoint

import (
	"net"
	"testing"
	"time"

	"ark/internal/hostile"
)

// A connection has its place at the door until it is a session: a certificate
// that was struck off goes through TLS as well as any.
func TestAPlaceAtTheDoorLastsUntilTheSession(t *testing.T) {
	b := start(t, Limits{Handshakes: 2, Connect: time.Minute})
	for _, van := range []string{"van-1", "van-2", "van-3"} {
		b.joined(t, van, 60) // sessions take no place
	}
	b.raw(t, "van-4")
	b.raw(t, "van-5")
	if third, err := net.Dial("tcp", b.addr); err == nil { // else it was reset already
		defer third.Close()
		hostile.AwaitClosed(t, third, 20*time.Second)
	}
}
