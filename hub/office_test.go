package hub_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/hub/blobs"
	"ark/hub/store"
)

// bureau is an office with a real store and real blobs.
type bureau struct {
	t     *testing.T
	store *store.Store
	blobs *blobs.Dir
	book  *book

	mu       sync.Mutex
	admitted []ark.VanID
}

// book counts what stands and is ordered, and may fail.
type book struct {
	*store.Store
	mu     sync.Mutex
	broken error
	asked  int
	orders []string
	sent   []ark.VanID // order journals that grew elsewhere
}

func (k *book) Stand(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) ([]ark.VanID, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked++
	if k.broken != nil {
		return nil, k.broken
	}
	given, err := k.Store.Stand(ctx, vans, kind, body)
	for _, van := range given {
		k.orders = append(k.orders, string(van)+" "+kind.String())
	}
	return given, err
}

func (k *book) Order(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) ([]ark.ID, error) {
	ids, err := k.AppendOrders(ctx, vans, kind, body)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.orders = append(k.orders, kind.String())
	return ids, err
}

// appended is told of what was put into an order journal elsewhere.
func (k *book) appended(van ark.VanID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sent = append(k.sent, van)
}

// taken tells what was ordered since it was last asked.
func (k *book) taken() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := k.orders
	k.orders = nil
	return all
}

func (b *bureau) list() []ark.VanID {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.admitted)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newBureau(t *testing.T, vans ...ark.VanID) *bureau {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "hub.db"), func(r []byte) { rand.Read(r) }, time.Now)
	must(t, err)
	t.Cleanup(func() { s.Close() })
	d, err := blobs.Open(t.TempDir(), time.Now)
	must(t, err)
	return &bureau{t: t, store: s, blobs: d, book: &book{Store: s}, admitted: vans}
}

func (b *bureau) office() *hub.Office {
	return hub.NewOffice(hub.OfficeConfig{Library: b.store, Plans: b.store, Blobs: b.blobs, Standing: b.book, Commander: b.book, Watch: b.store,
		Roster: b.store, Register: b.store, Reviews: b.store, Appended: b.book.appended, Admitted: b.list, Log: slog.New(slog.NewTextHandler(b.t.Output(), nil))})
}

func (b *bureau) edition(from int) {
	b.t.Helper()
	_, err := b.store.AddEdition(b.t.Context(), ark.Announcement{ID: "a", Title: ark.Text{Zh: "甲"}, GapMillis: from}, from, "lin")
	must(b.t, err)
}

// settle lets the office look, as an order does, and tells what came of it.
func (b *bureau) settle(o *hub.Office) []string {
	b.t.Helper()
	_, err := o.Order(b.t.Context(), nil, ark.KindStop, ark.Stop{})
	must(b.t, err)
	all := b.book.taken()
	return all[:len(all)-1]
}

func (b *bureau) want(what string, got []string, want ...string) {
	b.t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		b.t.Errorf("%s: ordered %q, want %q", what, got, want)
	}
}

func TestEachVanIsGivenWhatItLacks(t *testing.T) {
	b := newBureau(t, "van-1", "van-2")
	o := b.office()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); o.Run(ctx) }()
	defer func() { cancel(); <-done }()
	b.edition(0)
	all := func() []string { // what Run and settle came to between them
		return b.settle(o)
	}
	first := all()
	for _, order := range []string{"van-1 library", "van-2 library", "van-1 plan", "van-2 plan"} {
		if !slices.Contains(first, order) {
			t.Errorf("%s was not ordered: %q", order, first)
		}
	}
	if len(first) != 4 {
		t.Errorf("ordered %q: nobody has set settings", first)
	}
	b.want("nothing changed", all())
	row := hub.PlanRow{PlanItem: ark.PlanItem{ID: ark.NewID(1, [10]byte{1}), Announcement: "a", Weekdays: 1}, Vans: []ark.VanID{"van-2"}}
	must(t, b.store.SetPlanRow(t.Context(), row))
	b.want("one van's plan", all(), "van-2 plan")
	s := ark.DefaultSettings()
	s.Emergency = 900
	must(t, b.store.SetSettings(t.Context(), "", &s, "lin"))
	b.want("everybody's settings", all(), "van-1 settings", "van-2 settings")
	b.mu.Lock()
	b.admitted = append(b.admitted, "van-3")
	b.mu.Unlock()
	b.want("a new van", all(), "van-3 library", "van-3 plan", "van-3 settings")
	b.edition(1)
	b.want("an edition", all(), "van-1 library", "van-2 library", "van-3 library")
	b.want("a hub that starts again", b.settle(b.office()))
}

// An order to play what was just saved follows the order for it.
func TestThePlayComesAfterItsLibrary(t *testing.T) {
	b := newBureau(t, "van-1")
	o := b.office()
	b.edition(0)
	_, err := o.Order(t.Context(), []ark.VanID{"van-1"}, ark.KindPlayNow, ark.PlayNow{Announcement: "a"})
	must(t, err)
	if got := b.book.taken(); len(got) != 3 || got[0] != "van-1 library" || got[2] != "play-now" {
		t.Errorf("ordered %q", got)
	}
}

// No library is ordered whose manifest vans cannot fetch.
func TestTheManifestIsKeptBeforeItIsOrdered(t *testing.T) {
	b := newBureau(t, "van-1")
	b.edition(0)
	l, _, _, err := b.store.Library(t.Context())
	must(t, err)
	if _, err := b.blobs.Open(l.Manifest); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("before: %v", err)
	}
	b.settle(b.office())
	kept, err := b.blobs.Open(l.Manifest)
	must(t, err)
	defer kept.Close()
	data, err := io.ReadAll(kept)
	if err != nil || ark.HashOf(data) != l.Manifest || kept.Size() != l.Size {
		t.Errorf("kept %d bytes, %v", len(data), err)
	}
}

// What failed is done again, without anybody asking.
func TestAnOfficeTriesAgain(t *testing.T) {
	b := newBureau(t, "van-1")
	b.edition(0)
	b.book.broken = errors.New("planted")
	o := b.office()
	if got := b.settle(o); len(got) != 0 {
		t.Fatalf("ordered %q", got)
	}
	b.book.mu.Lock()
	b.book.broken = nil
	b.book.mu.Unlock()
	b.want("mended", b.settle(o), "van-1 library", "van-1 plan")
}

// Run notices by itself.
func TestAnOfficeNotices(t *testing.T) {
	b := newBureau(t, "van-1")
	o := b.office()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); o.Run(ctx) }()
	defer func() { cancel(); <-done }()
	ordered := make(chan struct{}, 99)
	defer b.store.Changes(func(c hub.Change) {
		if c.Orders {
			ordered <- struct{}{}
		}
	})()
	b.edition(0)
	for held := false; !held; {
		<-ordered
		orders, err := b.store.Orders(t.Context(), hub.Everything, hub.Page{Limit: 9})
		must(t, err)
		held = slices.ContainsFunc(orders, func(o hub.Order) bool { return o.Kind == ark.KindLibrary })
	}
}
