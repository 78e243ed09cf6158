package crew

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"ark/internal/skip"
)

// engine is a folder with the app's engine as Node reads modules, and the
// scripts that test it.
func engine(t *testing.T) string {
	t.Helper()
	skip.WithoutTools(t, "node")
	dir := t.TempDir()
	for to, from := range map[string]string{"core": "app/core", ".": "testdata/engine"} {
		if err := os.CopyFS(filepath.Join(dir, to), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"type":"module"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func node(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("node %v: %v\n%s", args, err, out)
	}
	t.Logf("%s", out)
}

// A visit on a phone goes through histories of loss, repetition, reordering,
// crashes, two tabs and new cards: never lost, never doubled, never called
// further than it is, and the counts add up.
func TestEngineHistories(t *testing.T) { node(t, engine(t), "histories.js", "500", "1") }

func TestEngineRules(t *testing.T) { node(t, engine(t), "units.js") }
