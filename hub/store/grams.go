package store

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ark/hub"
)

// Chinese is written without spaces, so text is found by pairs: each run of
// letters, digits and characters is indexed as its overlapping pairs of
// characters, and what is searched is looked for as the same pairs in a row.
// Both go through runs, so that they cannot disagree.

// runs are the runs of letters, digits and characters of a text, in the one
// form in which texts are compared: NFKC (UAX 15), small letters.
func runs(text string) [][]rune {
	var all [][]rune
	var run []rune
	for _, r := range norm.NFKC.String(strings.ToValidUTF8(text, " ")) {
		if r = unicode.ToLower(r); unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) {
			run = append(run, r)
		} else if run != nil {
			all, run = append(all, run), nil
		}
	}
	if run != nil {
		all = append(all, run)
	}
	return all
}

// pairs are the overlapping pairs of a run.
func pairs(run []rune) []string {
	all := make([]string, 0, len(run))
	for i := 1; i < len(run); i++ {
		all = append(all, string(run[i-1:i+1]))
	}
	return all
}

// indexed are the words under which texts are found. Behind each run stands
// its last character alone, so that no row of pairs reaches into the next.
func indexed(texts ...string) []string {
	var all []string
	for _, text := range texts {
		for _, run := range runs(text) {
			all = append(append(all, pairs(run)...), string(run[len(run)-1:]))
		}
	}
	return all
}

// phrases are what must stand in a text that is searched for, each a row of
// pairs. Single characters are passed over: nearly everything has them.
// hub.ErrSearch: there is nothing else.
func phrases(text string) (all [][]string, err error) {
	for _, run := range runs(text) {
		if len(run) > 1 {
			all = append(all, pairs(run))
		}
	}
	if len(all) == 0 {
		return nil, hub.ErrSearch
	}
	return all, nil
}
