package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"ark/internal/database"
	"ark/internal/postgres"
	"ark/internal/sqlite"
)

// Errors of a move. After any of them there is nothing where it was to go,
// and it can be begun anew.
var (
	ErrNotEmpty = errors.New("there is something already")
	ErrCopied   = errors.New("the copy is not what was copied")
)

// Moved is told how a move comes along: of which table how many rows were
// copied, or, checked, are the same.
type Moved func(table string, rows int64, checked bool)

// Move copies all that the store at one place knows to another, which has
// nothing yet, and reads it back. Nobody uses either meanwhile. It is done as a
// whole or not at all: a file gets its name, and a transaction of PostgreSQL
// ends, when all is there and checked.
func Move(ctx context.Context, from, to string, tell Moved) error {
	source, err := openBase(ctx, from)
	if err != nil {
		return fmt.Errorf("move: %w", err)
	}
	if postgres.Is(to) {
		err = moveToServer(ctx, source, to, tell)
	} else {
		err = copyToFile(ctx, source.Read(), to, tell)
	}
	err = errors.Join(err, source.Close())
	if ctx.Err() != nil {
		err = ctx.Err() // whatever else that led to
	}
	if err != nil {
		return fmt.Errorf("move: %w", err)
	}
	return nil
}

func moveToServer(ctx context.Context, source base, to string, tell Moved) error {
	target, err := openTarget(ctx, to)
	if err != nil {
		return err
	}
	err = target.db.Write(ctx, func(tx *database.Tx) error {
		c := copier{from: source.Read(), to: target, back: tx, in: func(f func(*database.Tx) error) error { return f(tx) }, tell: tell}
		if err := c.run(ctx); err != nil {
			return err
		}
		return postgres.Renumber(tx)
	})
	return errors.Join(err, target.Close())
}

