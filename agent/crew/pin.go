package crew

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Bounds of a PIN's verifier. The hub makes them with 19 MB, 2 passes and one
// lane (OWASP Password Storage Cheat Sheet, argon2id); what asks for far more
// than that is a mistake, and would cost the van its memory.
const (
	mostMemory = 64 << 10 // KiB
	mostPasses = 10
	mostLanes  = 4
)

var errVerifier = errors.New("PIN verifier: not one that this van can use")

// argon is a verifier taken apart.
type argon struct {
	memory, passes uint32
	lanes          uint8
	salt, want     []byte
}

// readVerifier reads a verifier in the PHC string format.
func readVerifier(text string) (a argon, err error) {
	var version, memory, passes, lanes int
	part := strings.Split(text, "$")
	if len(part) != 6 || part[1] != "argon2id" {
		return a, errVerifier
	}
	if _, err := fmt.Sscanf(part[2]+" "+part[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes); err != nil {
		return a, errVerifier
	}
	if a.salt, err = base64.RawStdEncoding.DecodeString(part[4]); err != nil {
		return a, errVerifier
	}
	if a.want, err = base64.RawStdEncoding.DecodeString(part[5]); err != nil || len(a.want) < 16 || len(a.want) > 64 {
		return a, errVerifier
	}
	if version != argon2.Version || lanes < 1 || lanes > mostLanes || memory < 8*lanes || memory > mostMemory || passes < 1 || passes > mostPasses {
		return a, errVerifier
	}
	a.memory, a.passes, a.lanes = uint32(memory), uint32(passes), uint8(lanes)
	return a, nil
}

// fits computes argon2id (RFC 9106) of a PIN as its verifier says. The hashes
// are compared in constant time.
func (a argon) fits(pin string) bool {
	have := argon2.IDKey([]byte(pin), a.salt, a.passes, a.memory, a.lanes, uint32(len(a.want)))
	return subtle.ConstantTimeCompare(have, a.want) == 1
}
