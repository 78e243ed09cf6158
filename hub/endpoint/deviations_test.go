package endpoint

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// goodPackets are well formed; each end decodes them alike.
var goodPackets = []struct {
	name string
	data []byte
}{
	{"CONNECT", connectPacket("van-1", 60)},
	{"CONNECT with will, user and password", []byte{0x10, 27, 0, 4, 'M', 'Q', 'T', 'T', 4, 0xee, 0, 60, 0, 1, 'v', 0, 1, 't', 0, 2, 'o', 'f', 0, 1, 'u', 0, 2, 'p', 'w'}},
	{"CONNECT of MQTT 3.1", []byte{0x10, 17, 0, 6, 'M', 'Q', 'I', 's', 'd', 'p', 3, 2, 0, 60, 0, 3, 'v', 'a', 'n'}},
	{"CONNECT of MQTT 5", []byte{0x10, 19, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0, 0, 5, 'v', 'a', 'n', '-', '1', 0}},
	{"PUBLISH QoS 0", []byte{0x30, 5, 0, 1, 'x', 'h', 'i'}},
	{"PUBLISH QoS 1", []byte{0x32, 7, 0, 1, 'x', 1, 2, 'h', 'i'}},
	{"PUBLISH QoS 1 again, retained", []byte{0x3b, 5, 0, 1, 'x', 1, 2}},
	{"PUBLISH QoS 2", []byte{0x34, 7, 0, 1, 'x', 1, 2, 'h', 'i'}},
	{"PUBLISH of MQTT 5", []byte{0x30, 6, 0, 1, 'x', 1, 0, 0}},
	{"PUBLISH of 200 bytes", append([]byte{0x30, 0xc8, 0x01, 0, 1, 'x'}, make([]byte, 197)...)},
	{"SUBSCRIBE", []byte{0x82, 11, 0, 1, 0, 1, 'x', 0, 0, 2, 'y', '#', 2}},
	{"UNSUBSCRIBE", []byte{0xa2, 8, 0, 1, 0, 1, 'x', 0, 1, 'y'}},
	{"PINGREQ", []byte{0xc0, 0}},
	{"DISCONNECT", []byte{0xe0, 0}},
}

// A deviation is something that paho takes and we do not, with the
// requirement of MQTT 3.1.1 (or the limit of ours) that we hold to.
type deviation struct {
	name    string
	why     string
	holds   func(data []byte, p packets.ControlPacket) bool
	example []byte // one that shows this deviation and no other
}

