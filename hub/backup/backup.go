// Package backup copies what a hub keeps into a folder while the hub runs,
// finds out whether such a copy is whole, and puts it back.
//
// A folder holds one backup a moment, named by it, and beside them the content
// of all of them once: files that are named by their SHA-256 never change.
//
//	blobs/                  content, as a hub keeps it
//	20261126T093000Z/       one backup
//	    backup.json         what belongs to it; written last: without it a backup is none
//	    blobs.txt           the content that belongs to it
//	    hub.db              the database as of one moment
//	    ca/ …               keys and lists
package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ark"
)

// Names in a folder of backups.
const (
	manifestFile = "backup.json"
	blobsFile    = "blobs.txt"
	blobsFolder  = "blobs"
	nameFormat   = "20060102T150405Z"

	// Database is the name of the database in a backup.
	Database = "hub.db"
)

// formatVersion is what this release writes, and the newest that it reads.
const formatVersion = 1

// maxManifest bounds what is read of a backup.json: a few hundred files.
const maxManifest = 1 << 20

// ErrDamaged says that a backup is not what it was when it was made.
var ErrDamaged = errors.New("the backup is damaged")

// Parts are what a hub keeps, and where.
type Parts struct {
	// Database writes the database as of one moment to a file that is not
	// there yet.
	Database func(ctx context.Context, to string) error
	// Blobs is the folder of content. Its files may come while they are copied.
	Blobs string
	// Files are keys and lists: where each lies, by its name in the backup. One
	// that is not there or may not be read is left out, and named.
	Files map[string]string
	// Release is the program's, for who looks at a backup years later.
	Release string
}

// Backup is one backup in a folder of them.
type Backup struct {
	folder string // of all
	name   string
	m      manifest
}

type manifest struct {
	Version int           `json:"version"`
	Made    ark.UnixMilli `json:"made"`
	Release string        `json:"release"`
	Files   []file        `json:"files"` // blobs.txt among them
	Left    []string      `json:"left_out,omitempty"`
	Damaged []ark.Hash    `json:"damaged,omitempty"`
	Blobs   int           `json:"blobs"`
	Bytes   int64         `json:"blob_bytes"`
}

type file struct {
	Name string   `json:"name"` // with slashes, below the backup's folder
	Size int64    `json:"size"`
	Hash ark.Hash `json:"sha256"`
}

// Path is where the backup lies.
func (b *Backup) Path() string { return filepath.Join(b.folder, b.name) }

// Made is when it was begun: what came later may not be in it.
func (b *Backup) Made() time.Time { return b.m.Made.Time() }

// Files are the names of what belongs to it beside content, the database among
// them.
func (b *Backup) Files() (names []string) {
	for _, f := range b.m.Files {
		names = append(names, f.Name)
	}
	return names
}

// Left are the files that were left out because they could not be read.
func (b *Backup) Left() []string { return b.m.Left }

// Damaged is content that was damaged at the hub: an earlier backup may have it
// whole.
func (b *Backup) Damaged() []ark.Hash { return b.m.Damaged }

// Blobs are how many files of content belong to it, and their bytes.
func (b *Backup) Blobs() (n int, bytes int64) { return b.m.Blobs, b.m.Bytes }

// Open opens one backup, path being its own folder.
func Open(path string) (*Backup, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	b := &Backup{folder: filepath.Dir(path), name: filepath.Base(path)}
	f, err := os.Open(filepath.Join(path, manifestFile))
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	if err := json.Unmarshal(data, &b.m); err != nil {
		return nil, fmt.Errorf("open backup: %w: %s: %w", ErrDamaged, manifestFile, err)
	}
	if b.m.Version > formatVersion {
		return nil, fmt.Errorf("open backup: it is of a newer release (%s) than this one", b.m.Release)
	}
	for _, f := range b.m.Files {
		if !fs.ValidPath(f.Name) || !filepath.IsLocal(filepath.FromSlash(f.Name)) { // with a .. in it, what it is below is not where it goes
			return nil, fmt.Errorf("open backup: %w: a file named %q", ErrDamaged, f.Name)
		}
	}
	return b, nil
}

// Step is how far something has come that takes a while.
type Step struct {
	Doing      string // a word: database, files, blobs
	Done, Most int64  // bytes or files; Most 0: not known
}

// tell is a function that may be nil.
type tell func(Step)

func (t tell) step(doing string, done, most int64) {
	if t != nil {
		t(Step{doing, done, most})
	}
}
