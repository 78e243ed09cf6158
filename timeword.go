package ark

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
)

// TimeWord is the hub's signed word of what time it is. The nonce is the
// van's own of a moment ago, so that an old word cannot be played again.
type TimeWord struct {
	Nonce     [8]byte   `cbor:"1,keyasint"`
	Wall      UnixMilli `cbor:"2,keyasint"`
	Signature []byte    `cbor:"3,keyasint"` // Ed25519 (RFC 8032), 64 bytes
}

// ErrTimeWord says that a word of time is not the hub's, or not for this van.
var ErrTimeWord = errors.New("word of time: the signature does not fit")

func timeWords(van VanID, nonce [8]byte, wall UnixMilli) []byte {
	b := append([]byte("ark time 1\x00"), van...)
	b = append(append(b, 0), nonce[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(wall))
}

// SignTime makes a word of time for a van.
func SignTime(key ed25519.PrivateKey, van VanID, nonce [8]byte, wall UnixMilli) TimeWord {
	return TimeWord{nonce, wall, ed25519.Sign(key, timeWords(van, nonce, wall))}
}

// Verify tells whether the word is the hub's, for this van.
func (w TimeWord) Verify(key ed25519.PublicKey, van VanID) error {
	if len(key) != ed25519.PublicKeySize || len(w.Signature) != ed25519.SignatureSize ||
		!ed25519.Verify(key, timeWords(van, w.Nonce, w.Wall), w.Signature) {
		return ErrTimeWord
	}
	return nil
}
