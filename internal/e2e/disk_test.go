package e2e

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"ark/internal/forgetfs"
	"ark/internal/skip"
)

// disk is a disk whose power can be cut. This process must not look into dir
// while it is mounted (it serves it), only into backing, and there only when
// it is not.
type disk struct {
	t            testing.TB
	dir, backing string
	fs           *forgetfs.FS // nil: not mounted
	cuts         int
	atRisk, lost int // writes not fsynced at a cut, and those of them that were undone
}

// newDisk makes a disk, as only root can.
func newDisk(t testing.TB) *disk {
	t.Helper()
	skip.WithoutRoot(t)
	d := &disk{t: t, dir: t.TempDir(), backing: t.TempDir()}
	t.Cleanup(func() { // after the programs on it have ended
		if d.fs != nil {
			d.fs.Unmount()
		}
	})
	return d
}

func (d *disk) mount() {
	d.t.Helper()
	var err error
	if d.fs, err = forgetfs.Mount(d.dir, d.backing); err != nil {
		d.t.Fatal(err)
	}
}

func (d *disk) unmount() {
	d.t.Helper()
	if err := d.fs.Unmount(); err != nil {
		d.t.Fatal(err)
	}
	d.fs = nil
}

// cut takes the power away from the disk and the program on it.
func (d *disk) cut(p *program, rng *rand.Rand) {
	d.t.Helper()
	d.fs.Freeze()
	select {
	case <-p.ended: // a program may say that its disk is gone
	default:
		p.kill()
	}
	atRisk, lost, err := d.fs.Forget(rng)
	if err != nil {
		d.t.Fatal(err)
	}
	d.fs = nil
	d.cuts, d.atRisk, d.lost = d.cuts+1, d.atRisk+atRisk, d.lost+lost
}

// report prints the counts, and insists that the cuts really hurt.
func (d *disk) report(t *testing.T, rows ...[2]string) {
	t.Helper()
	table(t, append([][2]string{
		{"power cuts", fmt.Sprint(d.cuts)},
		{"writes not fsynced when the power went", fmt.Sprint(d.atRisk)},
		{"of them undone, wholly or in part", fmt.Sprint(d.lost)},
		{"chance of a loss per cut", bound(d.cuts)},
	}, rows...))
	if d.lost == 0 {
		t.Error("no cut undid a write: these cuts prove nothing")
	}
}
