package storetest

import (
	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
)

// AsProgram returns a way to try a statement under the program's role, undone in the end:
// the SQLSTATE it fails with, empty where it succeeds.
func (d *Desk) AsProgram() func(sql string) string {
	d.T.Helper()
	conn, err := pgx.Connect(d.T.Context(), d.Url)
	if err != nil {
		d.T.Fatal(err)
	}
	d.T.Cleanup(func() { _ = conn.Close(d.T.Context()) })
	if _, err := conn.Exec(d.T.Context(), `SET ROLE disburse_app`); err != nil {
		d.T.Fatal(err)
	}
	return func(sql string) string {
		d.T.Helper()
		tx, err := conn.Begin(d.T.Context())
		if err != nil {
			d.T.Fatal(err)
		}
		defer func() { _ = tx.Rollback(d.T.Context()) }()
		if _, err := tx.Exec(d.T.Context(), sql); err != nil {
			return postgres.SQLState(err)
		}
		return postgres.SQLState(tx.Commit(d.T.Context()))
	}
}

func (d *Desk) Columns(table string) []string {
	d.T.Helper()
	rows, err := d.Owner.Query(d.T.Context(), `SELECT attname FROM pg_attribute
		WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`, table)
	if err != nil {
		d.T.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.T.Fatal(err)
	}
	return all
}
