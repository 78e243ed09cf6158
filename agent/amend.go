package agent

import "ark"

// MaxAmended is how often a visit is said anew at most: the hub keeps some 200
// entries about one, and whoever asks for its history is given all of them.
const MaxAmended = 100

// MayAmend tells whether somebody may amend or withdraw a visit now: nil,
// ErrNotYours or ErrTooLate. A visit is theirs who signed in as the one that
// made it, on whichever phone; one that names nobody, theirs who hold the
// phone it was written on. One that staff returned may be amended at any time,
// and so may one whose time is in doubt: a van's wrong clock is held against
// nobody. One that was withdrawn stays so.
func MayAmend(v Logged, form ark.Form, now ark.UnixMilli, phone, member ark.ID) error {
	theirs := !v.Member.IsZero() && v.Member == member
	if v.Member.IsZero() {
		theirs = !v.Phone.IsZero() && v.Phone == phone
	}
	switch {
	case !theirs:
		return ErrNotYours
	case v.Withdrawn:
		return ErrTooLate
	case v.Review == ark.ReviewReturned, v.Doubtful:
		return nil
	case int64(now-v.Made) > form.AmendWithin()*1000:
		return ErrTooLate
	}
	return nil
}
