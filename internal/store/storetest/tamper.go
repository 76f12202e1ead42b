package storetest

import (
	"cmp"
	"slices"
	"strings"

	"disburse/internal/store/audit"
)

// Tampering is one statement under the program's role, past the program: refused with a
// SQLSTATE, or named by the audit.
type Tampering struct {
	Sql   string
	State string // SQLSTATE; empty: it succeeds
	Table string // of the problem
	Says  string
}

// Tamper tries each on its own and puts back what it has changed.
func (d *District) Tamper(table string, all ...Tampering) {
	d.T.Helper()
	try := d.AsProgram()
	list := strings.Join(d.Columns(table), ", ")
	d.Exec(`DROP TABLE IF EXISTS kept_row; CREATE TABLE kept_row AS SELECT ` + list + ` FROM ` + table)
	for _, x := range all {
		if state := try(x.Sql); state != x.State {
			d.T.Errorf("%s: %q, want %q", x.Sql, state, x.State)
		}
		problems := d.Audit(nil).Problems
		switch named := slices.ContainsFunc(problems, func(p audit.Problem) bool {
			return p.Table == cmp.Or(x.Table, table) && strings.Contains(p.String(), x.Says)
		}); {
		case x.State != "" && len(problems) > 0:
			d.T.Errorf("%s was refused, and the audit says %v", x.Sql, problems)
		case x.State == "" && !named:
			d.T.Errorf("%s: %q is not named in %v", x.Sql, x.Says, problems)
		}
		d.Exec(`SET session_replication_role = replica`)
		d.Exec(`DELETE FROM ` + table)
		d.Exec(`INSERT INTO ` + table + ` (` + list + `) SELECT ` + list + ` FROM kept_row`)
		d.Exec(`RESET session_replication_role`)
	}
	d.Clean()
}
