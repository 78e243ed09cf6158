package uploads

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Announced is content that somebody means to send.
type Announced struct {
	Owner string // who: 1 to 64 of a-z, 0-9 and -
	Hash  Hash
	Size  int64  // in bytes
	Type  string // its media type, as the sender says; may be empty
}

var ownerName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// part is an upload that is not whole yet. All that is known of it is in the
// name of its file, so that it is gone on with after a power cut:
// part/<owner>/<hash>_<size>_<type>.part. Each owner has its own, so that
// nobody spoils another's.
type part struct {
	Announced
	path string
	have int64     // bytes that came
	at   time.Time // of the last of them
}

func (d *Folder) partPath(a Announced) string {
	name := hex.EncodeToString(a.Hash[:]) + "_" + strconv.FormatInt(a.Size, 10) + "_" + url.PathEscape(a.Type) + ".part"
	return filepath.Join(d.path, partial, a.Owner, name)
}

// parsePart reads the name of a part's file.
func parsePart(owner string, e fs.DirEntry) (p part, ok bool) {
	fields := strings.SplitN(strings.TrimSuffix(e.Name(), ".part"), "_", 3)
	if len(fields) != 3 || !strings.HasSuffix(e.Name(), ".part") {
		return p, false
	}
	h, ok := parseHash(fields[0])
	size, err := strconv.ParseInt(fields[1], 10, 64)
	kind, err2 := url.PathUnescape(fields[2])
	st, err3 := e.Info()
	if !ok || err != nil || err2 != nil || err3 != nil {
		return p, false
	}
	return part{Announced{owner, h, size, kind}, "", st.Size(), st.ModTime()}, true
}

// parts are an owner's uploads, the one that moved last at the end.
func (d *Folder) parts(owner string) (all []part, err error) {
	dir := filepath.Join(d.path, partial, owner)
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range files {
		if p, ok := parsePart(owner, e); ok {
			p.path = filepath.Join(dir, e.Name())
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b part) int { return a.at.Compare(b.at) })
	return all, err
}

// part is an owner's upload of some content; fs.ErrNotExist.
func (d *Folder) part(owner string, h Hash) (part, error) {
	all, err := d.parts(owner)
	if err != nil {
		return part{}, err
	}
	i := slices.IndexFunc(all, func(p part) bool { return p.Hash == h })
	if i < 0 {
		return part{}, fs.ErrNotExist
	}
	return all[i], nil
}

// owners are all who have uploads.
func (d *Folder) owners() (names []string, err error) {
	dirs, err := os.ReadDir(filepath.Join(d.path, partial))
	for _, e := range dirs {
		names = append(names, e.Name())
	}
	return names, err
}

// count is how many uploads there are that are not whole.
func (d *Folder) count() (n int, err error) {
	names, err := d.owners()
	for _, name := range names {
		files, err := os.ReadDir(filepath.Join(d.path, partial, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return n, err
		}
		n += len(files)
	}
	return n, err
}

// begin makes an upload, in place of any of the same content that was
// announced otherwise.
func (d *Folder) begin(a Announced) (part, error) {
	p, err := d.part(a.Owner, a.Hash)
	switch {
	case err == nil && p.Announced == a:
		return p, nil
	case err == nil:
		err = os.Remove(p.path)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	p = part{a, d.partPath(a), 0, d.now()}
	if err == nil {
		err = d.create(p.path)
	}
	if err != nil {
		return p, err
	}
	return p, os.Chtimes(p.path, p.at, p.at)
}

// create makes the file of a part, and its owner's folder, which a sweep may
// be about to remove.
func (d *Folder) create(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// verify makes a whole part durable and reads it back; false: it is something
// else than what was announced.
func (p part) verify() (bool, error) {
	f, err := os.Open(p.path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return false, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return false, err
	}
	return Hash(sum.Sum(nil)) == p.Hash, nil
}

// SweepParts removes uploads of which nothing came for some time, and tells
// how many.
func (d *Folder) SweepParts(age time.Duration) (removed int, err error) {
	names, err := d.owners()
	for _, name := range names {
		all, err := d.parts(name)
		if err != nil {
			return removed, fmt.Errorf("sweep uploads: %w", err)
		}
		for _, p := range all {
			if d.now().Sub(p.at) < age {
				continue
			}
			if err := os.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return removed, fmt.Errorf("sweep uploads: %w", err)
			}
			removed++
		}
		d.mu.Lock()
		os.Remove(filepath.Join(d.path, partial, name)) // if it is empty
		d.mu.Unlock()
	}
	return removed, err
}
