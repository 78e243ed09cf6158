package store

import (
	"context"
	"errors"
	"testing"

	"ark/hub"
	"ark/internal/database"
)

// parting is a database that went away in the middle of a commit.
type parting struct{ base }

func (parting) Write(context.Context, func(*database.Tx) error) error { return database.ErrUncertain }

// What nobody knows to be kept is told in the hub's words, and pages look anew.
func TestACommitThatNobodyKnows(t *testing.T) {
	s := &Store{}
	s.db = &server{parting{}, s.unsure}
	if err := s.RemoveView(t.Context(), "lin", [16]byte{1}); !errors.Is(err, hub.ErrUncertain) {
		t.Errorf("got %v, want %v", err, hub.ErrUncertain)
	}
	if s.told.Load() != 1 {
		t.Error("lists stay as they were")
	}
}
