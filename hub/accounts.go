package hub

import "errors"

// Errors of whoever keeps the accounts of staff.
var (
	ErrWrongPassword = errors.New("wrong name or password")
	ErrTooManyTries  = errors.New("too many wrong tries; wait a while")
	ErrPassword      = errors.New("a name of 1 to 64 bytes and a password of 8 to 256 are needed")
	ErrPIN           = errors.New("a PIN of 4 to 8 digits is needed, and not one that everybody would try")
)
