// Package e2e holds the tests that join van and hub, first in one process,
// then as the real programs.
package e2e
