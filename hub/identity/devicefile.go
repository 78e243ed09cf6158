package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"ark"
)

// ErrUnknownVan says that a van has no certificate to revoke.
var ErrUnknownVan = errors.New("no such van, or all its certificates are revoked already")

// Add puts a certificate on the list, durably.
func (d *Devices) Add(van ark.VanID, serial string, now time.Time) error {
	return d.change(func() ([]DeviceRecord, error) {
		return []DeviceRecord{{Van: van, Serial: serial, At: now.UTC()}}, nil
	})
}

// Revoke strikes all certificates of a van off, durably.
func (d *Devices) Revoke(van ark.VanID, now time.Time) error {
	return d.change(func() (struck []DeviceRecord, err error) {
		for _, r := range d.List() {
			if r.Van == van && !r.Revoked {
				r.Revoked, r.At = true, now.UTC()
				struck = append(struck, r)
			}
		}
		if len(struck) == 0 {
			return nil, fmt.Errorf("revoke %s: %w", van, ErrUnknownVan)
		}
		return struck, nil
	})
}

// change appends records to the file, all in one write, while it has the file
// to itself: another command may be at it.
func (d *Devices) change(records func() ([]DeviceRecord, error)) error {
	f, err := os.OpenFile(d.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("change list of devices: %w", err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("change list of devices: lock: %w", err)
	}
	if err := d.reload(); err != nil {
		return fmt.Errorf("change list of devices: %w", err)
	}
	rs, err := records()
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	for _, r := range rs {
		if err := json.NewEncoder(&lines).Encode(r); err != nil {
			return fmt.Errorf("change list of devices: %w", err)
		}
	}
	if err := appendLines(f, lines.Bytes()); err != nil {
		return fmt.Errorf("change list of devices: %w", err)
	}
	return d.reload()
}

// appendLines writes after the last whole line, durably or not at all. What
// stands behind that line is the torn rest of a command that never ended.
func appendLines(f *os.File, lines []byte) error {
	data, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	end := int64(bytes.LastIndexByte(data, '\n') + 1)
	if end < int64(len(data)) {
		if err := f.Truncate(end); err != nil {
			return err
		}
	}
	if _, err = f.WriteAt(lines, end); err == nil {
		err = f.Sync()
	}
	if err != nil {
		f.Truncate(end) // the first error says more
	}
	return err
}

// Watch calls revoked for each van that loses a certificate, until ctx ends.
// By then Admit already refuses it. A call that takes long, because the van's
// session is slow to end, keeps nobody else's revocation waiting. The same
// trouble is told once.
func (d *Devices) Watch(ctx context.Context, revoked func(ark.VanID), trouble func(error)) error {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	var calls sync.WaitGroup
	defer calls.Wait()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := d.reload()
		switch {
		case err == nil:
			told = ""
		case err.Error() != told:
			told = err.Error()
			trouble(err)
		}
		for _, van := range d.takeStruck() {
			calls.Go(func() { revoked(van) })
		}
	}
}

func (d *Devices) takeStruck() (vans []ark.VanID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	vans, d.struck = d.struck, nil
	return vans
}
