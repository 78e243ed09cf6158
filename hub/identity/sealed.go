package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"sync"
	"time"

	"ark/hub"
)

// sealLife is how long a sign-in that has begun may take.
const sealLife = 10 * time.Minute

// sealer hands out what a browser keeps between two steps of signing in, so
// that strangers who begin and never come back cost no memory. Only this
// process can read it; after a restart people begin again.
type sealer struct {
	box cipher.AEAD
	now func() time.Time

	mu   sync.Mutex
	used map[string]time.Time // sealed words that have let somebody in, until when they are good
}

func newSealer(now func() time.Time) *sealer {
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the length of the key is right
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block that GCM wants
	}
	return &sealer{box: box, now: now, used: map[string]time.Time{}}
}

type sealed struct {
	Until time.Time       `json:"until"`
	Value json.RawMessage `json:"value"`
}

// seal makes a word of v that open reads again, for one purpose.
func (s *sealer) seal(purpose string, v any) (string, error) {
	value, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(sealed{s.now().Add(sealLife), value})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.box.Seal(nil, nil, data, []byte(purpose))), nil
}

// open reads a word that was sealed for the purpose, is not over, and was not
// used up: else hub.ErrNotThere.
func (s *sealer) open(purpose, word string, v any) error {
	data, err := base64.RawURLEncoding.Strict().DecodeString(word) // one word for one seal: it is used up by its text
	if err == nil {
		data, err = s.box.Open(nil, nil, data, []byte(purpose))
	}
	var got sealed
	if err != nil || json.Unmarshal(data, &got) != nil || !s.now().Before(got.Until) {
		return hub.ErrNotThere
	}
	s.mu.Lock()
	_, used := s.used[word]
	s.mu.Unlock()
	if used {
		return hub.ErrNotThere
	}
	return json.Unmarshal(got.Value, v)
}

// use uses a word up. False: somebody was faster.
func (s *sealer) use(word string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for w, until := range s.used {
		if !now.Before(until) {
			delete(s.used, w)
		}
	}
	if _, used := s.used[word]; used {
		return false
	}
	s.used[word] = now.Add(sealLife)
	return true
}
