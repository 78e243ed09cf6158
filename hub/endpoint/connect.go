package endpoint

import (
	"bytes"

	"ark"
)

// Return codes of CONNACK, table 3.1 of the standard.
const (
	connAccepted      = 0
	connVersion       = 1
	connIdentifier    = 2
	connNotAuthorized = 5
)

const (
	maxKeepAlive = 300
	maxWill      = 1 << 10
)

// connect is a CONNECT as far as it matters here.
type connect struct {
	level     byte
	clientID  string
	flags     byte
	keepAlive int
	willTopic string
	will      []byte
}

const (
	flagReserved = 1 << iota
	flagClean
	flagWill
	flagWillQoS0
	flagWillQoS1
	flagWillRetain
	flagPassword
	flagUser
)

// parseConnect reads a CONNECT. Of another protocol level nothing more is
// read: its layout is not ours to know.
func parseConnect(p packet) (connect, error) {
	f := fields{rest: p.body}
	name := f.binary()
	c := connect{level: f.byte()}
	switch {
	case f.bad:
		return c, broken("CONNECT: cut short")
	case bytes.Equal(name, []byte("MQIsdp")):
		c.level = 3
		return c, nil
	case !bytes.Equal(name, []byte("MQTT")): // [MQTT-3.1.2-1]
		return c, broken("CONNECT: another protocol")
	case c.level != 4:
		return c, nil
	}
	c.flags = f.byte()
	c.keepAlive = f.uint16()
	c.clientID = f.text()
	if c.flags&flagWill != 0 {
		c.willTopic, c.will = f.text(), f.binary()
	}
	if c.flags&flagUser != 0 {
		f.text()
	}
	if c.flags&flagPassword != 0 {
		f.binary()
	}
	if err := judgeConnectFlags(c.flags); err != nil {
		return c, err
	}
	return c, f.end("CONNECT")
}

func judgeConnectFlags(flags byte) error {
	willQoS := flags >> 3 & 3
	switch {
	case flags&flagReserved != 0: // [MQTT-3.1.2-3]
		return broken("CONNECT: reserved flag")
	case flags&flagWill == 0 && (willQoS != 0 || flags&flagWillRetain != 0): // [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15]
		return broken("CONNECT: will flags without a will")
	case willQoS == 3: // [MQTT-3.1.2-14]
		return broken("CONNECT: will QoS 3")
	case flags&flagPassword != 0 && flags&flagUser == 0: // [MQTT-3.1.2-22]
		return broken("CONNECT: password without user name")
	}
	return nil
}

// judge answers a CONNECT: the return code, 0 for accepted. The order of the
// questions is fixed, so that every client gets the same answer.
func (c connect) judge(van ark.VanID) byte {
	switch {
	case c.level != 4: // [MQTT-3.1.2-2]
		return connVersion
	case c.clientID != string(van):
		return connIdentifier
	case c.flags&flagClean == 0, c.keepAlive < 1, c.keepAlive > maxKeepAlive:
		return connNotAuthorized
	case c.flags&flagWill != 0 && (c.willTopic != van.Topic(ark.Presence) || len(c.will) > maxWill):
		return connNotAuthorized
	}
	return connAccepted
}

// The packets for vans.

func connack(code byte) []byte { return []byte{typeConnack << 4, 2, 0, code} }

func puback(id int) []byte { return []byte{typePuback << 4, 2, byte(id >> 8), byte(id)} }

func unsuback(id int) []byte { return []byte{typeUnsuback << 4, 2, byte(id >> 8), byte(id)} }

func pingresp() []byte { return []byte{typePingresp << 4, 0} }

func suback(id int, codes []byte) []byte {
	out := appendLength([]byte{typeSuback << 4}, 2+len(codes))
	return append(append(out, byte(id>>8), byte(id)), codes...)
}

// appendPublish encodes a PUBLISH at QoS 0.
func appendPublish(out []byte, topic string, payload []byte) []byte {
	out = appendLength(append(out, typePublish<<4), 2+len(topic)+len(payload))
	out = append(out, byte(len(topic)>>8), byte(len(topic)))
	return append(append(out, topic...), payload...)
}

func appendLength(out []byte, n int) []byte {
	for n >= 0x80 {
		out = append(out, byte(n)|0x80)
		n >>= 7
	}
	return append(out, byte(n))
}
