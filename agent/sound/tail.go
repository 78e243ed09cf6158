package sound

import (
	"strings"
	"sync"
)

// tail keeps the last 4 kB of what the loudspeaker process says on its
// standard error: ALSA is talkative, and only its last word matters.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const maxTail = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b...)
	if over := len(t.last) - maxTail; over > 0 {
		t.last = append(t.last[:0], t.last[over:]...)
	}
	return len(b), nil
}

// line is the last line, cut to 200 bytes.
func (t *tail) line() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.last)), "\n")
	last := lines[len(lines)-1]
	if len(last) > 200 {
		last = strings.ToValidUTF8(last[:200], "") + "…"
	}
	return last
}
