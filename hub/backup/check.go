package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ark"
	"ark/internal/uploads"
)

// Check reads all of a backup and holds it against what belongs to it; what is
// wrong is ErrDamaged, and says what.
func (b *Backup) Check(ctx context.Context, progress func(Step)) error {
	for i, f := range b.m.Files {
		tell(progress).step("files", int64(i), int64(len(b.m.Files)))
		h, size, err := sum(ctx, filepath.Join(b.Path(), filepath.FromSlash(f.Name)))
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("check backup: %w: %s is missing", ErrDamaged, f.Name)
		}
		if err != nil {
			return fmt.Errorf("check backup: %w", err)
		}
		if h != f.Hash || size != f.Size {
			return fmt.Errorf("check backup: %w: %s has changed", ErrDamaged, f.Name)
		}
	}
	from, n := uploads.Look(filepath.Join(b.folder, blobsFolder)), int64(0)
	err := b.eachBlob(func(_ string, h ark.Hash, _ int64) error {
		n++
		tell(progress).step("blobs", n, int64(b.m.Blobs))
		return whole(ctx, from, h)
	})
	if err == nil && n != int64(b.m.Blobs) {
		err = fmt.Errorf("%w: %s names %d files, not %d", ErrDamaged, blobsFile, n, b.m.Blobs)
	}
	if err != nil {
		return fmt.Errorf("check backup: %w", err)
	}
	return nil
}

// whole tells whether content is there and is what its name says.
func whole(ctx context.Context, in *uploads.Folder, h ark.Hash) error {
	got, _, err := sum(ctx, in.File(h))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: content %v is missing", ErrDamaged, h)
	case err != nil:
		return err
	case got != h:
		return fmt.Errorf("%w: content %v has changed", ErrDamaged, h)
	}
	return nil
}

// Content holds every file of a hub's folder of content against its name, while
// the hub runs, and names those that are not what they should be.
func Content(ctx context.Context, folder string, progress func(Step)) (bad []ark.Hash, n int64, err error) {
	for _, below := range contentFolders {
		in := uploads.Look(filepath.Join(folder, below))
		err := in.Each(ctx, func(h uploads.Hash) error {
			got, _, err := sum(ctx, in.File(h))
			if errors.Is(err, os.ErrNotExist) {
				return nil // removed meanwhile
			}
			if err != nil {
				return err
			}
			if got != h {
				bad = append(bad, h)
			}
			n++
			tell(progress).step("blobs", n, 0)
			return nil
		})
		if err != nil {
			return bad, n, fmt.Errorf("check content: %w", err)
		}
	}
	return bad, n, nil
}
