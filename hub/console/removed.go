package console

import (
	"slices"
	"sync"

	"ark"
	"ark/hub"
)

// maxRemoved is how many items that were taken out of the plan can be put
// back. After a restart of the hub none can.
const maxRemoved = 50

// removed holds items that were taken out of the plan.
type removed struct {
	mu   sync.Mutex
	rows []hub.PlanRow // the newest last
}

func (m *removed) add(row hub.PlanRow) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows = append(m.rows, row)
	if len(m.rows) > maxRemoved {
		m.rows = slices.Delete(m.rows, 0, 1)
	}
}

func (m *removed) find(id string) (hub.PlanRow, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, row := range m.rows {
		if row.ID.String() == id {
			return row, true
		}
	}
	return hub.PlanRow{}, false
}

func (m *removed) forget(id ark.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows = slices.DeleteFunc(m.rows, func(row hub.PlanRow) bool { return row.ID == id })
}
