package console

import (
	"html/template"
	"strings"

	"ark/internal/web"
)

// crewFuncs are what the templates of the crew, the form and the households
// need.
func crewFuncs(l web.Lang) template.FuncMap {
	return template.FuncMap{
		"rowsOf": func(name string, rows []choiceForm) map[string]any { return map[string]any{"Name": name, "Rows": rows} },
		"anyBad": func(bad troubles, prefix string) bool {
			for field := range bad {
				if strings.HasPrefix(field, prefix) {
					return true
				}
			}
			return false
		},
		"disputed": func(field string) string { return disputedWords(l, field) },
		"parts":    partsText,
	}
}
