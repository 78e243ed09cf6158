package mutants

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var header = regexp.MustCompile(`^Bug: .+\n(Test: \./?\S* \S+( -\S+)*\n)+\n--- a/`)

// TestPlantedBugsCanBePlanted keeps the patches from rotting: each must apply
// to the source as it is, the tests that it names must exist, and
// docs/RELIABILITY.md tells of it.
func TestPlantedBugsCanBePlanted(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	told, err := os.ReadFile("../../docs/RELIABILITY.md")
	if err != nil {
		t.Fatal(err)
	}
	patches, err := filepath.Glob("*.patch")
	if err != nil || len(patches) == 0 {
		t.Fatalf("%d patches, %v", len(patches), err)
	}
	for _, p := range patches {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if !header.Match(data) {
			t.Errorf("%s does not begin with Bug: and Test: lines", p)
		}
		bug, _, _ := strings.Cut(strings.TrimPrefix(string(data), "Bug: "), "\n")
		if !strings.Contains(string(told), "| "+bug+" | `") {
			t.Errorf("docs/RELIABILITY.md does not tell of %s", p)
		}
		apply := exec.Command("git", "apply", "--check", filepath.Join("internal/mutants", p))
		apply.Dir = root
		if out, err := apply.CombinedOutput(); err != nil {
			t.Errorf("%s can no longer be planted; make the same mistake in the source as it is now, and save it with git diff:\n%s", p, out)
		}
		for _, line := range strings.Split(string(data), "\n") {
			if test, ok := strings.CutPrefix(line, "Test: "); ok {
				words := strings.Fields(test)
				wantTest(t, filepath.Join(root, words[0]), words[1])
			}
		}
	}
}

// wantTest insists that a package's folder has a test of that name.
func wantTest(t *testing.T, dir, name string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "func "+name+"(t *testing.T)") {
			return
		}
	}
	t.Errorf("%s has no %s, which is to find a planted bug", dir, name)
}
