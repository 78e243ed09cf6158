package ark

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"

	"github.com/google/uuid"
)

// VanID names a van. It is also the van's MQTT client id, the common name of
// its certificate and a level of its topics, so its alphabet is narrow.
type VanID string

var vanID = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// ParseVanID accepts 1 to 32 of a-z, 0-9 and hyphen.
func ParseVanID(s string) (VanID, error) {
	if !vanID.MatchString(s) {
		return "", fmt.Errorf("van id %q: want 1 to 32 of a-z, 0-9 and -", s)
	}
	return VanID(s), nil
}

// ID identifies one entry, and whatever that entry brought into being (a
// visit, a broadcast, an order), for ever and everywhere. It is a UUIDv7
// (RFC 9562, 5.7): 48 bits of Unix milliseconds, then randomness.
type ID [16]byte

// NewID makes an ID from a time and ten random bytes. Six of the 80 random
// bits are overwritten by version and variant.
func NewID(at UnixMilli, random [10]byte) ID {
	var id ID
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at))
	copy(id[:6], ms[2:])
	copy(id[6:], random[:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Time is the time the ID was made, by the clock of whoever made it.
func (id ID) Time() UnixMilli {
	var ms [8]byte
	copy(ms[2:], id[:6])
	return UnixMilli(binary.BigEndian.Uint64(ms[:]))
}

// String is the usual form of a UUID.
func (id ID) String() string { return uuid.UUID(id).String() }

// IsZero tells an absent ID from a present one.
func (id ID) IsZero() bool { return id == ID{} }

// Compare orders IDs by their bytes, which is by time first.
func (id ID) Compare(other ID) int { return bytes.Compare(id[:], other[:]) }

// MarshalText writes the usual form of a UUID.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *ID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseID(string(text))
	return err
}

// ParseID reads the usual form of a UUID and insists on version 7.
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	if err != nil || len(s) != 36 || u.Version() != 7 {
		return ID{}, fmt.Errorf("id %q: not a UUIDv7", s)
	}
	return ID(u), nil
}

// Incarnation is one life of a journal: a random UUID, new with each SD card,
// each fork and each salvage. Sequence numbers have a meaning only inside it.
type Incarnation [16]byte

// NewIncarnation makes an incarnation of 16 random bytes (UUIDv4).
func NewIncarnation(random [16]byte) Incarnation {
	random[6] = random[6]&0x0f | 0x40
	random[8] = random[8]&0x3f | 0x80
	return Incarnation(random)
}

// String is the usual form of a UUID.
func (i Incarnation) String() string { return uuid.UUID(i).String() }

// IsZero tells an absent incarnation from a present one.
func (i Incarnation) IsZero() bool { return i == Incarnation{} }

// Language is a BCP 47 tag such as cmn-Hans-CN, yue-Hant-HK or en.
type Language string

// BootID tells one run of a van's operating system from another: the first
// eight bytes of Linux's boot_id. Monotonic times compare only inside one.
type BootID [8]byte

// ParseBootID reads /proc/sys/kernel/random/boot_id.
func ParseBootID(s string) (BootID, error) {
	u, err := uuid.Parse(s)
	if err != nil {
		return BootID{}, errors.New("boot id: not a UUID")
	}
	return BootID(u[:8]), nil
}

// String is 16 hexadecimal digits.
func (b BootID) String() string { return hex.EncodeToString(b[:]) }
