package database

import "strings"

// Text is a text as both databases can keep it: PostgreSQL takes neither a NUL
// nor bytes that are not UTF-8, and what vans and visitors send may have them.
func Text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
