package postgres_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/postgres/pgtest"
)

// TestStatementTimeouts: a statement that the server gives up is told in a sentence.
func TestStatementTimeouts(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	for name, run := range map[string]func() error{
		"write": func() error {
			return db.InTx(t.Context(), func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), `SET LOCAL statement_timeout = 20; SELECT pg_sleep(30)`)
				return err
			})
		},
		"read": func() error {
			return db.Read(t.Context(), func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), `SET LOCAL statement_timeout = 20; SELECT pg_sleep(30)`)
				return err
			})
		},
	} {
		if err := run(); !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "数据库到了时限") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
