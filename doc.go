// Package ark holds the words that a van and the hub share, and the rules
// about them: entries and journals, frames and receipts, visits, orders,
// announcements and broadcasts, and the replication of a journal.
//
// Everything here is pure: no I/O, no clock, no goroutine, no randomness of
// its own. Time and randomness are arguments, so that a test can drive both
// ends of the replication through any history in microseconds.
package ark
