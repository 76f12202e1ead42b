package storetest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"disburse/internal/postgres"
	"disburse/internal/store/audit"
)

// VerifyChain fails where the region's audit chain is broken, read at one moment.
func VerifyChain(ctx context.Context, db *postgres.DB, region int32) error {
	return db.ReadRegion(ctx, region, func(scope postgres.Scope) error { return audit.VerifyChainIn(ctx, scope) })
}

func (d *District) Audit(anchor *audit.Anchor) *audit.Report {
	d.T.Helper()
	report, err := audit.Verify(d.T.Context(), d.Db, DeskRegion, anchor, nil)
	if err != nil {
		d.T.Fatal(err)
	}
	return Opened(report)
}

// Opened removes the problems of accounts that fixtures insert by SQL, without journal entries, to
// save the cost of hashing passwords.
func Opened(report *audit.Report) *audit.Report {
	report.Problems = slices.DeleteFunc(report.Problems, func(p audit.Problem) bool {
		return p.Table == "account_user" && strings.Contains(p.What, "多出，不是本程序")
	})
	return report
}

// Clean checks that an audit finds nothing.
func (d *District) Clean() *audit.Report {
	d.T.Helper()
	report := d.Audit(nil)
	for _, p := range report.Problems {
		d.T.Errorf("nothing was touched, and: %s", p)
	}
	return report
}

// Tampering is a manipulation: one statement under the program's role that the database must
// refuse with a SQLSTATE, or the audit must report.
type Tampering struct {
	Sql   string
	State string // SQLSTATE; empty: it succeeds
	Table string // of the problem
	Says  string
}

// Tamper tries each manipulation on its own and restores the table afterwards.
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
