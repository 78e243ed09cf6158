package forgetfs

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"ark/internal/skip"
)

func mount(t *testing.T) (f *FS, dir, backing string) {
	t.Helper()
	skip.WithoutRoot(t)
	dir, backing = t.TempDir(), t.TempDir()
	f, err := Mount(dir, backing)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.server.Unmount() })
	return f, dir, backing
}

func TestForgetsWhatWasNotFsynced(t *testing.T) {
	for seed := range uint64(8) {
		f, dir, backing := mount(t)
		file, err := os.Create(filepath.Join(dir, "a"))
		if err != nil {
			t.Fatal(err)
		}
		safe := bytes.Repeat([]byte("safe"), 1024)
		write(t, file, safe, 0)
		if err := file.Sync(); err != nil {
			t.Fatal(err)
		}
		write(t, file, bytes.Repeat([]byte("gone"), 1024), 0)
		for i := range 20 {
			write(t, file, make([]byte, 700), int64(4096+i*700))
		}
		file.Close()
		_, lost, err := f.Forget(rand.New(rand.NewPCG(seed, 1)))
		if err != nil || lost == 0 {
			t.Fatalf("seed %d: lost %d of 21 writes, %v", seed, lost, err)
		}
		got, err := os.ReadFile(filepath.Join(backing, "a"))
		if err != nil || len(got) < len(safe) {
			t.Fatalf("seed %d: %d bytes left, %v; at least the fsynced %d must be there", seed, len(got), err, len(safe))
		}
		for s := 0; s < len(safe); s += sector {
			if b := string(got[s : s+4]); b != "safe" && b != "gone" {
				t.Fatalf("seed %d: sector at %d holds %q: neither old nor new", seed, s, b)
			}
		}
	}
}

func TestFsyncedStays(t *testing.T) {
	f, dir, backing := mount(t)
	file, err := os.Create(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, []byte("kept"), 0)
	if err := file.Sync(); err != nil {
		t.Fatal(err)
	}
	file.Close()
	if _, lost, err := f.Forget(rand.New(rand.NewPCG(1, 1))); err != nil || lost != 0 {
		t.Fatal(lost, err)
	}
	if got, _ := os.ReadFile(filepath.Join(backing, "a")); string(got) != "kept" {
		t.Fatalf("got %q", got)
	}
}

func TestTruncationIsForgottenToo(t *testing.T) {
	lost := false
	for seed := range uint64(8) {
		f, dir, backing := mount(t)
		file, err := os.Create(filepath.Join(dir, "a"))
		if err != nil {
			t.Fatal(err)
		}
		write(t, file, make([]byte, 4096), 0)
		file.Sync()
		if err := file.Truncate(0); err != nil {
			t.Fatal(err)
		}
		file.Close()
		if _, _, err := f.Forget(rand.New(rand.NewPCG(seed, 1))); err != nil {
			t.Fatal(err)
		}
		st, err := os.Stat(filepath.Join(backing, "a"))
		lost = lost || (err == nil && st.Size() == 4096)
	}
	if !lost {
		t.Fatal("no cut undid the truncation")
	}
}

func TestFrozenDiskFails(t *testing.T) {
	f, dir, _ := mount(t)
	file, err := os.Create(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	f.Freeze()
	if _, err := file.Write([]byte("x")); err == nil {
		t.Fatal("a frozen disk took a write")
	}
}

func TestFailingDiskReadsOn(t *testing.T) {
	f, dir, _ := mount(t)
	file, err := os.Create(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	write(t, file, []byte("old"), 0)
	f.Failing.Store(true)
	if _, err := file.WriteAt([]byte("new"), 0); err == nil || file.Sync() == nil {
		t.Fatal("a failing disk took a write, or kept it")
	}
	if got, err := os.ReadFile(file.Name()); err != nil || string(got) != "old" {
		t.Fatalf("read %q, %v", got, err)
	}
	f.Failing.Store(false)
	write(t, file, []byte("new"), 0)
	if err := file.Sync(); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, f *os.File, data []byte, off int64) {
	t.Helper()
	if _, err := f.WriteAt(data, off); err != nil {
		t.Fatal(err)
	}
}
