package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// maxSessions bounds the memory of sessions. Only who knows a password makes
// one, so it is far away.
const maxSessions = 1000

// memory keeps sessions: scs.Store. A file carries them over an orderly
// restart; it holds hashes of tokens, so whoever reads it cannot come in.
type memory struct {
	now  func() time.Time
	mu   sync.Mutex
	kept map[string]kept
}

// kept is a session, or without data the mark that it was ended: a request
// that was under way then must not bring it back.
type kept struct {
	Data []byte    `json:"data"`
	Ends time.Time `json:"ends"`
}

// openMemory reads what save wrote, and takes the file away: after a crash
// nobody comes back into sessions of long ago. Path "": there is no file.
func openMemory(path string) (*memory, error) {
	m := &memory{now: time.Now, kept: map[string]kept{}} // scs counts by time.Now
	if path == "" {
		return m, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		return m, fmt.Errorf("read sessions: %w", err)
	}
	if json.Unmarshal(data, &m.kept) != nil || len(m.kept) > maxSessions {
		m.kept = map[string]kept{} // people sign in again
	}
	return m, nil
}

// save writes the sessions for the next start.
func (m *memory) save(path string) error {
	m.mu.Lock()
	data, err := json.Marshal(m.kept)
	m.mu.Unlock()
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("keep sessions: %w", err)
	}
	return nil
}

// Find is scs.Store's.
func (m *memory) Find(token string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.kept[token]
	return k.Data, k.Data != nil && m.now().Before(k.Ends), nil
}

// Commit is scs.Store's.
func (m *memory) Commit(token string, data []byte, ends time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, known := m.kept[token]
	if known && was.Data == nil {
		return nil
	}
	if !known {
		m.makeRoom()
	}
	m.kept[token] = kept{data, ends}
	return nil
}

// Delete is scs.Store's.
func (m *memory) Delete(token string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.kept[token]; known {
		m.kept[token] = kept{Ends: m.now().Add(time.Minute)}
	}
	return nil
}

// makeRoom drops what is over and, if everything is in use, what ends first.
func (m *memory) makeRoom() {
	first := ""
	for token, k := range m.kept {
		if !m.now().Before(k.Ends) {
			delete(m.kept, token)
			continue
		}
		if first == "" || k.Ends.Before(m.kept[first].Ends) {
			first = token
		}
	}
	if len(m.kept) >= maxSessions {
		delete(m.kept, first)
	}
}
