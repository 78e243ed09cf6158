package store

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"ark/hub"
	"ark/internal/database"
)

// reserved are the names of no person: of the hub's program, of the
// organisation's sign-in, and of nobody.
var reserved = []string{hub.OwnName, hub.ByOrganisation, hub.AssignedNobody}

// alike is what names that people take for one another have in common: however
// wide or high their characters stand, and in whichever case.
func alike(name string) string { return cases.Fold().String(norm.NFKC.String(name)) }

// checkName tells whether a new account may have a name: one in which nothing
// is hidden, and no letter of one alphabet stands for its double in another.
func checkName(name string) error {
	if strings.ContainsFunc(name, hidden) || strings.Contains(name, "  ") {
		return fmt.Errorf("%w: a name with hidden characters", hub.ErrInvalid)
	}
	latin := strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
	other := strings.ContainsFunc(name, func(r rune) bool {
		return unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee)
	})
	if latin && other {
		return fmt.Errorf("%w: a name in two alphabets that look alike", hub.ErrInvalid)
	}
	if strings.TrimSpace(name) != name {
		return fmt.Errorf("%w: a name between spaces", hub.ErrInvalid)
	}
	for _, r := range reserved {
		if alike(name) == alike(r) {
			return fmt.Errorf("%w: a name that no person has", hub.ErrInvalid)
		}
	}
	return nil
}

// hidden tells whether a character of a name does not show, or as nothing but
// room.
func hidden(r rune) bool {
	const blankBraille = '\u2800'
	return r != ' ' && (!unicode.IsGraphic(r) || unicode.Is(unicode.Z, r) || r == blankBraille ||
		unicode.In(r, unicode.Cf, unicode.Co, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector))
}

// freeName answers hub.ErrTaken where an account has a name that looks like a
// new one.
func freeName(tx *database.Tx, name string) error {
	rows, err := tx.Query("SELECT name FROM accounts")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var other string
		if err := rows.Scan(&other); err != nil {
			return err
		}
		if alike(other) == alike(name) {
			return hub.ErrTaken
		}
	}
	return rows.Err()
}
