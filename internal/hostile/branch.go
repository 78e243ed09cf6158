package hostile

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"ark"
)

func pahoBothWays(t *testing.T, b *bench) {
	const van = "van-1"
	c := b.paho(van)
	got := make(chan string, 200)
	token := c.SubscribeMultiple(map[string]byte{topic(van, ark.JournalReceipt): 1, topic(van, ark.Orders): 1},
		func(_ mqtt.Client, m mqtt.Message) { got <- m.Topic() + " " + string(m.Payload()) })
	Wait(t, token)
	for topic, code := range token.(*mqtt.SubscribeToken).Result() {
		if code > 1 {
			t.Fatalf("%s granted %d", topic, code)
		}
	}
	for _, qos := range []byte{0, 1} {
		Wait(t, c.Publish(topic(van, ark.Journal), qos, false, fmt.Sprint("hello ", qos)))
		if a := Receive(t, b.hub.Came); a != (Arrival{van, ark.Journal, fmt.Sprint("hello ", qos)}) {
			t.Fatalf("arrived: %+v", a)
		}
	}
	for n := range 100 {
		if !b.Link.Send(van, ark.Orders, []byte(fmt.Sprint(n))) {
			t.Fatal("not queued")
		}
	}
	for n := range 100 {
		if m := Receive(t, got); m != topic(van, ark.Orders)+" "+fmt.Sprint(n) {
			t.Fatalf("message %d is %q", n, m)
		}
	}
	if vans := b.Link.Connected(); len(vans) != 1 || vans[0] != van {
		t.Fatalf("connected: %v", vans)
	}
	c.Disconnect(10)
	b.hub.Await(t, "van-1false")
	if b.Link.Send(van, ark.Orders, nil) {
		t.Fatal("sent to nobody")
	}
}

// foreignPublish: on another van's branch, on its own down channels, outside
// of every branch, under a wrong shard.
func foreignPublish(t *testing.T, b *bench) {
	own := topic("van-1", ark.Journal)
	for _, where := range []string{topic("van-2", ark.Journal), topic("van-2", ark.Orders), topic("van-1", ark.Orders),
		topic("van-1", ark.JournalReceipt), own + "/x", own[1:], "ark/1/00/van-1/journal", "$SYS/broker/uptime", "x"} {
		c := b.paho("van-1")
		c.Publish(where, 1, false, "not mine")
		if len(b.hub.Came) != 0 {
			t.Fatalf("%s: it arrived", where)
		}
		b.hub.Await(t, "van-1false")
	}
	if len(b.hub.Came) != 0 {
		t.Fatal("a foreign message arrived")
	}
}

func foreignSubscribe(t *testing.T, b *bench) {
	other := ark.VanID("van-2").Topic(ark.Orders)
	c, victim := b.paho("van-1"), b.paho("van-2")
	heard := make(chan string, 10)
	filters := map[string]byte{other: 0, "#": 0, "+/+/+/+/orders": 0, "$SYS/#": 0, "$share/g/" + other: 0, "ark/1/#": 0,
		"$share/g/#": 0, topic("van-1", ark.Journal): 0, "ark/1/" + ark.VanID("van-1").Shard() + "/van-1/#": 0}
	token := c.SubscribeMultiple(filters, func(_ mqtt.Client, m mqtt.Message) { heard <- m.Topic() })
	token.WaitTimeout(20 * time.Second) // paho reports the refusals as an error
	for topic, code := range token.(*mqtt.SubscribeToken).Result() {
		if code != 0x80 {
			t.Errorf("subscription to %s granted: %d", topic, code)
		}
	}
	got := make(chan string, 1)
	Wait(t, victim.Subscribe(other, 0, func(_ mqtt.Client, m mqtt.Message) { got <- string(m.Payload()) }))
	b.Link.Send("van-2", ark.Orders, []byte("secret"))
	if m := Receive(t, got); m != "secret" {
		t.Fatal(m)
	}
	Wait(t, c.Publish(topic("van-1", ark.Journal), 1, false, "still here")) // and what was on its way has come
	if len(heard) != 0 {
		t.Errorf("van-1 heard %s", <-heard)
	}
}

func refusedConnects(t *testing.T, b *bench) {
	rows := map[string]func(*mqtt.ClientOptions){
		"client id of another van": func(o *mqtt.ClientOptions) { o.SetClientID("van-2") },
		"no client id":             func(o *mqtt.ClientOptions) { o.SetClientID("") },
		"stored session":           func(o *mqtt.ClientOptions) { o.SetCleanSession(false) },
		"foreign will":             func(o *mqtt.ClientOptions) { o.SetWill(topic("van-2", ark.Presence), "x", 0, true) },
		"will on the journal":      func(o *mqtt.ClientOptions) { o.SetWill(topic("van-1", ark.Journal), "x", 0, false) },
		"long will": func(o *mqtt.ClientOptions) {
			o.SetBinaryWill(topic("van-1", ark.Presence), make([]byte, 2000), 0, false)
		},
		"no keepalive":   func(o *mqtt.ClientOptions) { o.SetKeepAlive(0) },
		"long keepalive": func(o *mqtt.ClientOptions) { o.SetKeepAlive(time.Hour) },
		"MQTT 3.1":       func(o *mqtt.ClientOptions) { o.SetProtocolVersion(3) },
	}
	victim := b.paho("van-2")
	cfg := b.ca.Van(t, "van-1")
	for name, change := range rows {
		o := b.options("van-1", cfg)
		change(o)
		if token := mqtt.NewClient(o).Connect(); !token.WaitTimeout(20*time.Second) || token.Error() == nil {
			t.Errorf("%s: was let in", name)
		}
	}
	v5 := b.tls(cfg)
	Write(t, v5, []byte{0x10, 19, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0, 0, 5, 'v', 'a', 'n', '-', '1', 0})
	answer := make([]byte, 16)
	v5.SetReadDeadline(time.Now().Add(20 * time.Second))
	if n, _ := v5.Read(answer); n > 3 && answer[3] == 0 {
		t.Errorf("MQTT 5: was let in with % x", answer[:n])
	}
	Wait(t, victim.Publish(topic("van-2", ark.Journal), 1, false, "still here")) // nobody took its place
	o := b.options("van-1", cfg).SetWill(topic("van-1", ark.Presence), "off", 0, true)
	c := mqtt.NewClient(o)
	Wait(t, c.Connect())
	c.Disconnect(0)
}

// nothingIsRetained: a retained message, and the will of one that goes
// without a word, reach nobody who comes later.
func nothingIsRetained(t *testing.T, b *bench) {
	o := b.options("van-1", b.ca.Van(t, "van-1")).SetWill(topic("van-1", ark.Presence), "off", 1, true)
	c := mqtt.NewClient(o)
	Wait(t, c.Connect())
	Wait(t, c.Publish(topic("van-1", ark.Journal), 1, true, "keep me"))
	if a := Receive(t, b.hub.Came); !bytes.Equal([]byte(a.Payload), []byte("keep me")) {
		t.Fatal(a)
	}
	b.Link.Disconnect("van-1")
	b.hub.Await(t, "van-1false")
	heard := make(chan string, 10)
	c = b.paho("van-1")
	Wait(t, c.Subscribe(topic("van-1", ark.Orders), 0, func(_ mqtt.Client, m mqtt.Message) { heard <- m.Topic() + string(m.Payload()) }))
	b.Link.Send("van-1", ark.Orders, []byte("fresh"))
	if m := Receive(t, heard); m != topic("van-1", ark.Orders)+"fresh" {
		t.Errorf("heard %s", m)
	}
}