// backUp writes a database as of one moment to a file that must not exist. That
// of a server is copied into a file, too: it can be put back anywhere.
func backUp(ctx context.Context, from interface{ Read() *sql.DB }, to string) error {
	if file, ok := from.(interface {
		Backup(ctx context.Context, to string) error
	}); ok {
		return file.Backup(ctx, to)
	}
	err := postgres.Moment(ctx, from.Read(), func(tx *sql.Tx) error {
		return copyToFile(ctx, tx, to, func(string, int64, bool) {})
	})
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

func copyToFile(ctx context.Context, from querier, to string, tell Moved) error {
	if _, err := os.Stat(to); err == nil {
		return fmt.Errorf("%w: %s", ErrNotEmpty, to)
	}
	trial := to + ".moving"
	defer func() {
		for _, end := range []string{"", "-wal", "-shm", ".lock"} {
			os.Remove(trial + end)
		}
	}()
	for _, end := range []string{"", "-wal", "-shm"} { // of one that was broken off
		if err := os.Remove(trial + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	target, err := openTarget(ctx, trial)
	if err != nil {
		return err
	}
	c := copier{from: from, to: target, back: target.db.Read(), tell: tell,
		in: func(f func(*database.Tx) error) error { return target.db.Write(ctx, f) }}
	if err := errors.Join(c.run(ctx), target.Close()); err != nil {
		return err
	}
	return sqlite.Replace(to, trial, to+".before")
}

// openTarget opens what is copied to, with nothing in it that a hub adds at its
// start.
func openTarget(ctx context.Context, place string) (*Store, error) {
	db, err := openBase(ctx, place)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, wording: wordingOf(place), now: time.Now}
	if err := s.bulk.prepare(ctx, db, s.wording); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// copier copies tables.
type copier struct {
	from, back querier // back reads what was written
	to         *Store
	in         func(func(*database.Tx) error) error // runs in a transaction
	tell       Moved
}

func (c copier) run(ctx context.Context) error {
	for _, t := range tables {
		if slices.Contains(seeded, t.name) {
			continue
		}
		var some bool
		if err := c.back.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+t.name+")").Scan(&some); err != nil {
			return err
		}
		if some {
			return fmt.Errorf("%w: in table %s", ErrNotEmpty, t.name)
		}
	}
	for _, t := range tables {
		if err := c.table(ctx, t); err != nil {
			return fmt.Errorf("copy table %s: %w", t.name, err)
		}
	}
	if err := c.deriveHouseholds(ctx); err != nil {
		return fmt.Errorf("make households findable: %w", err)
	}
	if err := c.derive(ctx); err != nil {
		return fmt.Errorf("make visits findable: %w", err)
	}
	return nil
}

// step is how many rows of a table, and how many bytes of them at most but for
// the last, are held in memory, and go into one transaction of a file.
const (
	stepRows  = 5000
	stepBytes = 8 << 20
)

// table copies one table and reads it back.
func (c copier) table(ctx context.Context, t table) error {
	names, err := columnsOf(ctx, c.from, t.name)
	if err != nil {
		return err
	}
	theirs, err := columnsOf(ctx, c.back, t.name)
	if err != nil {
		return err
	}
	if !slices.Equal(slices.Sorted(slices.Values(names)), slices.Sorted(slices.Values(theirs))) {
		return fmt.Errorf("%w: columns %v and %v", ErrOtherRelease, names, theirs)
	}
	if slices.Contains(seeded, t.name) {
		if err := c.in(func(tx *database.Tx) error { _, err := tx.Exec("DELETE FROM " + t.name); return err }); err != nil {
			return err
		}
	}
	columns := strings.Join(names, ", ")
	held, bytes, done := []any{}, 0, int64(0)
	flush := func() error {
		err := c.in(func(tx *database.Tx) error { return insertAll(tx, t.name, columns, len(names), held) })
		done += int64(len(held) / len(names))
		held, bytes = held[:0], 0
		c.tell(t.name, done, false)
		return err
	}
	read, err := eachRow(ctx, c.from, t, columns, func(row []any) error {
		for _, v := range row {
			held = append(held, v)
			bytes += sizeOf(v)
		}
		if len(held) < stepRows*len(names) && bytes < stepBytes {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	written, err := eachRow(ctx, c.back, t, columns, nil)
	if err != nil {
		return err
	}
	if read != written {
		return fmt.Errorf("%w: %d rows with hash %x, and then %d with %x", ErrCopied, read.Rows, read.Hash[:4], written.Rows, written.Hash[:4])
	}
	c.tell(t.name, read.Rows, true)
	return nil
}

func sizeOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	}
	return 8
}

// insertAll inserts rows that lie flat, many with one statement.
func insertAll(tx *database.Tx, name, columns string, width int, values []any) error {
	const most = 2000 // values of one statement
	for _, n := range []int{max(most/width, 1), 1} {
		if len(values) < n*width {
			continue
		}
		stmt, err := tx.Prepare("INSERT INTO " + name + " (" + columns + ") VALUES " + places(ordinal, n, width))
		if err != nil {
			return err
		}
		for ; err == nil && len(values) >= n*width; values = values[n*width:] {
			_, err = stmt.Exec(values[:n*width]...)
		}
		if err = errors.Join(err, stmt.Close()); err != nil {
			return err
		}
	}
	return nil
}

// derive makes what visits are found by beside their own rows: those that were
// found before.
func (c copier) derive(ctx context.Context) error {
	const step = 500
	for after, done := int64(-1), int64(0); ; {
		some, err := readings(ctx, c.from, "WHERE v.changed > 0 AND v.position > $1 ORDER BY v.position LIMIT $2", after, step)
		if err != nil {
			return err
		}
		if len(some) == 0 {
			break
		}
		found := make([]findable, len(some))
		for i, v := range some {
			t := traitsOf(v.van, v.Visit.Visit, v.first, v.At)
			found[i] = findable{int64(v.Position), &t}
		}
		if err := c.in(func(tx *database.Tx) error { return c.to.addFindable(tx, found) }); err != nil {
			return err
		}
		after, done = found[len(found)-1].position, done+int64(len(some))
		c.tell(derived[1], done, false)
	}
	for _, name := range derived {
		var was, is int64
		for q, n := range map[querier]*int64{c.from: &was, c.back: &is} {
			if err := q.QueryRowContext(ctx, "SELECT count(*) FROM "+name).Scan(n); err != nil {
				return err
			}
		}
		if was != is {
			return fmt.Errorf("%w: table %s has %d rows instead of %d", ErrCopied, name, is, was)
		}
		c.tell(name, is, true)
	}
	return nil
}
