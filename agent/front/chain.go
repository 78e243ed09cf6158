package front

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// Pair is a certificate chain and its key as PEM files on the card.
type Pair struct{ Cert, Key string }

// State is how a chain stands, in one stable word.
type State string

// The states of a chain.
const (
	Absent  State = "absent"  // no files: there is none
	Broken  State = "broken"  // the files cannot be read, or do not belong together
	Foreign State = "foreign" // for another name than the van's
	NotYet  State = "not-yet" // valid from later on
	Expired State = "expired"
	Good    State = "good"
)

// Judge tells how a chain stands for a name at a time; nil is Absent. Who
// signed it is for the phone to judge: the van has no list of authorities that
// it could keep up to date.
func Judge(c *tls.Certificate, name string, now time.Time) State {
	switch {
	case c == nil:
		return Absent
	case c.Leaf == nil:
		return Broken
	case c.Leaf.VerifyHostname(name) != nil:
		return Foreign
	case now.Before(c.Leaf.NotBefore):
		return NotYet
	case now.After(c.Leaf.NotAfter):
		return Expired
	}
	return Good
}

// Choose is the chain to serve: the public one while it is good by the van's
// best time, since every phone knows its authority; else the house's, whatever
// the time: a van whose clock is wrong may be alone in thinking that it
// expired, and the phone judges by its own. Without a house chain any public
// one is better than none: the phone then says what is wrong with it. nil:
// there is none at all.
func Choose(public, house *tls.Certificate, name string, now time.Time) *tls.Certificate {
	switch {
	case Judge(public, name, now) == Good:
		return public
	case house != nil:
		return house
	}
	return public
}

// files are a pair as it was read. It is read anew when a file is another one
// than before; while the new files cannot be used, the old chain stays: they
// may be half written.
type files struct {
	pair Pair

	mu   sync.Mutex
	seen [2]mark
	cert *tls.Certificate
	err  error
}

// mark tells one content of a file from another.
type mark struct {
	info os.FileInfo
	none bool
}

func markOf(path string) mark {
	st, err := os.Stat(path)
	return mark{st, errors.Is(err, fs.ErrNotExist)}
}

func (m mark) same(other mark) bool {
	if m.info == nil || other.info == nil {
		return m.none && other.none
	}
	return os.SameFile(m.info, other.info) && m.info.Size() == other.info.Size() && m.info.ModTime().Equal(other.info.ModTime())
}

// now is the chain as the files are now; nil: there is none. The error says
// why newer files are not used.
func (f *files) now() (*tls.Certificate, error) {
	if f.pair.Cert == "" {
		return nil, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := [2]mark{markOf(f.pair.Cert), markOf(f.pair.Key)} // before reading: what changes meanwhile is seen the next time
	if seen[0].same(f.seen[0]) && seen[1].same(f.seen[1]) {
		return f.cert, f.err
	}
	f.seen, f.err = seen, nil
	if seen[0].none && seen[1].none { // taken away on purpose
		f.cert = nil
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(f.pair.Cert, f.pair.Key)
	if err != nil {
		f.err = fmt.Errorf("read certificate of the pages: %w", err)
		return f.cert, f.err
	}
	f.cert = &cert
	return f.cert, nil
}

// readRoot reads the certificate that phones install.
func readRoot(path string) (*x509.Certificate, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read certificate for phones: %w", err)
	}
	return parseRoot(data)
}
