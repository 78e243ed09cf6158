package endpoint

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// paho's codec is the oracle: an independent reading of the same standard.
// It is lenient where we are strict; deviations_test.go lists where, and the
// fuzz targets here hold that there is no other difference.

// decode reads one packet as a session does.
func decode(r *bytes.Reader) (any, packet, error) {
	p, length, err := readHeader(r, maxPacket)
	if err != nil {
		return nil, p, err
	}
	if p.kind == typeConnect && length > maxConnect {
		return nil, p, broken("CONNECT of %d bytes", length)
	}
	if p.body, err = readBody(r, length); err != nil {
		return nil, p, err
	}
	body, err := decodeBody(p)
	return body, p, err
}

func decodeBody(p packet) (any, error) {
	switch p.kind {
	case typeConnect:
		return parseConnect(p)
	case typePublish:
		return parsePublish(p)
	case typeSubscribe:
		id, subs, err := parseSubscribe(p)
		return subscribePacket{id, subs}, err
	case typeUnsubscribe:
		id, filters, err := parseUnsubscribe(p)
		return unsubscribePacket{id, filters}, err
	}
	if len(p.body) > 0 {
		return nil, broken("a body where there is none")
	}
	return nil, nil
}

type subscribePacket struct {
	id   int
	subs []subscription
}

type unsubscribePacket struct {
	id      int
	filters []string
}

// asPaho is what we decoded in paho's words. What we do not keep (a user
// name, a password, how the will is to be sent) is taken from paho's own.
func asPaho(p packet, body any, theirs packets.ControlPacket) packets.ControlPacket {
	h := packets.FixedHeader{MessageType: p.kind, Dup: p.flags&8 != 0, Qos: p.flags >> 1 & 3, Retain: p.flags&1 != 0, RemainingLength: len(p.body)}
	switch b := body.(type) {
	case publish:
		return &packets.PublishPacket{FixedHeader: h, TopicName: b.topic, MessageID: uint16(b.id), Payload: b.payload}
	case subscribePacket:
		s := &packets.SubscribePacket{FixedHeader: h, MessageID: uint16(b.id)}
		for _, sub := range b.subs {
			s.Topics, s.Qoss = append(s.Topics, sub.filter), append(s.Qoss, sub.qos)
		}
		return s
	case unsubscribePacket:
		return &packets.UnsubscribePacket{FixedHeader: h, MessageID: uint16(b.id), Topics: b.filters}
	case connect:
		c := &packets.ConnectPacket{FixedHeader: h, ProtocolName: "MQTT", ProtocolVersion: b.level, CleanSession: b.flags&flagClean != 0,
			WillFlag: b.flags&flagWill != 0, WillQos: b.flags >> 3 & 3, WillRetain: b.flags&flagWillRetain != 0,
			UsernameFlag: b.flags&flagUser != 0, PasswordFlag: b.flags&flagPassword != 0, Keepalive: uint16(b.keepAlive),
			ClientIdentifier: b.clientID, WillTopic: b.willTopic, WillMessage: b.will}
		if t, ok := theirs.(*packets.ConnectPacket); ok {
			c.Username, c.Password = t.Username, t.Password
		}
		return c
	}
	if p.kind == typePingreq {
		return &packets.PingreqPacket{FixedHeader: h}
	}
	return &packets.DisconnectPacket{FixedHeader: h}
}

// pahoReads lets paho read a packet, but not one that only announces to be
// long: it would allocate up to 256 MB for it before it missed the bytes.
func pahoReads(data []byte) (p packets.ControlPacket, size int, err error) {
	length := 0
	for i, shift := 1, 0; i < len(data) && shift < 28; i, shift = i+1, shift+7 {
		length |= int(data[i]&0x7f) << shift
		if data[i] < 0x80 {
			break
		}
	}
	if length > len(data) {
		return nil, 0, io.ErrUnexpectedEOF
	}
	r := bytes.NewReader(data)
	p, err = packets.ReadPacket(r)
	return p, len(data) - r.Len(), err
}

