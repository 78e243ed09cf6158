package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ark/hub"
)

// found is a record in which a check finds something.
type found struct {
	hub.AuditLog
	c hub.AuditCheck
}

func (f *found) CheckAudit(context.Context, []hub.AuditHead, func(int64, int64)) (hub.AuditCheck, error) {
	return f.c, nil
}

// A check of the record leaves a mark where it found it whole, and takes the
// mark away where somebody has tampered.
func TestAChecksMark(t *testing.T) {
	data, now := t.TempDir(), time.Unix(1_790_000_000, 0)
	f := &found{c: hub.AuditCheck{Head: hub.AuditHead{Seq: 7}}}
	m := markedLog{f, data, func() time.Time { return now }, slog.New(slog.DiscardHandler)}
	if _, _, ok := readMark(data, auditMark); ok {
		t.Error("there is a mark before")
	}
	m.CheckAudit(t.Context(), nil, nil)
	if at, n, ok := readMark(data, auditMark); !ok || n != 7 || !at.Equal(now) {
		t.Errorf("got %v, %d, %v", at, n, ok)
	}
	f.c.Faults = []hub.AuditFault{{Seq: 3}}
	m.CheckAudit(t.Context(), nil, nil)
	m.CheckAudit(t.Context(), nil, nil)
	if _, _, ok := readMark(data, auditMark); ok {
		t.Error("the mark stays although somebody has tampered")
	}
	for _, rubbish := range []string{"", "x", "2026-11-26T09:30:00Z x", "\x00"} {
		must(t, os.WriteFile(filepath.Join(data, auditMark), []byte(rubbish), 0o600))
		if _, _, ok := readMark(data, auditMark); ok {
			t.Errorf("%q is a mark", rubbish)
		}
	}
	if left, err := filepath.Glob(filepath.Join(data, "*.*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
