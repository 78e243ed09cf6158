package forgetfs

import (
	"context"
	"os"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// file notes how to undo each write before it passes it on.
type file struct {
	*fs.LoopbackFile
	fs    *FS
	log   *undoLog
	below *os.File
}

// PassthroughFd refuses the kernel's short cut, which would pass us by.
func (f *file) PassthroughFd() (int, bool) { return -1, false }

func (f *file) Read(ctx context.Context, buf []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	if f.fs.dead.Load() {
		return nil, syscall.EIO
	}
	return f.LoopbackFile.Read(ctx, buf, off)
}

func (f *file) Write(_ context.Context, data []byte, off int64) (uint32, syscall.Errno) {
	if f.fs.dead.Load() || f.fs.Failing.Load() {
		return 0, syscall.EIO
	}
	if err := f.log.write(f.below, data, off); err != nil {
		return 0, fs.ToErrno(err)
	}
	return uint32(len(data)), 0
}

func (f *file) Writev(ctx context.Context, data [][]byte, off int64) (uint32, syscall.Errno) {
	var n uint32
	for _, d := range data {
		m, errno := f.Write(ctx, d, off+int64(n))
		n += m
		if errno != 0 {
			return n, errno
		}
	}
	return n, 0
}

func (f *file) Fsync(context.Context, uint32) syscall.Errno {
	if f.fs.dead.Load() || f.fs.Failing.Load() {
		return syscall.EIO
	}
	if !f.fs.Lying.Load() {
		f.log.clear()
	}
	return 0
}

func (f *file) Setattr(ctx context.Context, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if f.fs.dead.Load() || f.fs.Failing.Load() {
		return syscall.EIO
	}
	if size, ok := in.GetSize(); ok {
		if err := f.log.truncate(f.below, int64(size)); err != nil {
			return fs.ToErrno(err)
		}
	}
	return f.LoopbackFile.Setattr(ctx, in, out)
}

func (f *file) Allocate(context.Context, uint64, uint64, uint32) syscall.Errno {
	return syscall.ENOTSUP
}

func (f *file) Release(ctx context.Context) syscall.Errno {
	f.below.Close()
	return f.LoopbackFile.Release(ctx)
}
