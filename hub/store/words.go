package store

import (
	"strconv"
	"strings"

	"ark/internal/postgres"
)

// wording is what has to be said otherwise to each kind of database: above all
// how it keeps words and finds them. It is told
// pairs of characters, see grams.go: letters, digits and marks, and nothing
// that could be taken for part of a query.
type wording interface {
	// document is the words of a visit for the column.
	document(words []string) string
	// holds is the condition that a row of visit_words w has some phrases.
	holds(phrases [][]string, args *arguments) string
	// places stand for the values of n rows.
	places(n, width int) string
}

func wordingOf(place string) wording {
	if postgres.Is(place) {
		return postgresWording{}
	}
	return sqliteWording{}
}

// sqliteWording is FTS5's.
type sqliteWording struct{}

func (sqliteWording) document(words []string) string { return strings.Join(words, " ") }

func (sqliteWording) holds(phrases [][]string, args *arguments) string {
	quoted := make([]string, len(phrases))
	for i, p := range phrases {
		quoted[i] = `"` + strings.Join(p, " ") + `"`
	}
	return "w.visit_words MATCH " + args.add(strings.Join(quoted, " AND "))
}

// SQLite would look up each place by its number among all.
func (sqliteWording) places(n, width int) string {
	row := "(?" + strings.Repeat(", ?", width-1) + ")"
	return row + strings.Repeat(", "+row, n-1)
}

// postgresWording is tsvector's and tsquery's. Behind 16,383 words it knows no
// order any more: of so long a text only the beginning is found by phrases.
type postgresWording struct{}

func (postgresWording) document(words []string) string {
	var b strings.Builder
	for i, w := range words {
		b.WriteString("'" + w + "':" + strconv.Itoa(min(i+1, 16_383)) + " ")
	}
	return b.String()
}

func (postgresWording) holds(phrases [][]string, args *arguments) string {
	quoted := make([]string, len(phrases))
	for i, p := range phrases {
		quoted[i] = "'" + strings.Join(p, "' <-> '") + "'"
	}
	return "w.words @@ CAST(" + args.add(strings.Join(quoted, " & ")) + " AS tsquery)"
}

func (postgresWording) places(n, width int) string { return places(n, width) }

// places stand for the values of n rows, by their numbers.
func places(n, width int) string {
	rows, values := make([]string, n), make([]string, width)
	for i := range rows {
		for j := range values {
			values[j] = "$" + strconv.Itoa(i*width+j+1)
		}
		rows[i] = "(" + strings.Join(values, ", ") + ")"
	}
	return strings.Join(rows, ", ")
}
