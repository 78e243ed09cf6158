package identity

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"ark"
)

// Devices is the list of device certificates that are admitted. It is an
// append-only file of JSON lines, so that arkctl can add to it while a hub
// runs: the hub sees a change within a quarter of a second.
type Devices struct {
	path string

	mu   sync.Mutex
	size int64
	list map[string]DeviceRecord // by serial
}

// DeviceRecord is one certificate on the list.
type DeviceRecord struct {
	Van     ark.VanID `json:"van"`
	Serial  string    `json:"serial"`
	At      time.Time `json:"at"`
	Revoked bool      `json:"revoked,omitempty"`
}

// OpenDevices reads the list in an authority's folder.
func OpenDevices(dir string) (*Devices, error) {
	d := &Devices{path: filepath.Join(dir, deviceFile), list: map[string]DeviceRecord{}}
	if _, err := d.reload(); err != nil {
		return nil, fmt.Errorf("open list of devices: %w", err)
	}
	return d, nil
}

// Admit answers whether a certificate may speak for a van: hub.Gate.
func (d *Devices) Admit(van ark.VanID, serial string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, known := d.list[serial]
	return known && r.Van == van && !r.Revoked
}

// List is all certificates, by van and time.
func (d *Devices) List() []DeviceRecord {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]DeviceRecord, 0, len(d.list))
	for _, r := range d.list {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b DeviceRecord) int {
		if a.Van != b.Van {
			return bytes.Compare([]byte(a.Van), []byte(b.Van))
		}
		return a.At.Compare(b.At)
	})
	return all
}

// Has tells whether a van has an admitted certificate.
func (d *Devices) Has(van ark.VanID) bool {
	return slices.ContainsFunc(d.List(), func(r DeviceRecord) bool { return r.Van == van && !r.Revoked })
}

// Add puts a certificate on the list, durably.
func (d *Devices) Add(van ark.VanID, serial string, now time.Time) error {
	return d.append(DeviceRecord{Van: van, Serial: serial, At: now.UTC()})
}

// ErrUnknownVan says that a van has no certificate to revoke.
var ErrUnknownVan = errors.New("no such van, or all its certificates are revoked already")

// Revoke strikes all certificates of a van off, durably.
func (d *Devices) Revoke(van ark.VanID, now time.Time) error {
	struck := false
	for _, r := range d.List() {
		if r.Van == van && !r.Revoked {
			r.Revoked, r.At = true, now.UTC()
			if err := d.append(r); err != nil {
				return err
			}
			struck = true
		}
	}
	if !struck {
		return fmt.Errorf("revoke %s: %w", van, ErrUnknownVan)
	}
	return nil
}

func (d *Devices) append(r DeviceRecord) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(d.path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("change list of devices: %w", err)
	}
	defer f.Close()
	if _, err := f.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("change list of devices: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("change list of devices: %w", err)
	}
	_, err = d.reload()
	return err
}

// reload reads the file if its size has changed, and names the vans that
// have lost a certificate. A last line without an end is still being written.
func (d *Devices) reload() (struck []ark.VanID, err error) {
	st, err := os.Stat(d.path)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if st.Size() == d.size {
		return nil, nil
	}
	data, err := os.ReadFile(d.path)
	if err != nil {
		return nil, err
	}
	list := map[string]DeviceRecord{}
	lines := bufio.NewScanner(bytes.NewReader(data[:bytes.LastIndexByte(data, '\n')+1]))
	for n := 1; lines.Scan(); n++ {
		var r DeviceRecord
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s line %d: %w", d.path, n, err)
		}
		list[r.Serial] = r
	}
	for serial, was := range d.list {
		if now := list[serial]; !was.Revoked && (now.Revoked || now.Serial == "") {
			struck = append(struck, was.Van)
		}
	}
	d.list, d.size = list, st.Size()
	return struck, lines.Err()
}

// Watch calls revoked for each van that loses a certificate, until ctx ends.
// By then Admit already refuses it.
func (d *Devices) Watch(ctx context.Context, revoked func(ark.VanID), trouble func(error)) error {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			vans, err := d.reload()
			if err != nil {
				trouble(err)
			}
			for _, van := range vans {
				revoked(van)
			}
		}
	}
}
