package ark

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// countMarks counts the marks taken until the test ends. Not for parallel
// tests.
func countMarks(t *testing.T) func() map[string]int {
	t.Helper()
	count := map[string]int{}
	onMark = func(name string) { count[name]++ }
	t.Cleanup(func() { onMark = nil })
	return func() map[string]int { return maps.Clone(count) }
}

// marksOf lists the marks in the package's source, so that a new one cannot
// be forgotten.
func marksOf(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := markIn(t, n); ok {
				names = append(names, s)
			}
			return true
		})
	}
	if len(names) < 10 {
		t.Fatalf("only %d marks found in the source: %v", len(names), names)
	}
	return names
}

// markIn is the name in a call of mark.
func markIn(t *testing.T, n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	if f, ok := call.Fun.(*ast.Ident); !ok || f.Name != "mark" {
		return "", false
	}
	name, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		t.Fatalf("a mark without a literal name: %v", call.Args[0])
	}
	s, err := strconv.Unquote(name.Value)
	if err != nil {
		t.Fatal(err)
	}
	return s, true
}
