package postgres_test

import (
	"testing"

	"ark/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
