package rig

import (
	"context"
	"slices"
	"sync"
	"time"

	"ark"
	"ark/agent"
	"ark/hub"
)

// Attachments is where attachments are, on the van (agent.Attachments) and at
// the hub (hub.Attachments), in memory.
type Attachments struct {
	Now func() time.Time

	mu    sync.Mutex
	all   map[ark.Hash]*attachment
	order []ark.Hash // in which the hub heard of them
	sent  int64
}

type attachment struct {
	agent.Owed
	named     bool // a visit does, which is at the hub
	refused   bool // the hub does not know of it all the same
	onVan     bool
	kept      bool // at the hub
	delivered time.Time
	arrived   time.Time
}

var (
	_ agent.Attachments = (*Attachments)(nil)
	_ hub.Attachments   = (*HubAttachments)(nil)
)

// NewAttachments makes a book without any.
func NewAttachments() *Attachments {
	return &Attachments{Now: time.Now, all: map[ark.Hash]*attachment{}}
}

// Name says that a visit which is at the hub names content.
func (b *Attachments) Name(o agent.Owed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.of(o.Content)
	a.Owed, a.named = o, true
}

func (b *Attachments) of(h ark.Hash) *attachment {
	if b.all[h] == nil {
		b.all[h] = &attachment{Owed: agent.Owed{Content: h}}
	}
	return b.all[h]
}

// Arrived is agent.Attachments'.
func (b *Attachments) Arrived(_ context.Context, h ark.Hash, size int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.of(h)
	a.onVan, a.arrived, a.Size = true, b.Now(), size
	return nil
}

// Owed is agent.Attachments'.
func (b *Attachments) Owed(_ context.Context, limit int) (all []agent.Owed, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.all {
		if a.named && a.onVan && a.delivered.IsZero() {
			all = append(all, a.Owed)
		}
	}
	slices.SortFunc(all, func(x, y agent.Owed) int { return int(x.Size - y.Size) })
	return all[:min(limit, len(all))], nil
}

// Delivered is agent.Attachments'.
func (b *Attachments) Delivered(_ context.Context, h ark.Hash) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of(h).delivered = b.Now()
	return nil
}

// Spent is agent.Attachments'.
func (b *Attachments) Spent(_ context.Context, keep time.Duration, limit int) (all []ark.Hash, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for h, a := range b.all {
		old := !a.delivered.IsZero() && b.Now().Sub(a.delivered) >= keep
		orphan := !a.named && b.Now().Sub(a.arrived) >= 7*24*time.Hour
		if a.onVan && (old || orphan) && len(all) < limit {
			all = append(all, h)
		}
	}
	return all, nil
}

// Removed is agent.Attachments'.
func (b *Attachments) Removed(_ context.Context, h ark.Hash) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of(h).onVan = false
	return nil
}

// Where is agent.Attachments'.
func (b *Attachments) Where(_ context.Context, hs []ark.Hash) (map[ark.Hash]agent.Whereabouts, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[ark.Hash]agent.Whereabouts{}
	for _, h := range hs {
		if a := b.all[h]; a != nil {
			all[h] = agent.Whereabouts{OnVan: a.onVan, AtHub: !a.delivered.IsZero()}
		}
	}
	return all, nil
}

// Load is agent.Attachments'.
func (b *Attachments) Load(context.Context) (l agent.Load, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.all {
		if a.onVan && a.delivered.IsZero() {
			l.Files, l.Bytes = l.Files+1, l.Bytes+a.Size
		}
	}
	l.SentToday = b.sent
	return l, nil
}

// Spend is agent.Attachments'.
func (b *Attachments) Spend(_ context.Context, bytes int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent += bytes
	return nil
}

// NextDay forgets what was sent today.
func (b *Attachments) NextDay() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = 0
}

// Hub is the hub's side of the book.
func (b *Attachments) Hub() *HubAttachments { return &HubAttachments{b} }

// HubAttachments is hub.Attachments of the same book.
type HubAttachments struct{ b *Attachments }

// Expected is hub.Attachments'.
func (h *HubAttachments) Expected(_ context.Context, _ ark.VanID, c ark.Hash) (int64, bool, error) {
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	a := h.b.all[c]
	if a == nil || !a.named || a.refused {
		return 0, false, nil
	}
	return a.Size, true, nil
}

// Refuse makes the hub not know, or know again, of a visit that names content.
func (h *HubAttachments) Refuse(c ark.Hash, refused bool) {
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	h.b.of(c).refused = refused
}

// Kept is hub.Attachments'.
func (h *HubAttachments) Kept(_ context.Context, c ark.Hash) error {
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	if a := h.b.of(c); !a.kept {
		a.kept = true
		h.b.order = append(h.b.order, c)
	}
	return nil
}

// Here is hub.Attachments'.
func (h *HubAttachments) Here(_ context.Context, hs []ark.Hash) (map[ark.Hash]bool, error) {
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	all := map[ark.Hash]bool{}
	for _, c := range hs {
		if a := h.b.all[c]; a != nil && a.kept {
			all[c] = true
		}
	}
	return all, nil
}

// Order is in which order they came to the hub.
func (h *HubAttachments) Order() []ark.Hash {
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	return slices.Clone(h.b.order)
}