func pahoWrites(t testing.TB, p packets.ControlPacket) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// agree holds both codecs against one packet. It returns its size, 0 when
// nothing can follow it.
func agree(t *testing.T, data []byte) int {
	t.Helper()
	r := bytes.NewReader(data)
	body, p, err := decode(r)
	theirs, size, theirErr := pahoReads(data)
	if err != nil {
		if !errors.Is(err, errProtocol) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("% x: refused with an error of no kind: %v", data, err)
		}
		if theirErr == nil && len(deviationsOf(data[:size], theirs)) == 0 {
			t.Fatalf("% x: we refuse (%v) what paho takes, for no documented reason: %v", data, err, theirs)
		}
		return 0
	}
	if c, ok := body.(connect); ok && c.level != 4 {
		return 0 // answered with CONNACK 1; the rest is not read
	}
	taken := len(data) - r.Len()
	if theirErr != nil || size != taken {
		t.Fatalf("% x: we take %d bytes, paho %d: %v", data, taken, size, theirErr)
	}
	if reasons := deviationsOf(data[:size], theirs); len(reasons) > 0 {
		t.Fatalf("% x: we take what we say we refuse: %v", data, reasons)
	}
	if want := asPaho(p, body, theirs); !reflect.DeepEqual(theirs, want) {
		t.Fatalf("% x: decoded as\n%+v, by paho as\n%+v", data, want, theirs)
	}
	if again := pahoWrites(t, theirs); !bytes.Equal(again, data[:size]) {
		t.Fatalf("% x: paho writes it as % x", data[:size], again)
	}
	return taken
}

// FuzzDecodeAgainstPaho: what we take, paho takes and reads alike, and would
// write as the same bytes; what paho takes and we do not is in the table of
// deviations.
func FuzzDecodeAgainstPaho(f *testing.F) {
	for _, p := range goodPackets {
		f.Add(p.data)
	}
	for _, d := range deviations {
		f.Add(d.example)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for n := 1; n > 0 && len(data) > 0; data = data[n:] {
			n = agree(t, data)
		}
	})
}

// FuzzEncodeAgainstPaho: every packet that we make, paho reads as we meant
// it, to the last byte.
func FuzzEncodeAgainstPaho(f *testing.F) {
	f.Add(byte(0), uint16(1), "ark/1/00/van-1/orders", []byte("hello"))
	f.Add(byte(5), uint16(65535), "x", []byte{0x80, 0, 0})
	f.Add(byte(1), uint16(256), "ark/1/00/van-1/journal/receipt", make([]byte, 20000))
	f.Fuzz(func(t *testing.T, code byte, id uint16, topic string, payload []byte) {
		head := func(kind byte, n int) packets.FixedHeader {
			return packets.FixedHeader{MessageType: kind, RemainingLength: n}
		}
		topic = topic[:min(len(topic), 1<<16-1)]
		type row struct {
			data []byte
			want packets.ControlPacket
		}
		rows := []row{
			{connack(code), &packets.ConnackPacket{FixedHeader: head(packets.Connack, 2), ReturnCode: code}},
			{puback(int(id)), &packets.PubackPacket{FixedHeader: head(packets.Puback, 2), MessageID: id}},
			{unsuback(int(id)), &packets.UnsubackPacket{FixedHeader: head(packets.Unsuback, 2), MessageID: id}},
			{pingresp(), &packets.PingrespPacket{FixedHeader: head(packets.Pingresp, 0)}},
			{appendPublish(nil, topic, payload), &packets.PublishPacket{FixedHeader: head(packets.Publish, 2+len(topic)+len(payload)),
				TopicName: topic, Payload: payload}},
		}
		if len(payload) > 0 {
			rows = append(rows, row{suback(int(id), payload), &packets.SubackPacket{FixedHeader: head(packets.Suback, 2+len(payload)),
				MessageID: id, ReturnCodes: payload}})
		}
		for _, r := range rows {
			got, size, err := pahoReads(r.data)
			if err != nil || size != len(r.data) {
				t.Fatalf("% x: paho took %d bytes: %v", r.data, size, err)
			}
			if !reflect.DeepEqual(got, r.want) {
				t.Fatalf("% x: paho reads\n%+v, meant\n%+v", r.data, got, r.want)
			}
			if again := pahoWrites(t, r.want); !bytes.Equal(again, r.data) {
				t.Fatalf("paho writes % x, we % x", again, r.data)
			}
		}
	})
}
