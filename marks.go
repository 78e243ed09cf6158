package ark

// onMark is set by tests only: it is told when a rare branch is taken, so
// that a test can insist that each of them really was.
var onMark func(string)

func mark(name string) {
	if onMark != nil {
		onMark(name)
	}
}
