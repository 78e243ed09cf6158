package web

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// used finds keys in templates and Go source: t "a.b" and Text(r, "a.b"). A
// key that ends in a dot is the beginning of keys made at run time.
var used = regexp.MustCompile(`"([a-z]+\.[a-zA-Z0-9.-]*)"`)

// Check compares texts with the files that use them and says what is wrong:
// a key without one of its languages, a key used that does not exist, and a
// key that nothing uses. Files are templates and Go sources other than tests
// and those that hold the texts: a pattern as of path.Match.
func (t Texts) Check(files fs.FS, holds string) (faults []string) {
	seen := map[string]bool{"error.ours": true} // this package uses it
	fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		source := strings.HasSuffix(name, ".html") || strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !named(holds, name)
		if err != nil || d.IsDir() || !source {
			return err
		}
		data, err := fs.ReadFile(files, name)
		for _, m := range used.FindAllStringSubmatch(string(data), -1) {
			seen[m[1]] = true
		}
		return err
	})
	begins := func(prefix string) bool {
		for key := range t {
			if strings.HasPrefix(key, prefix) {
				return true
			}
		}
		return false
	}
	for key := range seen {
		if _, ok := t[key]; !ok && !(strings.HasSuffix(key, ".") && begins(key)) && !file(key) {
			faults = append(faults, fmt.Sprintf("%s is used and does not exist", key))
		}
	}
	for key, pair := range t {
		if strings.TrimSpace(pair[0]) == "" || strings.TrimSpace(pair[1]) == "" {
			faults = append(faults, fmt.Sprintf("%s lacks a language", key))
		}
		if strings.Count(pair[0], "%") != strings.Count(pair[1], "%") {
			faults = append(faults, fmt.Sprintf("%s takes different values in its languages", key))
		}
		if !seen[key] && !seen[key[:strings.LastIndex(key, ".")+1]] {
			faults = append(faults, fmt.Sprintf("%s is never used", key))
		}
	}
	slices.Sort(faults)
	return faults
}

func named(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// file tells a file's name from a key.
func file(key string) bool {
	for _, end := range []string{".html", ".css", ".js", ".svg"} {
		if strings.HasSuffix(key, end) {
			return true
		}
	}
	return false
}
