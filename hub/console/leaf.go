package console

import "strconv"

// vansPerPage is how many vans a page of the fleet has.
const vansPerPage = 50

// leaf is one page of a list whose pages have numbers.
type leaf struct {
	At, Last int // the page, and the last one, from 1
}

// leafOf is the page that was asked for of a list of n rows. A list may have
// grown shorter since, so what lies beyond it is its last page.
func leafOf(asked string, n, perPage int) leaf {
	last := max(1, (n+perPage-1)/perPage)
	at, _ := strconv.Atoi(asked) // 0: none was asked for
	return leaf{min(max(at, 1), last), last}
}

// bounds are the rows of a list of n that the page shows.
func (l leaf) bounds(n, perPage int) (from, to int) {
	from = min((l.At-1)*perPage, n)
	return from, min(from+perPage, n)
}

// Before is the page before this one; 0: there is none.
func (l leaf) Before() int { return l.At - 1 }

// After is the page after this one; 0: there is none.
func (l leaf) After() int {
	if l.At == l.Last {
		return 0
	}
	return l.At + 1
}

// leavesAround is how many pages on each side of this one have a link.
const leavesAround = 2

// Numbers are the pages that have a link: the first, the last and those about
// this one; 0 stands for those between.
func (l leaf) Numbers() (all []int) {
	for n := 1; n <= l.Last; n++ {
		if n == 1 || n == l.Last || n >= l.At-leavesAround && n <= l.At+leavesAround {
			all = append(all, n)
		} else if all[len(all)-1] != 0 {
			all = append(all, 0)
		}
	}
	return all
}
