package ark_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// What docs/security.md says is tested is tested: the tests that it names are
// there.
func TestNamedTestsExist(t *testing.T) {
	text, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	list, err := exec.Command("git", "ls-files", "*.go").Output()
	if err != nil {
		t.Skipf("no list of files: %v", err)
	}
	var code bytes.Buffer
	for name := range strings.FieldsSeq(string(list)) {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "internal/") {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(data)
		}
	}
	named := regexp.MustCompile("`((?:Test)?[A-Z][A-Za-z]+)`").FindAllSubmatch(text, -1)
	if len(named) < 50 {
		t.Fatalf("only %d tests are named", len(named))
	}
	for _, m := range named {
		if name := string(m[1]); !bytes.Contains(code.Bytes(), []byte("func "+name+"(")) && !bytes.Contains(code.Bytes(), []byte(`"`+name+`"`)) {
			t.Errorf("there is no test %s", name)
		}
	}
}
