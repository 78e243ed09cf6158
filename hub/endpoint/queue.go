package endpoint

import (
	"sync"

	"ark"
)

// Bounds of what waits for one van.
const (
	maxQueued      = 128
	maxQueuedBytes = 512 << 10
	writeBatch     = 8 << 10
)

// message is one that waits for a van.
type message struct {
	channel ark.Channel
	payload []byte
}

// queue holds what is to be sent to one van. A goroutine that writes lives
// only while there is something to write.
type queue struct {
	mu       sync.Mutex
	messages []message
	bytes    int
	open     bool // the van has subscribed: writing may begin
	writing  bool
	closed   bool
	done     sync.WaitGroup
}

// add queues a message. start: the caller must run drain in a goroutine.
func (q *queue) add(m message) (ok, start bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.messages) >= maxQueued || q.bytes+len(m.payload) > maxQueuedBytes {
		return false, false
	}
	q.messages = append(q.messages, m)
	q.bytes += len(m.payload)
	return true, q.startLocked()
}

// startWriting lets messages go from now on.
func (q *queue) startWriting() (start bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open = true
	return q.startLocked()
}

func (q *queue) startLocked() bool {
	if !q.open || q.writing || q.closed || len(q.messages) == 0 {
		return false
	}
	q.writing = true
	q.done.Add(1)
	return true
}

// next takes a batch; none: the writer must end.
func (q *queue) next() []message {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, size := 0, 0
	for n < len(q.messages) && (n == 0 || size+len(q.messages[n].payload) <= writeBatch) {
		size += len(q.messages[n].payload)
		n++
	}
	if n == 0 || q.closed {
		q.writing = false
		return nil
	}
	batch := q.messages[:n:n]
	q.messages = q.messages[n:]
	if len(q.messages) == 0 {
		q.messages = nil
	}
	q.bytes -= size
	return batch
}

// close refuses what comes and drops what waits.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.messages, q.bytes = nil, 0
}
