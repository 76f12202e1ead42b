package storetest

import (
	"slices"
	"strings"

	"disburse/internal/store/audit"
)

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
