package agent

import "errors"

// Errors that a store can have and that people must be told of. They are
// stable: pages translate them.
var (
	ErrDiskFull = errors.New("the card is full")
	ErrReadOnly = errors.New("the card cannot be written")
	ErrInUse    = errors.New("another agent uses this database")
	ErrClosed   = errors.New("the card is not in use")
	ErrTaken    = errors.New("something else is kept under this id")
	ErrBroken   = errors.New("the card does not keep what it is given")
)
