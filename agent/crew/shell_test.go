package crew

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

func appOf(t *testing.T, files map[string]string) shell {
	t.Helper()
	fs := fstest.MapFS{}
	for name, data := range files {
		fs["app/"+name] = &fstest.MapFile{Data: []byte(data)}
	}
	s, err := newShell(fs)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The service worker is another as soon as any file is, so that browsers take
// the new app as a whole.
func TestTheAppsFingerprint(t *testing.T) {
	files := map[string]string{"index.html": "<p>", "core/ark.js": "one", "sw.js": "work();", "README.md": "not served"}
	a := appOf(t, files)
	worker := string(a.files["/sw.js"].data)
	if want := `self.ARK_APP = {"files":["/","/app/core/ark.js"],"hash":"` + a.hash + `"};` + "\nwork();"; worker != want {
		t.Errorf("the worker is %s, want %s", worker, want)
	}
	files["core/ark.js"] = "two"
	b := appOf(t, files)
	if a.hash == b.hash || a.files["/sw.js"].tag == b.files["/sw.js"].tag || a.files["/"].tag != b.files["/"].tag {
		t.Error("one file more or less changes the wrong things")
	}
	delete(files, "core/ark.js")
	if c := appOf(t, files); c.hash == a.hash {
		t.Error("a file less, and the fingerprint is the same")
	}
}

// The page names each module, lest a phone ask for one after the other.
func TestModulesAreNamedAtOnce(t *testing.T) {
	a := appOf(t, map[string]string{"index.html": "<head><p></head>", "core/ark.js": "one", "ui/main.js": "two", "sw.js": "work();", "app.css": "p{}"})
	const want = `<head><p><link rel="modulepreload" href="/app/core/ark.js">` + "\n" + `<link rel="modulepreload" href="/app/ui/main.js">` + "\n</head>"
	if page := string(a.files["/"].data); page != want {
		t.Errorf("the page is %s, want %s", page, want)
	}
}

func TestTheAppIsServed(t *testing.T) {
	b := newBench(t, t.TempDir())
	got := b.open("/")
	if got.status != http.StatusOK || !strings.Contains(got.page, "/plain") {
		t.Fatalf("answered %d %s", got.status, got.page)
	}
	policy, may := got.header.Get("Content-Security-Policy"), got.header.Get("Permissions-Policy")
	if !strings.Contains(policy, "worker-src 'self'") || !strings.Contains(policy, "img-src 'self' data: blob:") || strings.Count(policy, "img-src") != 1 || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if !strings.Contains(may, "camera=(self)") || !strings.Contains(may, "geolocation=(self)") || !strings.Contains(b.open("/plain").header.Get("Permissions-Policy"), "camera=()") {
		t.Errorf("permissions %q", may)
	}
	tag := got.header.Get("ETag")
	if again := b.do("GET", "/", "", "", "If-None-Match", tag); again.status != http.StatusNotModified {
		t.Errorf("asked whether it has the newest, it answered %d", again.status)
	}
	for _, path := range []string{"/app/README.md", "/app/", "/app/../crew.go", "/app/index.html"} {
		if got := b.open(path); got.status != http.StatusNotFound {
			t.Errorf("%s answered %d", path, got.status)
		}
	}
}
