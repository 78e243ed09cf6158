// Package mutants holds planted bugs: small patches, each a mistake that
// would lose, double or invent a visit. scripts/mutants plants one after the
// other in a copy of the source and insists that a test finds it. A patch
// begins with the bug in words and the tests that must find it: the package,
// the test's name, and flags where it needs them, such as a seed.
package mutants
