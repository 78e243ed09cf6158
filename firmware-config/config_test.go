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

const good = "time_key = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"\nvan = \"van-1\"\nhub = \"h:1\"\nca = \"a\"\ncert = \"b\"\nkey = \"/c\"\ndata = \"d\"\nprofile = \"p\"\n"

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
		{"typo", strings.Replace(good, "cert", "crt", 1), "crt", 5},
		{"typo in a table", good + "[sound]\nbufer_ms = 3\n", "sound.bufer_ms", 10},
		{"wrong type", strings.Replace(good, `"h:1"`, "3", 1), "hub", 3},
		{"no TOML", "van = \n", "", 1},
		{"bad van", strings.Replace(good, "van-1", "Van 1", 1), "van", 2},
		{"no port", strings.Replace(good, "h:1", "h", 1), "hub", 3},
		{"missing", strings.Replace(good, "ca = \"a\"\n", "", 1), "ca", 0},
		{"key cut short", strings.Replace(good, "AAAA", "", 1), "time_key", 1},
		{"zone", good + "zone = \"Asia/Peking\"\n", "zone", 9},
		{"buffer", good + "\n# twenty would do\n[sound]\nsilent = false\n  buffer_ms = 3\n", "sound.buffer_ms", 13},
	}
	for _, row := range rows {
		_, err := LoadAgent(write(t, row.text))
		var e *Error
		if !errors.As(err, &e) || e.Line != row.line || e.Key != row.key || e.Zh == "" || e.En == "" {
			t.Errorf("%s: got %v, want key %q line %d", row.name, err, row.key, row.line)
		}
	}
}

func TestAFileThatIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.toml")
	_, err := LoadAgent(path)
	var e *Error
	if !errors.As(err, &e) || e.File != path || !strings.Contains(err.Error(), "没有这个文件") {
		t.Errorf("got %v, want the file's name in words", err)
	}
}

func TestProfileTroubleNamesTheLine(t *testing.T) {
	first := "[[button]]\nname = \"a\"\nline = \"G1\"\nstop = true\n\n"
	rows := []struct {
		name, text, key string
		line            int
	}{
		{"line taken", first + "[[button]]\nname = \"b\"\nstop = true\nline = \"G1\"\n", "b", 9},
		{"name taken", first + "[[button]]\nname = \"a\"\nstop = true\n", "a", 7},
		{"no name", first + "[[button]]\nstop = true\n", "name", 6},
		{"no meaning", first + "[[button]]\nname = \"b\"\n", "b", 7},
		{"lamp", first + "[[lamp]]\nname = \"disco\"\n", "disco", 7},
		{"typo", first + "[[lamp]]\nnaem = \"ready\"\n", "lamp.naem", 7},
		{"long press", "long_press_ms = -1\n" + first, "long_press_ms", 1},
	}
	for _, row := range rows {
		_, err := LoadProfile(write(t, row.text))
		var e *Error
		if !errors.As(err, &e) || e.Line != row.line || e.Key != row.key {
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
