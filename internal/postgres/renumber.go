package postgres

import (
	"fmt"

	"ark/internal/database"
)

// Renumber has columns that number their rows go on after the highest number
// that there is, and looks at what is in all tables: for after many rows were
// put in with their numbers.
func Renumber(tx *database.Tx) error {
	rows, err := tx.Query(`SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND is_identity = 'YES'`)
	if err != nil {
		return fmt.Errorf("renumber: %w", err)
	}
	defer rows.Close()
	numbered := map[string]string{}
	for rows.Next() {
		var name, column string
		if err := rows.Scan(&name, &column); err != nil {
			return fmt.Errorf("renumber: %w", err)
		}
		numbered[name] = column
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("renumber: %w", err)
	}
	for name, column := range numbered {
		if _, err := tx.Exec(fmt.Sprintf("SELECT setval(pg_get_serial_sequence($1, $2), max(%s)) FROM %s HAVING max(%[1]s) > 0", column, name), name, column); err != nil {
			return fmt.Errorf("renumber %s: %w", name, err)
		}
	}
	if _, err := tx.Exec("ANALYZE"); err != nil {
		return fmt.Errorf("look at the tables: %w", err)
	}
	return nil
}
