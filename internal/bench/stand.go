package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
)

// bench is what the test benches (rig, testca) need of a test: they are used
// here outside of one. The embedded interface is nil: it lends the method
// that cannot be written elsewhere, and no other may be called.
type bench struct {
	testing.TB
	cleanups []func()
}

// unmeasured is what Fatal panics with.
type unmeasured struct{ error }

// measure runs a measurement and cleans up after it.
func measure(f func(*bench) []figure) (figures []figure, err error) {
	b := &bench{}
	defer b.cleanUp()
	defer func() {
		if r := recover(); r != nil {
			failure, ok := r.(unmeasured)
			if !ok {
				panic(r)
			}
			err = failure.error
		}
	}()
	return f(b), nil
}

func (b *bench) cleanUp() {
	for len(b.cleanups) > 0 {
		last := len(b.cleanups) - 1
		f := b.cleanups[last]
		b.cleanups = b.cleanups[:last]
		f()
	}
}

func (b *bench) Helper()                   {}
func (b *bench) Cleanup(f func())          { b.cleanups = append(b.cleanups, f) }
func (b *bench) Context() context.Context  { return context.Background() }
func (b *bench) Skip(args ...any)          { panic(unmeasured{errors.New(fmt.Sprint(args...))}) }
func (b *bench) Skipf(f string, a ...any)  { panic(unmeasured{fmt.Errorf(f, a...)}) }
func (b *bench) Fatal(args ...any)         { panic(unmeasured{errors.New(fmt.Sprint(args...))}) }
func (b *bench) Fatalf(f string, a ...any) { panic(unmeasured{fmt.Errorf(f, a...)}) }
func (b *bench) Error(args ...any)         { fmt.Fprintln(os.Stderr, append([]any{"bench:"}, args...)...) }

// check ends the measurement with an error, if there is one.
func (b *bench) check(err error) {
	if err != nil {
		panic(unmeasured{err})
	}
}

// TempDir is beside what is built: on a disk, which /tmp may not be.
func (b *bench) TempDir() string {
	b.check(os.MkdirAll("build", 0o755))
	dir, err := os.MkdirTemp("build", "bench-")
	b.check(err)
	b.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
