package console

import (
	"sync"
	"time"
)

// maxSessions bounds the memory of sessions. Only who knows a password makes
// one, so it is far away.
const maxSessions = 1000

// memory keeps sessions: scs.Store. They end with the program.
type memory struct {
	now  func() time.Time
	mu   sync.Mutex
	kept map[string]kept
}

// kept is a session, or without data the mark that it was ended: a request
// that was under way then must not bring it back.
type kept struct {
	data []byte
	ends time.Time
}

// Find is scs.Store's.
func (m *memory) Find(token string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.kept[token]
	return k.data, k.data != nil && m.now().Before(k.ends), nil
}

// Commit is scs.Store's.
func (m *memory) Commit(token string, data []byte, ends time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, known := m.kept[token]
	if known && was.data == nil {
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
		m.kept[token] = kept{ends: m.now().Add(time.Minute)}
	}
	return nil
}

// makeRoom drops what is over and, if everything is in use, what ends first.
func (m *memory) makeRoom() {
	first := ""
	for token, k := range m.kept {
		if !m.now().Before(k.ends) {
			delete(m.kept, token)
			continue
		}
		if first == "" || k.ends.Before(m.kept[first].ends) {
			first = token
		}
	}
	if len(m.kept) >= maxSessions {
		delete(m.kept, first)
	}
}
