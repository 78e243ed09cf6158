package firmwareconfig

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ark"
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
	if a.ServerName != "h" || a.Key != "/c" || a.CA != filepath.Join(filepath.Dir(path), "a") || a.Sound.BufferMS != 20 || a.Blobs != "h:8884" {
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
		{"card", good + "[sound]\ncard = \"bcm2835 Headphones\"\n", "sound.card", 10},
		{"input", good + "[sound]\ninput = \"plug hw\"\n", "sound.input", 10},
		{"listen", good + "[sound]\nlisten = \"-D\"\n", "sound.listen", 10},
		{"blobs", good + "blobs = \":8884\"\n", "blobs", 9},
		{"blobs' rate", good + "blobs_rate = -1\n", "blobs_rate", 9},
		{"attachments of a day", good + "attachments_mb_per_day = -1\n", "attachments_mb_per_day", 9},
		{"how long attachments stay", good + "attachments_keep_days = 400\n", "attachments_keep_days", 9},
		{"a name in capitals", good + "name = \"Van-1.ark.internal\"\n", "name", 9},
		{"https without a name", good + "https = \":443\"\n", "https", 9},
		{"http without a port", good + "name = \"van-1.ark.internal\"\nhttp = \"80\"\n", "http", 10},
		{"a name without a certificate", good + "name = \"van-1.ark.internal\"\npages_ca = \"x\"\n", "pages_cert", 0},
		{"a public certificate without its key", good + "public_cert = \"/x\"\n", "public_cert", 9},
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
		{"two meanings", first + "[[button]]\nname = \"b\"\nlouder = true\ntalk = true\n", "b", 7},
		{"again of what is no announcement", first + "[[button]]\nname = \"b\"\ntest = true\nagain = \"stop\"\n", "again", 9},
		{"again of another kind", first + "[[button]]\nname = \"b\"\nannouncement = \"x\"\nagain = \"twice\"\n", "again", 9},
		{"a stop to be held", first + "[[button]]\nname = \"b\"\nstop = true\nhold = true\n", "hold", 9},
		{"held for a moment only", "long_press_ms = 400\n" + first + "[[button]]\nname = \"b\"\nannouncement = \"x\"\nhold = true\n", "hold", 10},
		{"full", first + "[volume]\nfull_db = 30\n", "volume.full_db", 7},
		{"full that is no number", first + "[volume]\nfull_db = nan\n", "volume.full_db", 7},
		{"calibrated in words", first + "[volume]\nfull_db = 95\ncalibrated = \"yes\"\n", "volume.calibrated", 8},
		{"calibrated to what", first + "[volume]\ncalibrated = \"2026-11-01\"\n", "volume.calibrated", 7},
		{"least above full", first + "[volume]\nfull_db = 90\nleast_db = 91\n", "volume.least_db", 8},
		{"step", first + "[volume]\nstep_db = 0.1\n", "volume.step_db", 7},
		{"first below least", first + "[volume]\nleast_db = 70\nfirst_db = 60\n", "volume.first_db", 8},
		{"lead", first + "[amplifier]\nlead_ms = 1001\n", "amplifier.lead_ms", 7},
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
		if err != nil || len(p.Buttons) != 9 || len(p.Lamps) != 3 || p.Volume.FullDB != 95 || p.Volume.Calibrated != "" {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

// A profile says all there is to say.
func TestLoadProfile(t *testing.T) {
	p, err := LoadProfile(write(t, `
[[button]]
name = "alarm"
line = "GPIO17"
announcement = "evacuate"
hold = true
again = "restart"
[volume]
full_db = 96
calibrated = "2026-11-01"
least_db = 60.5
step_db = 1.5
first_db = 90
[amplifier]
lead_ms = 350
`))
	want := Profile{LongPressMS: 1000, Buttons: []Button{{Name: "alarm", Line: "GPIO17", Announcement: "evacuate", Hold: true, Again: "restart"}},
		Volume: Volume{FullDB: 96, Calibrated: "2026-11-01", LeastDB: 60.5, StepDB: 1.5, FirstDB: 90}, Amplifier: Amplifier{LeadMS: 350}}
	if diff := cmp.Diff(want, p); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if got := Level(60.5); got != 605 {
		t.Errorf("60.5 dB is level %d", got)
	}
}

func TestProfilesThatAreRefused(t *testing.T) {
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

func TestQuietHours(t *testing.T) {
	for _, c := range []struct {
		line string
		want []ark.Span
	}{
		{"", []ark.Span{{From: 22 * 60, To: 6 * 60}}},
		{"quiet_hours = []", nil},
		{`quiet_hours = ["21:30-07:00", "12:00-14:00"]`, []ark.Span{{From: 21*60 + 30, To: 7 * 60}, {From: 12 * 60, To: 14 * 60}}},
	} {
		path := filepath.Join(t.TempDir(), "profile.toml")
		if err := os.WriteFile(path, []byte(c.line), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := LoadProfile(path)
		if err != nil {
			t.Fatalf("%s: %v", c.line, err)
		}
		s := p.Settings("Europe/Berlin")
		if diff := cmp.Diff(c.want, s.Rules.Quiet); diff != "" || s.Zone != "Europe/Berlin" || s.Check() != nil {
			t.Errorf("%s (-want +got):\n%s", c.line, diff)
		}
	}
	path := filepath.Join(t.TempDir(), "profile.toml")
	if err := os.WriteFile(path, []byte("long_press_ms = 1000\nquiet_hours = [\"22-6\"]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadProfile(path); err == nil || !strings.Contains(err.Error(), "profile.toml:2: quiet_hours") {
		t.Errorf("a time of day of another form: %v; want the line and the key", err)
	}
}
