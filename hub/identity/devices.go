package identity

import (
	"bytes"
	"encoding/json"
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
// runs (devicefile.go): the hub sees a change within a quarter of a second.
type Devices struct {
	path string

	mu     sync.Mutex
	read   os.FileInfo             // the file as it was read
	list   map[string]DeviceRecord // by serial
	struck []ark.VanID             // lost a certificate; Watch has not told yet
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
	if err := d.reload(); err != nil {
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

// reload reads the file if it is another one than before, and notes the vans
// that have lost a certificate. If it cannot be read, the list stays as it was.
func (d *Devices) reload() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	st, err := os.Stat(d.path)
	if err != nil {
		return err
	}
	if d.read != nil && os.SameFile(st, d.read) && st.Size() == d.read.Size() && st.ModTime().Equal(d.read.ModTime()) {
		return nil
	}
	data, err := os.ReadFile(d.path)
	if err != nil {
		return err
	}
	list, err := parseDevices(data)
	if err != nil {
		return fmt.Errorf("%s: %w", d.path, err)
	}
	for serial, was := range d.list {
		if now := list[serial]; !was.Revoked && (now.Revoked || now.Serial == "" || now.Van != was.Van) {
			d.struck = append(d.struck, was.Van)
		}
	}
	d.list, d.read = list, st
	return nil
}

// parseDevices reads the lines; of one serial the last counts. A last line
// without an end is still being written, or was cut off by a power cut: no
// command has said yet that it holds.
func parseDevices(data []byte) (map[string]DeviceRecord, error) {
	list := map[string]DeviceRecord{}
	n := 0
	for line := range bytes.Lines(data[:bytes.LastIndexByte(data, '\n')+1]) {
		n++
		var r DeviceRecord
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if r.Serial == "" {
			return nil, fmt.Errorf("line %d: no serial number", n)
		}
		list[r.Serial] = r
	}
	return list, nil
}