// deviations is the whole list: the fuzzer finds any that is missing.
var deviations = []deviation{
	{"not the packet's own bytes", "[MQTT-2.2.2-1] [MQTT-2.2.3] [MQTT-3.1.2-3]: paho zero-pads strings cut short, and passes trailing bytes, bodies where there are none, long forms of lengths and some reserved flags",
		func(data []byte, p packets.ControlPacket) bool {
			var out bytes.Buffer
			return p.Write(&out) != nil || !bytes.Equal(out.Bytes(), data)
		},
		[]byte{0xc0, 1, 0}},
	{"flags", "[MQTT-2.2.2-2]: the low four bits of the first byte are fixed but for PUBLISH", wrongFlags, []byte{0xc8, 0}},
	{"QoS 3", "[MQTT-3.3.1-4]", func(_ []byte, p packets.ControlPacket) bool {
		m, ok := p.(*packets.PublishPacket)
		return ok && m.Qos == 3
	}, []byte{0x36, 5, 0, 1, 'x', 0, 1}},
	{"DUP at QoS 0", "[MQTT-3.3.1-2]", func(_ []byte, p packets.ControlPacket) bool {
		m, ok := p.(*packets.PublishPacket)
		return ok && m.Qos == 0 && m.Dup
	}, []byte{0x38, 3, 0, 1, 'x'}},
	{"packet id 0", "[MQTT-2.3.1-1]", func(_ []byte, p packets.ControlPacket) bool {
		switch m := p.(type) {
		case *packets.PublishPacket:
			return m.Qos > 0 && m.MessageID == 0
		case *packets.SubscribePacket:
			return m.MessageID == 0
		case *packets.UnsubscribePacket:
			return m.MessageID == 0
		}
		return false
	}, []byte{0x32, 5, 0, 1, 'x', 0, 0}},
	{"strings", "[MQTT-1.5.3-1] [MQTT-1.5.3-2]: UTF-8, no NUL", func(_ []byte, p packets.ControlPacket) bool {
		return slices.ContainsFunc(textsOf(p), func(s string) bool { return !utf8.ValidString(s) || strings.Contains(s, "\x00") })
	}, []byte{0x30, 3, 0, 1, 0xff}},
	{"empty topic or filter", "[MQTT-4.7.3-1]", func(_ []byte, p packets.ControlPacket) bool {
		switch m := p.(type) {
		case *packets.PublishPacket:
			return m.TopicName == ""
		case *packets.SubscribePacket:
			return slices.Contains(m.Topics, "")
		}
		return false
	}, []byte{0x30, 2, 0, 0}},
	{"nothing to subscribe to", "[MQTT-3.8.3-3] [MQTT-3.10.3-2]", func(_ []byte, p packets.ControlPacket) bool {
		switch m := p.(type) {
		case *packets.SubscribePacket:
			return len(m.Topics) == 0
		case *packets.UnsubscribePacket:
			return len(m.Topics) == 0
		}
		return false
	}, []byte{0x82, 2, 0, 1}},
	{"QoS of a subscription", "[MQTT-3-8.3-4]: 0, 1 or 2", func(_ []byte, p packets.ControlPacket) bool {
		m, ok := p.(*packets.SubscribePacket)
		return ok && slices.ContainsFunc(m.Qoss, func(q byte) bool { return q > 2 })
	}, []byte{0x82, 6, 0, 1, 0, 1, 'x', 3}},
	{"protocol name", "[MQTT-3.1.2-1]", func(_ []byte, p packets.ControlPacket) bool {
		m, ok := p.(*packets.ConnectPacket)
		return ok && m.ProtocolName != "MQTT" && m.ProtocolName != "MQIsdp"
	}, []byte{0x10, 13, 0, 4, 'H', 'T', 'T', 'P', 4, 2, 0, 60, 0, 1, 'v'}},
	{"will flags", "[MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-14] [MQTT-3.1.2-15]", func(_ []byte, p packets.ControlPacket) bool {
		m, ok := p.(*packets.ConnectPacket)
		return ok && (m.WillQos == 3 || (!m.WillFlag && (m.WillQos != 0 || m.WillRetain)))
	}, []byte{0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 0x22, 0, 60, 0, 1, 'v'}},
	{"password without user name", "[MQTT-3.1.2-22]", func(_ []byte, p packets.ControlPacket) bool {
		m, ok := p.(*packets.ConnectPacket)
		return ok && m.PasswordFlag && !m.UsernameFlag
	}, []byte{0x10, 16, 0, 4, 'M', 'Q', 'T', 'T', 4, 0x42, 0, 60, 0, 1, 'v', 0, 1, 'p'}},
	{"not from a client", "table 2.1: CONNACK, SUBACK, UNSUBACK and PINGRESP go the other way; nothing that we send is acknowledged, and QoS 2 is not spoken",
		func(_ []byte, p packets.ControlPacket) bool {
			switch p.(type) {
			case *packets.ConnectPacket, *packets.PublishPacket, *packets.SubscribePacket, *packets.UnsubscribePacket, *packets.PingreqPacket, *packets.DisconnectPacket:
				return false
			}
			return true
		},
		[]byte{0x40, 2, 0, 1}},
	{"too big", "limits of ours: CONNECT 4 kB, else 256 kB", func(_ []byte, p packets.ControlPacket) bool {
		switch m := p.(type) {
		case *packets.ConnectPacket:
			return m.RemainingLength > maxConnect
		case *packets.PublishPacket:
			return m.RemainingLength > maxPacket
		case *packets.SubscribePacket:
			return m.RemainingLength > maxPacket
		case *packets.UnsubscribePacket:
			return m.RemainingLength > maxPacket
		}
		return false
	}, append([]byte{0x30, 0x81, 0x80, 0x10, 0, 1, 'x'}, make([]byte, maxPacket-2)...)},
}

// wrongFlags: paho keeps the flags of any packet, and writes them again.
func wrongFlags(data []byte, p packets.ControlPacket) bool {
	want := byte(0)
	switch p.(type) {
	case *packets.PublishPacket:
		return false
	case *packets.SubscribePacket, *packets.UnsubscribePacket:
		want = 2
	case *packets.ConnectPacket, *packets.PingreqPacket, *packets.DisconnectPacket:
	default:
		return false // refused whatever its flags
	}
	return data[0]&0x0f != want
}

func textsOf(p packets.ControlPacket) []string {
	switch m := p.(type) {
	case *packets.ConnectPacket:
		return []string{m.ClientIdentifier, m.WillTopic, m.Username}
	case *packets.PublishPacket:
		return []string{m.TopicName}
	case *packets.SubscribePacket:
		return m.Topics
	case *packets.UnsubscribePacket:
		return m.Topics
	}
	return nil
}

func deviationsOf(data []byte, p packets.ControlPacket) (names []string) {
	for _, d := range deviations {
		if d.holds(data, p) {
			names = append(names, d.name)
		}
	}
	return names
}

func TestDeviationsAreReal(t *testing.T) {
	for _, d := range deviations {
		p, size, err := pahoReads(d.example)
		if err != nil || size != len(d.example) {
			t.Errorf("%s: paho does not take the example: %v", d.name, err)
			continue
		}
		if names := deviationsOf(d.example, p); len(names) != 1 || names[0] != d.name {
			t.Errorf("%s: the example shows %v", d.name, names)
		}
		if _, _, err := decode(bytes.NewReader(d.example)); err == nil {
			t.Errorf("%s (%s): we take it too", d.name, d.why)
		}
	}
}

func TestGoodPacketsAreTakenByBoth(t *testing.T) {
	for _, p := range goodPackets {
		r := bytes.NewReader(p.data)
		if _, _, err := decode(r); err != nil || r.Len() > 0 {
			t.Errorf("%s: %v, %d bytes left", p.name, err, r.Len())
		}
		agree(t, p.data)
	}
}
