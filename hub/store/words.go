package store

import (
	"fmt"
	"strconv"
	"strings"

	"ark/internal/postgres"
)

// wording is what has to be said otherwise to each kind of database: above all
// how it keeps words and finds them. It is told
// pairs of characters, see grams.go: letters, digits and marks, and nothing
// that could be taken for part of a query.
type wording interface {
	// document is words for the column that holds them.
	document(words []string) string
	// holds is the condition that a row w of a table of words has some phrases.
	holds(table string, phrases [][]string, args *arguments) string
	// passed is holds for rows that are gone through in their order until enough
	// have the phrases. Where it is empty, holds does so by itself.
	passed(phrases [][]string, args *arguments) string
	// repeated is said in a transaction before one query is asked in it again and
	// again; empty: nothing need be.
	repeated() string
	// each is a query for the rows of another, which has numbers.n in it, for each
	// of some numbers; empty: they must be asked for one by one.
	each(numbers []int64, query string) string
	// place stands for a value of a query, the nth from 1.
	place(n int) string
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

func (sqliteWording) holds(table string, phrases [][]string, args *arguments) string {
	quoted := make([]string, len(phrases))
	for i, p := range phrases {
		quoted[i] = `"` + strings.Join(p, " ") + `"`
	}
	return "w." + table + " MATCH " + args.add(strings.Join(quoted, " AND "))
}

// FTS5 finds in the order of rowids, or in the other.
func (sqliteWording) passed([][]string, *arguments) string { return "" }

func (sqliteWording) repeated() string { return "" }

// It is asked without a way to a server: one by one is as quick.
func (sqliteWording) each([]int64, string) string { return "" }

// SQLite would look up each place by its number among all.
func (sqliteWording) place(int) string { return "?" }

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

func (postgresWording) holds(_ string, phrases [][]string, args *arguments) string {
	return "w.words @@ " + query(phrases, args)
}

// What the operator does for an index, this function does for a row.
func (postgresWording) passed(phrases [][]string, args *arguments) string {
	return "ts_match_vq(w.words, " + query(phrases, args) + ")"
}

// As readers are, each query would be planned each time: that takes a third as
// long as to read a page of visits.
func (postgresWording) repeated() string { return "SET LOCAL plan_cache_mode = auto" }

func (postgresWording) each(numbers []int64, query string) string {
	rows := make([]string, len(numbers))
	for i, n := range numbers {
		rows[i] = fmt.Sprintf("(CAST(%d AS BIGINT))", n)
	}
	return "SELECT found.* FROM (VALUES " + strings.Join(rows, ", ") + ") AS numbers (n) CROSS JOIN LATERAL (" + query + ") AS found"
}

func query(phrases [][]string, args *arguments) string {
	quoted := make([]string, len(phrases))
	for i, p := range phrases {
		quoted[i] = "'" + strings.Join(p, "' <-> '") + "'"
	}
	return "CAST(" + args.add(strings.Join(quoted, " & ")) + " AS tsquery)"
}

func (postgresWording) place(n int) string { return ordinal(n) }

func ordinal(n int) string { return "$" + strconv.Itoa(n) }

// places stand for the values of n rows.
func places(place func(int) string, n, width int) string {
	return "(" + strings.Join(rowsOf(place, n, width), "), (") + ")"
}

// selected is places for rows that are read like those of a table.
func selected(place func(int) string, n, width int) string {
	return "SELECT " + strings.Join(rowsOf(place, n, width), " UNION ALL SELECT ")
}

func rowsOf(place func(int) string, n, width int) []string {
	rows, values := make([]string, n), make([]string, width)
	for i := range rows {
		for j := range values {
			values[j] = place(i*width + j + 1)
		}
		rows[i] = strings.Join(values, ", ")
	}
	return rows
}
