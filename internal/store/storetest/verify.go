package storetest

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
	"disburse/internal/store/audit"
)

// VerifyChain fails where the region's audit chain is broken, read at one moment.
func VerifyChain(ctx context.Context, db *postgres.DB, region int32) error {
	return db.Read(ctx, func(tx pgx.Tx) error { return audit.VerifyChainIn(ctx, tx, region) })
}

func IdIn(year int) string { return Somebody(year, "").ID }

func (d *District) Audit(anchor *audit.Anchor) *audit.Report {
	d.T.Helper()
	report, err := audit.Verify(d.T.Context(), d.Db, DeskRegion, anchor, nil)
	if err != nil {
		d.T.Fatal(err)
	}
	return Opened(report)
}

// Opened leaves out that fixtures have put accounts straight into the table, to save the
// cost of their passwords.
func Opened(report *audit.Report) *audit.Report {
	report.Problems = slices.DeleteFunc(report.Problems, func(p audit.Problem) bool {
		return p.Table == "account_user" && strings.Contains(p.What, "多出，不是本程序")
	})
	return report
}

// Clean insists that an audit finds nothing.
func (d *District) Clean() *audit.Report {
	d.T.Helper()
	report := d.Audit(nil)
	for _, p := range report.Problems {
		d.T.Errorf("nothing was touched, and: %s", p)
	}
	return report
}
