package hostile

import (
	"context"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/internal/skip"
	"ark/internal/testca"
)

// mosquittoClients: the usual tools work within a van's own branch, and
// nowhere else.
func mosquittoClients(t *testing.T, b *bench) {
	skip.WithoutTools(t, "mosquitto_pub", "mosquitto_sub")
	ca, cert, key := testca.Files(t, t.TempDir(), b.ca, b.ca.Van(t, "van-1"))
	host, port, err := net.SplitHostPort(b.Addr)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-h", host, "-p", port, "--cafile", ca, "--cert", cert, "--key", key, "-i", "van-1", "-V", "mqttv311"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	publish := func(topic string) ([]byte, error) {
		return exec.CommandContext(ctx, "mosquitto_pub", append(args, "-t", topic, "-q", "1", "-m", "from mosquitto")...).CombinedOutput()
	}
	if out, err := publish(topic("van-1", ark.Journal)); err != nil {
		t.Fatalf("mosquitto_pub: %v: %s", err, out)
	}
	if a := Receive(t, b.hub.Came); a != (Arrival{"van-1", ark.Journal, "from mosquitto"}) {
		t.Fatalf("arrived: %+v", a)
	}
	b.hub.Await(t, "van-1false")
	publish(topic("van-2", ark.Journal)) // whatever it says of it
	b.hub.Await(t, "van-1false")
	if len(b.hub.Came) != 0 {
		t.Error("a foreign message arrived")
	}
	sub := exec.CommandContext(ctx, "mosquitto_sub", append(args, "-t", topic("van-1", ark.Orders), "-C", "1")...)
	var got strings.Builder
	sub.Stdout, sub.Stderr = &got, &got
	if err := sub.Start(); err != nil {
		t.Fatal(err)
	}
	b.hub.Await(t, "van-1true")
	b.Link.Send("van-1", ark.Orders, []byte("to mosquitto"))
	if err := sub.Wait(); err != nil || strings.TrimSpace(got.String()) != "to mosquitto" {
		t.Fatalf("mosquitto_sub: %v: %s", err, &got)
	}
}
