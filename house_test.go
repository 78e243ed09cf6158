package ark_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// house is who may import whom inside the module, tests excepted: they join
// real parts. ARCHITECTURE.md draws it. A name that ends in /... stands for
// everything below it.
var house = map[string][]string{
	"ark": {},

	"ark/agent":            {"ark"},
	"ark/agent/crew":       {"ark", "ark/agent", "ark/internal/qr", "ark/internal/web"},
	"ark/agent/files":      {"ark", "ark/agent", "ark/internal/uploads", "ark/internal/web"},
	"ark/agent/front":      {"ark", "ark/agent", "ark/internal/qr", "ark/internal/web"},
	"ark/agent/households": {"ark", "ark/agent"},
	"ark/agent/panel":      {"ark", "ark/agent"},
	"ark/agent/sound":      {"ark", "ark/agent"},
	"ark/agent/store":      {"ark", "ark/agent", "ark/internal/database", "ark/internal/sqlite"},
	"ark/agent/uplink":     {"ark", "ark/agent", "ark/internal/uploads"},

	"ark/hub":          {"ark"},
	"ark/hub/backup":   {"ark", "ark/hub", "ark/internal/uploads"},
	"ark/hub/blobs":    {"ark", "ark/hub", "ark/internal/uploads"},
	"ark/hub/console":  {"ark", "ark/hub", "ark/internal/crowd", "ark/internal/qr", "ark/internal/sheet", "ark/internal/web"},
	"ark/hub/desk":     {"ark", "ark/hub", "ark/internal/crowd"},
	"ark/hub/endpoint": {"ark", "ark/hub", "ark/internal/crowd"},
	"ark/hub/identity": {"ark", "ark/hub"},
	"ark/hub/ingest":   {"ark", "ark/hub"},
	"ark/hub/store":    {"ark", "ark/hub", "ark/internal/database", "ark/internal/postgres", "ark/internal/sqlite"},
	"ark/hub/studio":   {"ark", "ark/hub"},

	"ark/firmware-config":           {"ark"},
	"ark/firmware-config/demo":      {"ark"},
	"ark/firmware-config/provision": {"ark", "ark/firmware-config", "ark/internal/qr"},

	"ark/cmd/...":  {"ark", "ark/agent/...", "ark/hub/...", "ark/firmware-config/...", "ark/internal/process"},
	"ark/dict/...": {"ark", "ark/internal/invented"},

	// Plumbing of both sides knows nothing of the ark's words …
	"ark/internal/crowd":    {},
	"ark/internal/database": {},
	"ark/internal/postgres": {"ark/internal/database"},
	"ark/internal/process":  {"ark/internal/crowd"},
	"ark/internal/qr":       {},
	"ark/internal/sheet":    {},
	"ark/internal/sqlite":   {"ark/internal/database"},
	"ark/internal/uploads":  {},
	"ark/internal/web":      {},
	// … and what only tests and benchmarks use knows what it must.
	"ark/internal/...": {"ark", "ark/agent/...", "ark/hub/...", "ark/firmware-config/...", "ark/internal/..."},
}

// never holds whatever house says.
var never = []struct{ from, to, why string }{
	{"ark/agent/...", "ark/hub/...", "van and hub share only the words in package ark: each is released and replaced without the other"},
	{"ark/hub/...", "ark/agent/...", "van and hub share only the words in package ark: each is released and replaced without the other"},
	{"ark/...", "ark/cmd/...", "cmd joins the parts; nothing may need it"},
}

