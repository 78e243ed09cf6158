// Package households finds households as one types: by the characters of a
// name, its pinyin or initials, a door or part of one, digits of a telephone
// number, or several of these; and those that may be the same as another. All
// that a van holds is in memory, in a form that costs about a third of a
// kilobyte a household, and is looked through from end to end: that is fast
// enough for an area of 100,000 and there is nothing to fall out of step.
package households
