package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ark"
	"ark/internal/uploads"
)

// Place is where a backup is put back.
type Place struct {
	// Database puts the database of the backup in place of the hub's own, which
	// nobody uses meanwhile.
	Database func(ctx context.Context, from string) error
	Blobs    string
	Files    map[string]string // where each file goes, by its name in the backup
}

// Restore checks a backup and puts it back. Content and files that are there
// already stay: content is the same whenever it was made, and a list of
// admitted devices must not forget who was shut out since. It tells which
// files it has kept so.
func (b *Backup) Restore(ctx context.Context, to Place, progress func(Step)) (kept []string, err error) {
	if err := b.Check(ctx, progress); err != nil {
		return nil, err
	}
	if err := b.restoreBlobs(ctx, to.Blobs, progress); err != nil {
		return nil, fmt.Errorf("restore content: %w", err)
	}
	for _, f := range b.m.Files {
		at, wanted := to.Files[f.Name]
		if !wanted {
			continue
		}
		_, _, err := copyFile(ctx, filepath.Join(b.Path(), filepath.FromSlash(f.Name)), at)
		if errors.Is(err, fs.ErrExist) {
			kept = append(kept, f.Name)
			continue
		}
		if err != nil {
			return kept, fmt.Errorf("restore %s: %w", f.Name, err)
		}
	}
	tell(progress).step("database", 0, 0)
	if err := to.Database(ctx, filepath.Join(b.Path(), Database)); err != nil {
		return kept, fmt.Errorf("restore database: %w", err)
	}
	return kept, nil
}

func (b *Backup) restoreBlobs(ctx context.Context, to string, t tell) error {
	from := uploads.Look(filepath.Join(b.folder, blobsFolder))
	places := map[string]*uploads.Folder{}
	for kind, below := range contentFolders {
		f, err := uploads.OpenFolder(filepath.Join(to, below), time.Now)
		if err != nil {
			return err
		}
		places[kind] = f
	}
	n := int64(0)
	return b.eachBlob(func(kind string, h ark.Hash, size int64) error {
		n++
		t.step("blobs", n, int64(b.m.Blobs))
		if whole(ctx, places[kind], h) == nil {
			return nil
		}
		in, err := os.Open(from.File(h))
		if err != nil {
			return err
		}
		defer in.Close()
		_, _, err = places[kind].Put(ctx, in, size)
		return err
	})
}
