package endpoint

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// The control packets of MQTT 3.1.1 (OASIS mqtt-v3.1.1-os), table 2.1. Those
// that a van may send are decoded here; those for vans are encoded.
const (
	typeConnect     = 1
	typeConnack     = 2
	typePublish     = 3
	typePuback      = 4
	typeSubscribe   = 8
	typeSuback      = 9
	typeUnsubscribe = 10
	typeUnsuback    = 11
	typePingreq     = 12
	typePingresp    = 13
	typeDisconnect  = 14
)

// Limits of what is read.
const (
	maxConnect = 4 << 10
	maxPacket  = 256 << 10
)

// errProtocol ends a session: what came is not MQTT 3.1.1 as we take it.
var errProtocol = errors.New("not as MQTT 3.1.1 has it")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errProtocol, fmt.Sprintf(format, args...))
}

// packet is one control packet: its first byte and what follows the length.
type packet struct {
	kind  byte
	flags byte
	body  []byte
}

// readHeader reads a fixed header, judges it and returns the body's length.
// Nothing is allocated.
func readHeader(r io.ByteReader, most int) (p packet, length int, err error) {
	first, err := r.ReadByte()
	if err != nil {
		return p, 0, err
	}
	p.kind, p.flags = first>>4, first&0x0f
	if err := judgeFlags(p); err != nil {
		return p, 0, err
	}
	for shift := 0; ; shift += 7 {
		b, err := r.ReadByte()
		if err != nil {
			return p, 0, unexpected(err)
		}
		if shift > 21 || (shift > 0 && b == 0) { // [MQTT-2.2.3]: four bytes at most; and the shortest form
			return p, 0, broken("remaining length")
		}
		length |= int(b&0x7f) << shift
		if b&0x80 == 0 {
			break
		}
	}
	if length > most {
		return p, 0, broken("a packet of %d bytes, at most %d", length, most)
	}
	return p, length, nil
}

func judgeFlags(p packet) error {
	want := byte(0)
	switch p.kind {
	case typePublish:
		if p.flags&0x06 == 0x06 { // [MQTT-3.3.1-4]
			return broken("QoS 3")
		}
		return nil
	case typeSubscribe, typeUnsubscribe: // [MQTT-3.8.1-1] [MQTT-3.10.1-1]
		want = 2
	case typeConnect, typePingreq, typeDisconnect: // [MQTT-2.2.2-1] [MQTT-3.14.1-1]
	default:
		return broken("packet type %d from a client", p.kind)
	}
	if p.flags != want { // [MQTT-2.2.2-2]
		return broken("flags %#x of packet type %d", p.flags, p.kind)
	}
	return nil
}

// readBody reads a body as its bytes arrive: who only announces a long one
// makes us allocate little.
func readBody(r io.Reader, length int) ([]byte, error) {
	const step = 4 << 10
	body := make([]byte, min(length, step))
	for done := 0; ; {
		if _, err := io.ReadFull(r, body[done:]); err != nil {
			return nil, unexpected(err)
		}
		if done = len(body); done == length {
			return body, nil
		}
		grown := make([]byte, min(length, 2*done))
		copy(grown, body)
		body = grown
	}
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fields reads the parts of a body one after the other; the first failure
// stays.
type fields struct {
	rest []byte
	bad  bool
}

func (f *fields) take(n int) []byte {
	if f.bad || len(f.rest) < n {
		f.bad = true
		return nil
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fields) byte() byte {
	if b := f.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (f *fields) uint16() int {
	if b := f.take(2); b != nil {
		return int(b[0])<<8 | int(b[1])
	}
	return 0
}

func (f *fields) binary() []byte { return f.take(f.uint16()) }

// text is a UTF-8 string [MQTT-1.5.3-1] without NUL [MQTT-1.5.3-2].
func (f *fields) text() string {
	b := f.binary()
	if !utf8.Valid(b) {
		f.bad = true
		return ""
	}
	for _, c := range b {
		if c == 0 {
			f.bad = true
			return ""
		}
	}
	return string(b)
}

// end insists that all was read.
func (f *fields) end(what string) error {
	if f.bad || len(f.rest) > 0 {
		return broken("%s: cut short or too long", what)
	}
	return nil
}

// publish is a PUBLISH from a van.
type publish struct {
	topic   string
	qos     byte
	id      int
	payload []byte
}

func parsePublish(p packet) (publish, error) {
	f := fields{rest: p.body}
	m := publish{topic: f.text(), qos: p.flags >> 1 & 3}
	if m.qos == 0 && p.flags&8 != 0 { // [MQTT-3.3.1-2]
		return m, broken("DUP at QoS 0")
	}
	if m.qos > 0 {
		if m.id = f.uint16(); m.id == 0 && !f.bad { // [MQTT-2.3.1-1]
			return m, broken("packet id 0")
		}
	}
	if f.bad || m.topic == "" {
		return m, broken("PUBLISH: cut short")
	}
	m.payload = f.rest
	return m, nil
}

// subscription is one wish of a SUBSCRIBE.
type subscription struct {
	filter string
	qos    byte
}

func parseSubscribe(p packet) (id int, subs []subscription, err error) {
	f := fields{rest: p.body}
	id = f.uint16()
	for !f.bad && len(f.rest) > 0 {
		s := subscription{f.text(), f.byte()}
		if s.qos > 2 || (s.filter == "" && !f.bad) { // [MQTT-3-8.3-4] [MQTT-4.7.3-1]
			return id, nil, broken("SUBSCRIBE: a filter or QoS that cannot be")
		}
		subs = append(subs, s)
	}
	if id == 0 || len(subs) == 0 { // [MQTT-2.3.1-1] [MQTT-3.8.3-3]
		return id, nil, broken("SUBSCRIBE without id or filter")
	}
	return id, subs, f.end("SUBSCRIBE")
}

func parseUnsubscribe(p packet) (id int, filters []string, err error) {
	f := fields{rest: p.body}
	id = f.uint16()
	for !f.bad && len(f.rest) > 0 {
		filter := f.text()
		if filter == "" && !f.bad {
			return id, nil, broken("UNSUBSCRIBE: an empty filter")
		}
		filters = append(filters, filter)
	}
	if id == 0 || len(filters) == 0 { // [MQTT-2.3.1-1] [MQTT-3.10.3-2]
		return id, nil, broken("UNSUBSCRIBE without id or filter")
	}
	return id, filters, f.end("UNSUBSCRIBE")
}
