package sound

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"ark"
)

// file is one recording in the library's folder. It is looked at once, before
// it is first needed, and mapped into memory, so that a press waits for no
// disk.
type file struct {
	path string
	hash ark.Hash

	mu     sync.Mutex // held while it is looked at
	looked bool
	blind  bool // it could not be opened just now, which says nothing of it
	lent
	why   string // not empty: there are no samples
	whole bool   // it is what its name says
}

// lent is samples for as long as somebody has them.
type lent struct {
	samples []byte
	of      *mapping // what they are a part of; nil: of the heap
}

// mapping is a file in memory. It is unmapped when nobody has it any more:
// neither a library nor a program that sounds.
type mapping struct{ data []byte }

func newMapping(data []byte) *mapping {
	m := &mapping{data}
	runtime.AddCleanup(m, func(data []byte) { unix.Munmap(data) }, data)
	return m
}

// take gives the samples, or says why there are none.
func (f *file) take() (lent, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.looked {
		f.look()
		f.looked = !f.blind
	}
	return f.lent, f.why
}

// verified tells whether the file is what its name says.
func (f *file) verified() bool {
	f.take()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.whole
}

// bad tells whether the file is known not to be what its name says.
func (f *file) bad() bool {
	f.take()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.why == ark.WhyDamaged && !f.blind
}

// look maps the file and checks it.
func (f *file) look() {
	data, why, err := mapFile(f.path)
	f.why, f.blind = why, err != nil && !errors.Is(err, fs.ErrNotExist)
	if why != "" {
		return
	}
	m := newMapping(data)
	defer runtime.KeepAlive(m)
	read := reading(func() {
		if f.whole = ark.HashOf(data) == f.hash; f.whole {
			f.samples, err = parseWAV(data)
		}
	})
	if !read || err != nil || !f.whole {
		f.whole, f.samples, f.why = read && f.whole, nil, ark.WhyDamaged
		return
	}
	unix.Madvise(data, unix.MADV_DONTNEED) // it stays in the page cache and is not counted as ours until it sounds
	f.of = m
}

// mapFile maps a file, or says why there is nothing to map; err: it could not
// be opened or looked at.
func mapFile(path string) (data []byte, why string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, ark.WhyMissing, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, ark.WhyDamaged, err
	}
	if st.Size() == 0 || st.Size() > 2*ark.MaxRecordingFrames+1<<16 {
		return nil, ark.WhyDamaged, nil
	}
	data, err = unix.Mmap(int(f.Fd()), 0, int(st.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, ark.WhyDamaged, err
	}
	return data, "", nil
}
