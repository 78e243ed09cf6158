package crew

import (
	"context"
	"net/http"
	"sync"

	"ark"
)

// queue lets a few costly things be done at a time, and one of each phone: a
// phone that asks without end waits behind itself, and not others behind it.
type queue struct {
	turn chan struct{} // holds one for each that is done

	mu    sync.Mutex
	lines map[ark.ID]*line // of phones that have something in it
}

// line is what one phone has in a queue.
type line struct {
	n    int
	turn chan struct{}
}

// longestLine is the most that one phone may have in a queue: each holds a
// connection.
const longestLine = 8

func newQueue(atOnce int) *queue {
	return &queue{turn: make(chan struct{}, atOnce), lines: map[ark.ID]*line{}}
}

// enter waits for a turn; leave ends it.
func (q *queue) enter(ctx context.Context, phone ark.ID) (leave func(), err error) {
	busy := wrong(http.StatusTooManyRequests, "many", "") // nobody hears it whose request has ended
	l := q.join(phone)
	if l == nil {
		return nil, busy
	}
	for _, turn := range []chan struct{}{l.turn, q.turn} {
		select {
		case turn <- struct{}{}:
		case <-ctx.Done():
			if turn == q.turn {
				<-l.turn
			}
			q.part(phone, l)
			return nil, busy
		}
	}
	return func() {
		<-q.turn
		<-l.turn
		q.part(phone, l)
	}, nil
}

// join stands in the phone's line; nil: it is too long.
func (q *queue) join(phone ark.ID) *line {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lines[phone]
	if l == nil {
		l = &line{turn: make(chan struct{}, 1)}
		q.lines[phone] = l
	}
	if l.n == longestLine {
		return nil
	}
	l.n++
	return l
}

func (q *queue) part(phone ark.ID, l *line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if l.n--; l.n == 0 {
		delete(q.lines, phone)
	}
}