// doors says which package alone uses a third-party module, so that replacing
// it or guarding against its traps is one package's work.
var doors = map[string][]string{
	"github.com/alecthomas/kong":          {"ark/cmd/...", "ark/internal/bench/..."},
	"github.com/alexedwards/scs/v2":       {"ark/hub/console"},
	"github.com/boombuler/barcode":        {"ark/internal/qr"},
	"github.com/coreos/go-oidc/v3":        {"ark/hub/identity"},
	"github.com/chromedp":                 {"ark/internal/browser"},
	"github.com/coreos/go-systemd/v22":    {"ark/internal/process"},
	"github.com/ebitengine/oto/v3":        {"ark/agent/sound"},
	"github.com/eclipse/paho.mqtt.golang": {"ark/agent/uplink", "ark/internal/hostile"},
	"github.com/fxamacker/cbor/v2":        {"ark"},
	"github.com/go-webauthn/webauthn":     {"ark/hub/identity"},
	"github.com/google/go-cmp":            {"ark/internal/storetest"},
	"github.com/google/uuid":              {"ark"},
	"github.com/hajimehoshi/go-mp3":       {"ark/hub/studio"},
	"github.com/hanwen/go-fuse/v2":        {"ark/internal/forgetfs"},
	"github.com/jackc/pgx/v5":             {"ark/internal/postgres"},
	"github.com/klauspost/compress":       {"ark", "ark/dict/..."},
	"github.com/mewkiz/flac":              {"ark/firmware-config/demo", "ark/hub/studio"},
	"github.com/mozillazg/go-pinyin":      {"ark/agent/households"},
	"github.com/pelletier/go-toml/v2":     {"ark/firmware-config"},
	"github.com/pion/opus":                {"ark/hub/studio"},
	"github.com/pquerna/otp":              {"ark/hub/identity"},
	"github.com/pressly/goose/v3":         {"ark/internal/postgres", "ark/internal/sqlite"},
	"github.com/prometheus/client_golang": {"ark/cmd/ark-hub"},
	"golang.org/x/crypto":                 {"ark/agent/crew", "ark/hub/identity"},
	"golang.org/x/oauth2":                 {"ark/hub/identity"},
	"golang.org/x/sync":                   {"ark/cmd/..."},
	"golang.org/x/text":                   {"ark/hub/console", "ark/hub/identity", "ark/hub/store"},
	"golang.org/x/sys":                    {"ark/agent/...", "ark/cmd/ark-agent", "ark/internal/..."},
	"modernc.org/sqlite":                  {"ark/internal/sqlite"},
	"periph.io/x":                         {"ark/agent/panel"},
	"pgregory.net/rapid":                  {"ark/internal/storetest"},
}

type listed struct {
	ImportPath, Name, Doc string
	Imports               []string
	GoFiles               []string
}

func packages(t *testing.T) (all []listed) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Name,Doc,Imports,GoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// covers tells whether a pattern such as ark/cmd/... covers a package.
func covers(pattern, pkg string) bool {
	prefix, below := strings.CutSuffix(pattern, "/...")
	return pkg == prefix || below && strings.HasPrefix(pkg, prefix+"/")
}

func anyCovers(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return covers(p, pkg) })
}

// allowed is the rule for a package: its own, else that of the longest
// pattern that covers it.
func allowed(pkg string) (rule []string, found bool) {
	if rule, found = house[pkg]; found {
		return rule, true
	}
	longest := ""
	for pattern := range house {
		if covers(pattern, pkg) && len(pattern) > len(longest) {
			longest = pattern
		}
	}
	return house[longest], longest != ""
}

func TestWhoMayImportWhom(t *testing.T) {
	for _, p := range packages(t) {
		rule, found := allowed(p.ImportPath)
		if !found {
			t.Errorf("%s has no place in the house: give it a line in the table of this test and in ARCHITECTURE.md", p.ImportPath)
			continue
		}
		for _, to := range p.Imports {
			if to != "ark" && !strings.HasPrefix(to, "ark/") {
				continue
			}
			if !anyCovers(rule, to) {
				t.Errorf("%s imports %s; it may import only %v (siblings do not know each other: cmd joins them)", p.ImportPath, to, rule)
			}
			for _, n := range never {
				if covers(n.from, p.ImportPath) && covers(n.to, to) && !covers(n.to, p.ImportPath) {
					t.Errorf("%s imports %s: %s", p.ImportPath, to, n.why)
				}
			}
		}
	}
}

func TestOneDoorPerModule(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		for _, to := range p.Imports {
			first, _, _ := strings.Cut(to, "/")
			if !strings.Contains(first, ".") {
				continue
			}
			module := ""
			for m := range doors {
				if to == m || strings.HasPrefix(to, m+"/") {
					module = m
				}
			}
			used[module] = true
			switch {
			case module == "":
				t.Errorf("%s imports %s, which has no door: give it one in the table of this test, and a line in ARCHITECTURE.md that says what for", p.ImportPath, to)
			case !anyCovers(doors[module], p.ImportPath):
				t.Errorf("%s imports %s; the door to it is %v", p.ImportPath, to, doors[module])
			}
		}
	}
	for m := range doors {
		if !used[m] {
			t.Errorf("nothing uses %s any more: take its door out", m)
		}
	}
}

func TestEachPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = "Command "
		}
		if len(p.GoFiles) > 0 && !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s: its package comment begins %q, want %q", p.ImportPath, p.Doc, want+"…")
		}
	}
}
