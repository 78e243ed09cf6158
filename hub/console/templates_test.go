package console

import (
	"io/fs"
	"regexp"
	"testing"
)

// A second template of a name would take the place of the first, on whatever
// page that is used.
func TestEachTemplateIsDefinedOnce(t *testing.T) {
	files, err := fs.Glob(own, "templates/*.html")
	must(t, err)
	where := map[string]string{}
	for _, file := range files {
		text, err := fs.ReadFile(own, file)
		must(t, err)
		for _, m := range regexp.MustCompile(`\{\{-? *define "([^"]+)"`).FindAllSubmatch(text, -1) {
			if first, known := where[string(m[1])]; known {
				t.Errorf("template %q is in %s and in %s", m[1], first, file)
			}
			where[string(m[1])] = file
		}
	}
	if len(where) < len(files) {
		t.Errorf("%d templates in %d files", len(where), len(files))
	}
}
