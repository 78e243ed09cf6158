package hostile

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"ark"
)

// Hub is what a link under test hands things to: hub.Gate and hub.Arrivals.
type Hub struct {
	Came    chan Arrival
	Changes chan string                               // "van-1true", "van-1false"
	Handle  func(van ark.VanID, payload []byte) error // instead of Came, if set before vans come

	mu      sync.Mutex
	revoked map[string]bool
	here    map[ark.VanID]bool
	wrong   []string
}

// Arrival is one message that came.
type Arrival struct {
	Van     ark.VanID
	Channel ark.Channel
	Payload string
}

// NewHub makes one that admits everybody.
func NewHub() *Hub {
	return &Hub{revoked: map[string]bool{}, here: map[ark.VanID]bool{}, Came: make(chan Arrival, 1000), Changes: make(chan string, 10_000)}
}

// Admit is hub.Gate's.
func (h *Hub) Admit(_ ark.VanID, serial string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.revoked[serial]
}

// Revoke strikes a certificate off.
func (h *Hub) Revoke(serial string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.revoked[serial] = true
}

// Arrived is hub.Arrivals'.
func (h *Hub) Arrived(_ context.Context, van ark.VanID, c ark.Channel, payload []byte) error {
	if h.Handle != nil {
		return h.Handle(van, payload)
	}
	h.Came <- Arrival{van, c, string(payload)}
	return nil
}

// Present is hub.Arrivals'.
func (h *Hub) Present(van ark.VanID, here bool) {
	h.mu.Lock()
	if h.here[van] == here {
		h.wrong = append(h.wrong, fmt.Sprint(van, here))
	}
	h.here[van] = here
	h.mu.Unlock()
	select {
	case h.Changes <- fmt.Sprint(van, here):
	default:
	}
}

// Wrong lists presence that did not alternate.
func (h *Hub) Wrong() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wrong
}

// Await waits for one change of presence.
func (h *Hub) Await(t testing.TB, want string) {
	t.Helper()
	for got := Receive(t, h.Changes); got != want; got = Receive(t, h.Changes) {
	}
}

// Receive takes what comes within 20 s.
func Receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}
