package ark

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// Channel is the last part of a van's topic: what a message carries.
type Channel string

// The five channels of a van. Journal, OrdersReceipt and Presence go up,
// JournalReceipt and Orders come down.
const (
	Journal        Channel = "journal"         // frames of the van journal, van to hub
	JournalReceipt Channel = "journal/receipt" // receipts for them, hub to van
	Orders         Channel = "orders"          // frames of the order journal, hub to van
	OrdersReceipt  Channel = "orders/receipt"  // receipts for them, van to hub
	Presence       Channel = "presence"        // "on" or "off", retained, on an outside broker only
)

// Up tells whether a van may publish on the channel.
func (c Channel) Up() bool { return c == Journal || c == OrdersReceipt || c == Presence }

// Down tells whether a van may subscribe to the channel.
func (c Channel) Down() bool { return c == JournalReceipt || c == Orders }

// Shard is the first byte of SHA-256 of the van's id as two hexadecimal
// digits, 00 to ff. Hub processes divide the vans among them by it.
func (v VanID) Shard() string {
	sum := sha256.Sum256([]byte(v))
	return fmt.Sprintf("%02x", sum[0])
}

// Topic is the MQTT topic of one channel of a van: ark/1/<shard>/<van>/<channel>.
func (v VanID) Topic(c Channel) string {
	return "ark/1/" + v.Shard() + "/" + string(v) + "/" + string(c)
}

// ParseTopic is the inverse of Topic. It refuses a wrong shard, an unknown
// channel and anything else that Topic never makes.
func ParseTopic(topic string) (VanID, Channel, error) {
	parts := strings.SplitN(topic, "/", 5)
	if len(parts) != 5 || parts[0] != "ark" || parts[1] != "1" {
		return "", "", fmt.Errorf("topic %q: want ark/1/<shard>/<van>/<channel>", topic)
	}
	van, err := ParseVanID(parts[3])
	if err != nil {
		return "", "", fmt.Errorf("topic %q: %w", topic, err)
	}
	if parts[2] != van.Shard() {
		return "", "", fmt.Errorf("topic %q: van %s has shard %s", topic, van, van.Shard())
	}
	c := Channel(parts[4])
	if !c.Up() && !c.Down() {
		return "", "", fmt.Errorf("topic %q: unknown channel", topic)
	}
	return van, c, nil
}
