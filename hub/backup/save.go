package backup

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ark"
	"ark/internal/uploads"
)

// Save makes a backup in a folder, while the hub runs. The database comes
// first: the content that it names was there before it. Content that an earlier
// backup brought is not copied again.
func Save(ctx context.Context, folder string, p Parts, at time.Time, progress func(Step)) (*Backup, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("back up: %w", err)
	}
	b := &Backup{folder: folder, name: at.UTC().Format(nameFormat),
		m: manifest{Version: formatVersion, Made: ark.Milli(at), Release: p.Release}}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("back up: %w", err)
	}
	if err := os.Mkdir(b.Path(), 0o700); err != nil {
		return nil, fmt.Errorf("back up: %w", err)
	}
	for _, part := range []func(context.Context, Parts, tell) error{b.saveDatabase, b.saveFiles, b.saveBlobs} {
		if err := part(ctx, p, progress); err != nil {
			return nil, fmt.Errorf("back up: %w", errors.Join(err, os.RemoveAll(b.Path())))
		}
	}
	if err := b.finish(); err != nil {
		return nil, fmt.Errorf("back up: %w", err)
	}
	return b, nil
}

func (b *Backup) saveDatabase(ctx context.Context, p Parts, t tell) error {
	t.step("database", 0, 0)
	to := filepath.Join(b.Path(), Database)
	if err := p.Database(ctx, to); err != nil {
		return err
	}
	if err := syncFile(to); err != nil {
		return err
	}
	return b.note(ctx, Database)
}

// note adds a file that lies in the backup to what belongs to it.
func (b *Backup) note(ctx context.Context, name string) error {
	h, size, err := sum(ctx, filepath.Join(b.Path(), filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	b.m.Files = append(b.m.Files, file{name, size, h})
	return nil
}

func (b *Backup) saveFiles(ctx context.Context, p Parts, t tell) error {
	for i, name := range slices.Sorted(maps.Keys(p.Files)) {
		t.step("files", int64(i), int64(len(p.Files)))
		h, size, err := copyFile(ctx, p.Files[name], filepath.Join(b.Path(), filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			b.m.Left = append(b.m.Left, name)
			continue
		}
		if err != nil {
			return err
		}
		b.m.Files = append(b.m.Files, file{name, size, h})
	}
	return nil
}

// The kinds of content, and where each lies below a hub's folder of it.
var contentFolders = map[string]string{"content": "", "attached": "attached"}

func (b *Backup) saveBlobs(ctx context.Context, p Parts, t tell) error {
	to, err := uploads.OpenFolder(filepath.Join(b.folder, blobsFolder), time.Now)
	if err != nil {
		return err
	}
	list, err := os.OpenFile(filepath.Join(b.Path(), blobsFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer list.Close()
	out := bufio.NewWriter(list)
	for _, kind := range slices.Sorted(maps.Keys(contentFolders)) {
		from := uploads.Look(filepath.Join(p.Blobs, contentFolders[kind]))
		err := from.Each(ctx, func(h uploads.Hash) error {
			size, err := saveBlob(ctx, from, to, h)
			if errors.Is(err, fs.ErrNotExist) {
				return nil // nothing needs it any more: the hub has just removed it
			}
			if errors.Is(err, errSpoilt) {
				b.m.Damaged = append(b.m.Damaged, h)
				return nil
			}
			if err != nil {
				return err
			}
			b.m.Blobs++
			b.m.Bytes += size
			t.step("blobs", int64(b.m.Blobs), 0)
			_, err = fmt.Fprintln(out, kind, ark.Hash(h), size)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := errors.Join(out.Flush(), list.Sync()); err != nil {
		return err
	}
	return b.note(ctx, blobsFile)
}

// errSpoilt says that the hub's own copy is not what its name says. It is no
// part of the backup, and keeps nothing else from it.
var errSpoilt = errors.New("content has changed")

// saveBlob brings content over that is not there yet, and tells its size.
func saveBlob(ctx context.Context, from, to *uploads.Folder, h uploads.Hash) (int64, error) {
	in, err := from.Open(h)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	if size, there := to.Size(h); there && size == in.Size() {
		return size, nil
	}
	got, size, err := to.Put(ctx, in, in.Size())
	if err != nil {
		return 0, err
	}
	if got != h {
		return 0, errors.Join(errSpoilt, to.Remove(got))
	}
	return size, nil
}

// finish makes a backup of what was copied.
func (b *Backup) finish() error {
	data, err := json.MarshalIndent(b.m, "", "\t")
	if err != nil {
		return err
	}
	to := filepath.Join(b.Path(), manifestFile)
	if err := os.WriteFile(to+".part", data, 0o600); err != nil {
		return err
	}
	if err := syncFile(to + ".part"); err != nil {
		return err
	}
	if err := os.Rename(to+".part", to); err != nil {
		return err
	}
	return errors.Join(syncFolder(b.Path()), syncFolder(b.folder))
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// eachBlob reads the list of content.
func (b *Backup) eachBlob(do func(kind string, h ark.Hash, size int64) error) error {
	f, err := os.Open(filepath.Join(b.Path(), blobsFile))
	if err != nil {
		return err
	}
	defer f.Close()
	for in := bufio.NewReader(f); ; {
		var kind, name string
		var size int64
		_, err := fmt.Fscanln(in, &kind, &name, &size)
		if err == io.EOF {
			return nil
		}
		var h ark.Hash
		if err == nil {
			err = h.UnmarshalText([]byte(name))
		}
		if _, known := contentFolders[kind]; err != nil || !known || size < 0 {
			return fmt.Errorf("%w: %s cannot be read: %w", ErrDamaged, blobsFile, err)
		}
		if err := do(kind, h, size); err != nil {
			return err
		}
	}
}
