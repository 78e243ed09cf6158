package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"ark/internal/database"
)

// pool is connections on which every text is made plain before it is sent.
func pool(config pgx.ConnConfig, ready func(context.Context, *pgx.Conn) error) *sql.DB {
	return sql.OpenDB(connector{stdlib.GetConnector(config, stdlib.OptionAfterConnect(ready))})
}

type connector struct{ driver.Connector }

// Connect makes a connection.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	one, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return conn{one.(*stdlib.Conn)}, nil
}

// conn is a connection of pgx. It is asked about each argument of a statement.
type conn struct{ *stdlib.Conn }

// CheckNamedValue makes a text one that PostgreSQL can keep, or look for: see
// database.Text.
func (c conn) CheckNamedValue(v *driver.NamedValue) error {
	if r := reflect.ValueOf(v.Value); r.Kind() == reflect.String {
		v.Value = database.Text(r.String())
	}
	return c.Conn.CheckNamedValue(v)
}
