package console

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"time"

	"ark"
	"ark/hub"
)

// Bounds of what is being edited and not saved yet.
const (
	maxDrafts    = 4             // announcements that one session edits
	maxTakes     = 10            // recordings that one session made and did not save
	maxTakeBytes = 1 << 30       // of all sessions together
	draftLife    = 1 * time.Hour // after its last use
)

// take is a recording that was made and belongs to no edition yet. Its file
// has no name: nothing is left of it when the hub ends.
type take struct {
	ark.Recording
	Made hub.Take // without its samples
	file *os.File
}

// newTake keeps what the studio made, on the disk of a folder.
func newTake(dir string, t hub.Take, l ark.Language) (*take, error) {
	file, err := nameless(dir)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	size, err := writeWAV(io.MultiWriter(file, sum), t.Samples)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("keep a take: %w", err)
	}
	k := &take{Made: t, file: file, Recording: ark.Recording{Language: l, Content: ark.Hash(sum.Sum(nil)),
		Frames: int64(len(t.Samples)), Size: size, Loudness: hundredths(t.Loudness), Peak: hundredths(t.Peak), Machine: t.Machine}}
	k.Made.Samples = nil
	return k, nil
}

func hundredths(x float64) int { return int(math.Round(x * 100)) }

// open reads a take; it may be read by several at once.
func (t *take) open() io.ReadSeeker { return io.NewSectionReader(t.file, 0, t.Size) }

// nameless is a temporary file on the disk of a folder, in which it is no
// more.
func nameless(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "ark-take-")
	if err == nil {
		err = os.Remove(file.Name())
	}
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	return file, nil
}

// slot is one language of an announcement that is being edited.
type slot struct {
	Language ark.Language
	Was      *ark.Recording // in the edition that the draft began with
	Now      *ark.Recording // what would be saved; nil: none
	Taken    *take          // where Now comes from, if it is new
	Offered  *take          // just made: somebody listens, and then takes it or not
	Trouble  string         // a Refused word; or why it failed here: "ours", "takes"
	Detail   string         // for a technician
	Text     string         // what the synthesiser was asked to say
	Trim     bool
}

// drop lets go of a slot's takes.
func (s *slot) drop(also ...**take) {
	for _, t := range also {
		if *t != nil {
			(*t).file.Close()
			*t = nil
		}
	}
}

// draft is an announcement that a session is editing.
type draft struct {
	mu    sync.Mutex // held while a form of it is worked on
	Key   string
	Form  editForm
	From  int // the version that it began with; 0: it is new
	Slots []*slot
	Fault *fault       // of its last form
	Their *hub.Edition // somebody else saved this meanwhile
	gone  bool         // it was dropped while somebody waited for it

	owner string
	used  time.Time
}

// slot finds a language's.
func (d *draft) slot(l ark.Language) *slot {
	for _, s := range d.Slots {
		if s.Language == l {
			return s
		}
	}
	return nil
}

// takes counts recordings that are not saved, and their bytes.
func (d *draft) takes() (n int, size int64) {
	for _, s := range d.Slots {
		for _, t := range []*take{s.Taken, s.Offered} {
			if t != nil {
				n, size = n+1, size+t.Size
			}
		}
	}
	return n, size
}

// Count is how many recordings are not saved.
func (d *draft) Count() int {
	n, _ := d.takes()
	return n
}

// recordings are what would be saved.
func (d *draft) recordings() (all []ark.Recording) {
	for _, s := range d.Slots {
		if s.Now != nil {
			all = append(all, *s.Now)
		}
	}
	return all
}

// close lets go of everything.
func (d *draft) close() {
	d.gone = true
	for _, s := range d.Slots {
		s.drop(&s.Taken, &s.Offered)
	}
}
