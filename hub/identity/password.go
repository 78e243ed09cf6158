package identity

import (
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"ark/hub"
)

// NIST SP 800-63B-4, 3.1.1.2, asks for 15 characters where a password is all
// that is asked, and for 8 where there is a second factor. So does the hub:
// whoever finds 15 too many turns on a second factor, or signs in with a
// passkey and types nothing. No rule says of which kinds the characters are.
const (
	passwordAlone = 15
	passwordWith  = 8
	mostPassword  = 256 // characters
)

// RFC 9106, 4, second recommended option, with less memory and more passes:
// four people may sign in at once on a small hub.
const (
	argonTime    = 3
	argonMemory  = 64 << 10 // KiB
	argonThreads = 2
)

// verifier is an argon2id hash (RFC 9106) with its parameters.
type verifier struct {
	Salt    []byte `json:"salt"`
	Hash    []byte `json:"hash"`
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory"` // KiB
	Threads uint8  `json:"threads"`
}

func newVerifier(password string, v verifier) verifier {
	v.Salt = make([]byte, 16)
	rand.Read(v.Salt)
	v.Hash = v.hash(password)
	return v
}

func (v verifier) hash(password string) []byte {
	return argon2.IDKey([]byte(password), v.Salt, v.Time, v.Memory, v.Threads, 32)
}

// fits tells whether this is the password; as typed first, as it was kept by
// hubs that did not know of the many ways to write one character.
func (v verifier) fits(password string) bool {
	same := func(s string) bool { return subtle.ConstantTimeCompare(v.hash(s), v.Hash) == 1 }
	plain := norm.NFKC.String(password)
	return same(plain) || plain != password && same(password)
}

var b64 = base64.RawStdEncoding

// String is the PHC string format.
func (v verifier) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, v.Memory, v.Time, v.Threads, b64.EncodeToString(v.Salt), b64.EncodeToString(v.Hash))
}

// parseVerifier reads what String wrote, within bounds: it comes from a
// database that somebody may have changed.
func parseVerifier(s string) (v verifier, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return v, errors.New("read password: not an argon2id hash")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &v.Memory, &v.Time, &v.Threads); err != nil {
		return v, fmt.Errorf("read password: %w", err)
	}
	if v.Salt, err = b64.DecodeString(parts[4]); err == nil {
		v.Hash, err = b64.DecodeString(parts[5])
	}
	if err != nil || v.Memory == 0 || v.Memory > 1<<20 || v.Time == 0 || v.Time > 64 || v.Threads == 0 || len(v.Hash) != 32 {
		return v, errors.New("read password: its hash makes no sense")
	}
	return v, nil
}

// commonest are the 5,000 passwords of 8 characters or more that were found
// most often where passwords were stolen: from zxcvbn-ts 4.1.3
// (@zxcvbn-ts/language-common, MIT licence), the order kept.
//
//go:embed commonest.txt
var commonest string

var common = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(commonest) {
		all[word] = true
	}
	return all
})

// judge tells whether a password may be used: long is whether it is long
// enough to be all that is asked.
func judge(name, password string, second bool) (long bool, err error) {
	plain := norm.NFKC.String(password)
	n, least := utf8.RuneCountInString(plain), least(second)
	bad := func(why string) (bool, error) { return false, fmt.Errorf("%w: %s", hub.ErrPassword, why) }
	switch {
	case !utf8.ValidString(password) || n < least || n > mostPassword:
		return bad(fmt.Sprintf("%d characters, %d to %d are needed", n, least, mostPassword))
	case wellKnown(name, plain):
		return bad("everybody would try it")
	}
	return n >= passwordAlone, nil
}

func least(second bool) int {
	if second {
		return passwordWith
	}
	return passwordAlone
}

// wellKnown tells a password that comes to everybody's mind: one of the
// commonest, also repeated, a run along the keyboard, or the name of the
// account or of this program with next to nothing added.
func wellKnown(name, password string) bool {
	s := strings.ToLower(password)
	if common()[s] {
		return true
	}
	for n := 1; n <= len(s)/2; n++ { // a word again and again
		if word := s[:n]; strings.Repeat(word, len(s)/n+1)[:len(s)] == s && (n < passwordWith || len(s)/n > 2 || common()[word]) {
			return true
		}
	}
	for _, row := range [...]string{"01234567890123456789012345", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm"} {
		if strings.Contains(row, s) || strings.Contains(backwards(row), s) {
			return true
		}
	}
	rest := s
	for _, word := range [...]string{strings.ToLower(norm.NFKC.String(name)), "serviceark", "ark-hub", "arkhub", "服务方舟", "password", "mima"} {
		if len(word) > 2 {
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	return rest != s && utf8.RuneCountInString(rest) < 6
}

func backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// NewPassword makes a password of 16 letters and digits in groups of four:
// 80 bits.
func NewPassword() string { return newWord(16) }

// newWord makes a word of letters and digits in groups of four, without those
// that look alike: five bits each.
func newWord(length int) string {
	const letters = "abcdefghijkmnpqrstuvwxyz23456789"
	b := make([]byte, length)
	rand.Read(b)
	out := make([]byte, 0, length+length/4)
	for i, c := range b {
		if i > 0 && i%4 == 0 {
			out = append(out, '-')
		}
		out = append(out, letters[int(c)%len(letters)])
	}
	return string(out)
}
