package firmwareconfig

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const good = "van = \"van-1\"\nhub = \"h:1\"\nca = \"a\"\ncert = \"b\"\nkey = \"/c\"\ndata = \"d\"\nprofile = \"p\"\n"

func TestLoadAgent(t *testing.T) {
	path := write(t, good)
	a, err := LoadAgent(path)
	if err != nil {
		t.Fatal(err)
	}
	if a.ServerName != "h" || a.Key != "/c" || a.CA != filepath.Join(filepath.Dir(path), "a") || a.Sound.BufferMS != 20 {
		t.Fatalf("%+v", a)
	}
}

func TestTroubleNamesKeyAndLine(t *testing.T) {
	rows := []struct {
		name, text, key string
		line            int
	}{
		{"typo", strings.Replace(good, "cert", "crt", 1), "crt", 4},
		{"typo in a table", good + "[sound]\nbufer_ms = 3\n", "sound.bufer_ms", 9},
		{"wrong type", strings.Replace(good, `"h:1"`, "3", 1), "hub", 2},
		{"no TOML", "van = \n", "", 1},
		{"bad van", strings.Replace(good, "van-1", "Van 1", 1), "van", 0},
		{"no port", strings.Replace(good, "h:1", "h", 1), "hub", 0},
		{"missing", strings.Replace(good, "ca = \"a\"\n", "", 1), "ca", 0},
		{"buffer", good + "[sound]\nbuffer_ms = 3\n", "sound.buffer_ms", 0},
	}
	for _, row := range rows {
		_, err := LoadAgent(write(t, row.text))
		var e *Error
		if !errors.As(err, &e) || e.Line != row.line || e.Key != row.key || e.Zh == "" || e.En == "" {
			t.Errorf("%s: got %v, want key %q line %d", row.name, err, row.key, row.line)
		}
	}
}

func TestProfilesThatComeAlong(t *testing.T) {
	for _, name := range Profiles() {
		text, err := ProfileText(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := LoadProfile(write(t, string(text)))
		if err != nil || len(p.Buttons) != 4 || len(p.Lamps) != 3 {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	for name, text := range map[string]string{
		"same line":    "[[button]]\nname=\"a\"\nline=\"G1\"\nstop=true\n[[button]]\nname=\"b\"\nline=\"G1\"\nstop=true\n",
		"same name":    "[[button]]\nname=\"a\"\nstop=true\n[[button]]\nname=\"a\"\nstop=true\n",
		"both":         "[[button]]\nname=\"a\"\nstop=true\nannouncement=\"x\"\n",
		"neither":      "[[button]]\nname=\"a\"\n",
		"unknown lamp": "[[lamp]]\nname=\"disco\"\n",
	} {
		if _, err := LoadProfile(write(t, text)); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
}
