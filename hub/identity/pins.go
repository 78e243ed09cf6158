package identity

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"ark/hub"
)

// A PIN is verified on a van's small computer, thus the second recommendation
// of OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane. So
// short a secret is guarded by the tries that a van allows, not by this.
const (
	pinMemory = 19456 // KiB
	pinTime   = 2
	pinLanes  = 1
)

// HashPIN makes the verifier of a crew member's PIN, argon2id (RFC 9106) in
// the PHC string format, with a salt of its own. A PIN is 4 to 8 digits and
// not one that comes to everybody's mind: one digit repeated, or digits in
// their order; else hub.ErrPIN.
func HashPIN(pin string) (string, error) {
	if len(pin) < 4 || len(pin) > 8 || strings.Trim(pin, "0123456789") != "" || easy(pin) {
		return "", fmt.Errorf("hash PIN: %w", hub.ErrPIN)
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	hash := argon2.IDKey([]byte(pin), salt, pinTime, pinMemory, pinLanes, 32)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, pinMemory, pinTime, pinLanes, b64(salt), b64(hash)), nil
}

// easy tells a PIN whose digits go by the same step: 0000, 1234, 8765.
func easy(pin string) bool {
	step := int(pin[1]) - int(pin[0])
	if step < -1 || step > 1 {
		return false
	}
	for i := 1; i < len(pin); i++ {
		if int(pin[i])-int(pin[i-1]) != step {
			return false
		}
	}
	return true
}
