// Package forgetfs is a file system for tests that forgets, at a cut, what
// was written and not fsynced, as a disk with a volatile cache does at a
// power cut. It passes everything through to a directory and keeps, for each
// file, how to undo the writes since the file's last fsync. It models data
// and lengths of files; creating, renaming and removing names is durable at
// once.
package forgetfs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// FS is a mounted file system that forgets.
type FS struct {
	backing string
	server  *fuse.Server
	dead    atomic.Bool
	// Lying makes fsync a lie: it answers well and keeps nothing. A harness
	// over a lying disk must see losses, or it proves nothing.
	Lying atomic.Bool
	// Failing makes every write and fsync an I/O error that keeps nothing;
	// reading goes on.
	Failing atomic.Bool

	mu   sync.Mutex
	logs map[string]*undoLog // by backing path
}

// Mount mounts backing at dir; both must exist. It needs root.
func Mount(dir, backing string) (*FS, error) {
	f := &FS{backing: backing, logs: map[string]*undoLog{}}
	var st syscall.Stat_t
	if err := syscall.Stat(backing, &st); err != nil {
		return nil, fmt.Errorf("mount forgetful file system: %w", err)
	}
	root := &fs.LoopbackRoot{Path: backing, Dev: uint64(st.Dev)}
	top := &node{LoopbackNode: fs.LoopbackNode{RootData: root}, fs: f}
	root.RootNode = top
	server, err := fs.Mount(dir, top, &fs.Options{MountOptions: fuse.MountOptions{DirectMountStrict: true, FsName: "forgetfs"}})
	if err != nil {
		return nil, fmt.Errorf("mount forgetful file system: %w", err)
	}
	f.server = server
	return f, nil
}

// Freeze stops the disk: from now on every operation is an I/O error, as
// after the power has gone. What is below stays as it is until Forget.
func (f *FS) Freeze() { f.dead.Store(true) }

// Forget unmounts and undoes a random part of what was not fsynced, at
// random also parts of single writes. Processes that use the mount must have
// ended. It returns how many writes were at risk and how many of them were
// lost, wholly or in part.
func (f *FS) Forget(rng *rand.Rand) (atRisk, lost int, err error) {
	f.Freeze()
	if err := f.Unmount(); err != nil {
		return 0, 0, err
	}
	for path, log := range f.logs {
		n, err := log.undo(path, rng)
		atRisk += len(log.writes)
		lost += n
		if err != nil {
			return atRisk, lost, err
		}
	}
	return atRisk, lost, nil
}

// Unmount ends the file system and loses nothing.
func (f *FS) Unmount() error {
	if err := f.server.Unmount(); err != nil {
		return fmt.Errorf("unmount forgetful file system: %w", err)
	}
	return nil
}

func (f *FS) log(path string) *undoLog {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.logs[path] == nil {
		f.logs[path] = &undoLog{}
	}
	return f.logs[path]
}

// forget drops the log of a file that was removed.
func (f *FS) forget(path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.logs, path)
}

type node struct {
	fs.LoopbackNode
	fs *FS
}

// WrapChild makes every file below one of ours, see fs.NodeWrapChilder.
func (n *node) WrapChild(_ context.Context, below fs.InodeEmbedder) fs.InodeEmbedder {
	return &node{LoopbackNode: fs.LoopbackNode{RootData: below.(*fs.LoopbackNode).RootData}, fs: n.fs}
}

func (n *node) path() string { return filepath.Join(n.fs.backing, n.Path(n.Root())) }

func (n *node) Open(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if n.fs.dead.Load() {
		return nil, 0, syscall.EIO
	}
	h, f, errno := n.LoopbackNode.Open(ctx, flags&^syscall.O_TRUNC)
	if errno != 0 {
		return nil, 0, errno
	}
	wrapped, errno := n.fs.wrap(h, n.path())
	if errno == 0 && flags&syscall.O_TRUNC != 0 {
		if err := wrapped.log.truncate(wrapped.below, 0); err != nil {
			errno = fs.ToErrno(err)
		}
	}
	return wrapped, f, errno
}

func (n *node) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	if n.fs.dead.Load() {
		return nil, nil, 0, syscall.EIO
	}
	inode, h, f, errno := n.LoopbackNode.Create(ctx, name, flags, mode, out)
	if errno != 0 {
		return nil, nil, 0, errno
	}
	wrapped, errno := n.fs.wrap(h, filepath.Join(n.path(), name))
	return inode, wrapped, f, errno
}

func (n *node) Unlink(ctx context.Context, name string) syscall.Errno {
	if n.fs.dead.Load() {
		return syscall.EIO
	}
	n.fs.forget(filepath.Join(n.path(), name))
	return n.LoopbackNode.Unlink(ctx, name)
}

func (n *node) Rename(ctx context.Context, name string, parent fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	if n.fs.dead.Load() {
		return syscall.EIO
	}
	to, ok := parent.(*node)
	if !ok {
		return syscall.EXDEV
	}
	errno := n.LoopbackNode.Rename(ctx, name, &to.LoopbackNode, newName, flags)
	if errno == 0 {
		n.fs.mu.Lock()
		from, dest := filepath.Join(n.path(), name), filepath.Join(to.path(), newName)
		if log := n.fs.logs[from]; log != nil {
			n.fs.logs[dest] = log
			delete(n.fs.logs, from)
		}
		n.fs.mu.Unlock()
	}
	return errno
}

func (f *FS) wrap(h fs.FileHandle, path string) (*file, syscall.Errno) {
	lf, ok := h.(*fs.LoopbackFile)
	if !ok {
		return nil, syscall.ENOTSUP
	}
	below, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fs.ToErrno(err)
	}
	return &file{LoopbackFile: lf, fs: f, log: f.log(path), below: below}, 0
}
