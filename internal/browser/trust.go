package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ark/internal/skip"
)

// at are the flags by which names are found where a test serves them.
func at(places map[string]string) string {
	var rules []string
	for name, place := range places {
		rules = append(rules, "MAP "+name+" "+place)
	}
	return strings.Join(rules, ", ")
}

// trusting gives a browser a home of its own, in which these authorities are
// installed as a person installs them: Chromium on Linux reads NSS's database.
func trusting(t testing.TB, authorities [][]byte) chromedp.ExecAllocatorOption {
	t.Helper()
	skip.WithoutTools(t, "certutil")
	home := t.TempDir()
	db := filepath.Join(home, ".pki", "nssdb")
	if err := os.MkdirAll(db, 0o700); err != nil {
		t.Fatal(err)
	}
	certutil := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("certutil", append([]string{"-d", "sql:" + db}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("certutil %v: %v\n%s", args, err, out)
		}
	}
	certutil("-N", "--empty-password")
	for i, pem := range authorities {
		path := filepath.Join(home, fmt.Sprint("authority-", i))
		if err := os.WriteFile(path, pem, 0o600); err != nil {
			t.Fatal(err)
		}
		certutil("-A", "-n", fmt.Sprint("authority ", i), "-t", "C,,", "-i", path)
	}
	return chromedp.Env("HOME=" + home)
}
