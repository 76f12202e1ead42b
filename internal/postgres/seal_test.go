package postgres_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// TestNobodyChangesWhatIsSigned tries, under the role that the program works under and so
// everybody who uses it, to change or take away every column and row of what people have
// signed and what rests on it.
func TestNobodyChangesWhatIsSigned(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.draft(line(1, "11"), line(2, "11"))
	b := d.upTo(payrun.Approved)
	try := d.asProgram()
	for _, table := range []string{"signature", "void_signature", "batch_seal", "acknowledgement", "decision", "line", "ledger", "waiver",
		"payment", "payment_file", "payment_result", "journal", "pack"} {
		columns := d.columns(table)
		if len(columns) < 3 {
			t.Fatalf("table %s has columns %v", table, columns)
		}
		for _, column := range columns {
			sql := fmt.Sprintf(`UPDATE %s SET %s = %s`, table, column, column)
			if state := try(sql); state != postgres.InsufficientPrivilege {
				t.Errorf("%s: %q", sql, state)
			}
		}
		for _, sql := range []string{"DELETE FROM " + table, "TRUNCATE " + table, "ALTER TABLE " + table + " OWNER TO disburse_app", "DROP TABLE " + table} {
			if state := try(sql); state != postgres.InsufficientPrivilege {
				t.Errorf("%s: %q", sql, state)
			}
		}
	}
	for _, sql := range []string{`DELETE FROM batch`, `TRUNCATE batch CASCADE`, `DELETE FROM account_user`, `DELETE FROM region`, `TRUNCATE draft_line`,
		`UPDATE account_user SET name = name || '甲'`, `UPDATE account_user SET post = '审批'`, `UPDATE account_user SET bureau = '区人社局'`} {
		if state := try(sql); state != postgres.InsufficientPrivilege {
			t.Errorf("%s: %q", sql, state)
		}
	}
	d.sealed(b, try)
}

// asProgram returns a way to try a statement under the program's role, undone in the end:
// the SQLSTATE it fails with, empty where it succeeds.
func (d *desk) asProgram() func(sql string) string {
	d.t.Helper()
	conn, err := pgx.Connect(d.t.Context(), d.url)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = conn.Close(d.t.Context()) })
	if _, err := conn.Exec(d.t.Context(), `SET ROLE disburse_app`); err != nil {
		d.t.Fatal(err)
	}
	return func(sql string) string {
		d.t.Helper()
		tx, err := conn.Begin(d.t.Context())
		if err != nil {
			d.t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(d.t.Context()) }()
		if _, err := tx.Exec(d.t.Context(), sql); err != nil {
			return postgres.State(err)
		}
		return postgres.State(tx.Commit(d.t.Context()))
	}
}

func (d *desk) columns(table string) []string {
	d.t.Helper()
	rows, err := d.owner.Query(d.t.Context(), `SELECT attname FROM pg_attribute
		WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`, table)
	if err != nil {
		d.t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// sealed insists that no column of an approved batch's own row can be given another
// value, but for what may still happen to it: handed to the bank, voided.
func (d *desk) sealed(b payrun.Batch, try func(string) string) {
	d.t.Helper()
	changes := map[string][]string{
		"region": {"140214"}, "batch": {"batch + 1"}, "month": {"month + interval '1 month'"}, "bureau": {"'区人社局'"}, "n": {"n + 1"},
		"state": {"'open'", "'submitted'", "'reviewed'", "'returned'", "'carried'"}, "round": {"round + 1"}, "revision": {"revision + 1"},
		"pack": {"'other'"}, "digest": {"'00'"}, "lines": {"lines + 1"}, "heads": {"heads + 1"}, "pays": {"pays + 1"}, "held": {"held + 1"},
		"approved_rev": {"approved_rev + 1", "NULL", "NULL, state = 'open'"},
	}
	for _, column := range d.columns("batch") {
		if column != "sent_rev" && len(changes[column]) == 0 {
			d.t.Errorf("nobody tries to change batch.%s", column)
		}
		for _, value := range changes[column] {
			sql := fmt.Sprintf(`UPDATE batch SET %s = %s WHERE batch = %d`, column, value, b.Number)
			if state := try(sql); !slices.Contains([]string{postgres.InsufficientPrivilege, postgres.CheckViolation, postgres.ForeignKeyViolation}, state) {
				d.t.Errorf("%s: %q", sql, state)
			}
		}
	}
	if state := try(fmt.Sprintf(`INSERT INTO batch_seal SELECT * FROM batch_seal WHERE batch = %d`, b.Number)); state != postgres.UniqueViolation {
		d.t.Errorf("a second seal: %q", state)
	}
}
