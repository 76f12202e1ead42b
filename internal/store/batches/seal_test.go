package batches_test

import (
	"fmt"
	"slices"
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/storetest"
)

// TestNobodyChangesWhatIsSigned tries, under the role that the program works under and so
// everybody who uses it, to change or take away every column and row of what people have
// signed and what rests on it.
func TestNobodyChangesWhatIsSigned(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	d.Draft(storetest.Line(1, "11"), storetest.Line(2, "11"))
	b := d.UpTo(payrun.Approved)
	try := d.AsProgram()
	for _, table := range []string{"signature", "void_signature", "batch_seal", "acknowledgement", "decision", "line", "ledger", "waiver",
		"payment", "payment_file", "payment_result", "journal", "pack"} {
		columns := d.Columns(table)
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
	sealed(d, b, try)
}

// sealed insists that no column of an approved batch's own row can be given another
// value, but for what may still happen to it: handed to the bank, voided.
func sealed(d *storetest.Desk, b payrun.Batch, try func(string) string) {
	d.T.Helper()
	changes := map[string][]string{
		"region": {"140214"}, "batch": {"batch + 1"}, "month": {"month + interval '1 month'"}, "bureau": {"'区人社局'"}, "n": {"n + 1"},
		"state": {"'open'", "'submitted'", "'reviewed'", "'returned'", "'carried'"}, "round": {"round + 1"}, "revision": {"revision + 1"},
		"pack": {"'other'"}, "digest": {"'00'"}, "lines": {"lines + 1"}, "heads": {"heads + 1"}, "pays": {"pays + 1"}, "held": {"held + 1"},
		"approved_rev": {"approved_rev + 1", "NULL", "NULL, state = 'open'"},
	}
	for _, column := range d.Columns("batch") {
		if column != "sent_rev" && len(changes[column]) == 0 {
			d.T.Errorf("nobody tries to change batch.%s", column)
		}
		for _, value := range changes[column] {
			sql := fmt.Sprintf(`UPDATE batch SET %s = %s WHERE batch = %d`, column, value, b.Number)
			if state := try(sql); !slices.Contains([]string{postgres.InsufficientPrivilege, postgres.CheckViolation, postgres.ForeignKeyViolation}, state) {
				d.T.Errorf("%s: %q", sql, state)
			}
		}
	}
	if state := try(fmt.Sprintf(`INSERT INTO batch_seal SELECT * FROM batch_seal WHERE batch = %d`, b.Number)); state != postgres.UniqueViolation {
		d.T.Errorf("a second seal: %q", state)
	}
}
