package identity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ark"
)

func devices(t *testing.T, dir string) *Devices {
	t.Helper()
	d, err := OpenDevices(dir)
	must(t, err)
	return d
}

func newDevices(t *testing.T) (string, *Devices) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, deviceFile), nil, 0o600))
	return dir, devices(t, dir)
}

func TestManyCommandsAtOnce(t *testing.T) {
	dir, _ := newDevices(t)
	var all sync.WaitGroup
	for n := range 20 {
		tool := devices(t, dir)
		all.Go(func() {
			van := ark.VanID(fmt.Sprintf("van-%d", n))
			if err := tool.Add(van, fmt.Sprint("a", n), time.Now()); err != nil {
				t.Error(err)
			}
			if err := tool.Add(van, fmt.Sprint("b", n), time.Now()); err != nil {
				t.Error(err)
			}
			if n%2 == 0 {
				if err := tool.Revoke(van, time.Now()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	d := devices(t, dir)
	if got := len(d.List()); got != 40 {
		t.Errorf("%d certificates, want 40", got)
	}
	for n := range 20 {
		if got, want := d.Has(ark.VanID(fmt.Sprintf("van-%d", n))), n%2 == 1; got != want {
			t.Errorf("van-%d is admitted: %v", n, got)
		}
	}
}

// A command sees what another did a moment ago: all certificates are struck.
func TestRevokeSeesWhatOthersAdded(t *testing.T) {
	dir, one := newDevices(t)
	must(t, one.Add("van-1", "a1", time.Now()))
	two := devices(t, dir)
	must(t, one.Add("van-1", "a2", time.Now()))
	must(t, two.Revoke("van-1", time.Now()))
	if devices(t, dir).Has("van-1") {
		t.Error("a certificate outlived its van's revocation")
	}
}

func TestATornLineIsNobodysRecord(t *testing.T) {
	dir, d := newDevices(t)
	must(t, d.Add("van-1", "a1", time.Now()))
	f, err := os.OpenFile(filepath.Join(dir, deviceFile), os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(`{"van":"van-2","ser`) // the power went
	must(t, err)
	f.Close()
	d = devices(t, dir)
	if !d.Admit("van-1", "a1") {
		t.Error("the list before it is lost")
	}
	must(t, d.Add("van-3", "a3", time.Now()))
	must(t, d.Revoke("van-1", time.Now()))
	d = devices(t, dir)
	if d.Admit("van-1", "a1") || !d.Admit("van-3", "a3") || len(d.List()) != 2 {
		t.Errorf("after it: %+v", d.List())
	}
}

// A damaged line may have been a revocation: it stops a start, and a running
// hub goes on with what it knew, and says so once.
func TestADamagedLineIsNamed(t *testing.T) {
	dir, tool := newDevices(t)
	must(t, tool.Add("van-1", "a1", time.Now()))
	running := devices(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	troubles := make(chan error, 100)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		running.Watch(ctx, func(v ark.VanID) { t.Errorf("%s lost its certificate", v) }, func(err error) { troubles <- err })
	}()
	path := filepath.Join(dir, deviceFile)
	good, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, append(good, "{\"van\":\"van-2\",\x00\n"...), 0o600))
	if err := <-troubles; !strings.Contains(err.Error(), "line 2") {
		t.Errorf("told %v", err)
	}
	if _, err := OpenDevices(dir); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a start with a damaged list: %v", err)
	}
	if err := tool.Add("van-9", "a9", time.Now()); err == nil {
		t.Error("a command wrote on behind the damage")
	}
	if !running.Admit("van-1", "a1") {
		t.Error("the running hub forgot what it knew")
	}
	must(t, os.WriteFile(path, good, 0o600)) // mended
	must(t, tool.Add("van-3", "a3", time.Now()))
	enough := time.After(20 * time.Second)
	for !running.Admit("van-3", "a3") {
		select {
		case err := <-troubles:
			t.Fatalf("told again: %v", err)
		case <-enough:
			t.Fatal("the running hub does not see the new van")
		case <-time.After(5 * time.Millisecond):
		}
	}
	cancel()
	<-ended
}

// What the hub itself strikes off is told like what a command does.
func TestOnesOwnRevocationIsTold(t *testing.T) {
	_, d := newDevices(t)
	must(t, d.Add("van-1", "a1", time.Now()))
	must(t, d.Revoke("van-1", time.Now()))
	ctx, cancel := context.WithCancel(t.Context())
	d.Watch(ctx, func(v ark.VanID) {
		if v != "van-1" {
			t.Errorf("told of %s", v)
		}
		cancel()
	}, func(err error) { t.Error(err) })
}

// The list may be replaced by another file of the same size.
func TestAReplacedListIsSeen(t *testing.T) {
	dir, d := newDevices(t)
	must(t, d.Add("van-1", "a1", time.Now()))
	path := filepath.Join(dir, deviceFile)
	data, err := os.ReadFile(path)
	must(t, err)
	must(t, replaceFile(path, []byte(strings.Replace(string(data), "van-1", "van-2", 1)), 0o600))
	err = d.reload()
	if struck := d.takeStruck(); err != nil || len(struck) != 1 || struck[0] != "van-1" || d.Admit("van-1", "a1") {
		t.Errorf("struck %v, %v; van-1 admitted: %v", struck, err, d.Admit("van-1", "a1"))
	}
}

// A session that is slow to end delays no other's revocation.
func TestASlowEndDelaysNoOtherRevocation(t *testing.T) {
	dir, tool := newDevices(t)
	must(t, tool.Add("van-1", "a1", time.Now()))
	must(t, tool.Add("van-2", "a2", time.Now()))
	running := devices(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	release, ended := make(chan struct{}), make(chan struct{})
	killed := make(chan ark.VanID, 2)
	go func() {
		defer close(ended)
		running.Watch(ctx, func(v ark.VanID) {
			killed <- v
			if v == "van-1" {
				<-release
			}
		}, func(err error) { t.Error(err) })
	}()
	must(t, tool.Revoke("van-1", time.Now()))
	<-killed
	must(t, tool.Revoke("van-2", time.Now()))
	select {
	case v := <-killed:
		if v != "van-2" || running.Admit("van-2", "a2") {
			t.Errorf("killed %s", v)
		}
	case <-time.After(10 * time.Second):
		t.Error("van-2 is served on, though its certificate is revoked")
	}
	close(release)
	cancel()
	<-ended
}

func TestAMissingListStopsAStart(t *testing.T) {
	if _, err := OpenDevices(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
