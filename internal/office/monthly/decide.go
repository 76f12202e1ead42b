package monthly

import (
	"context"
	"path/filepath"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/store/signing"
	"disburse/reports/worklists"
)

// Decide decides about one check (疑点) by its id, for By.Reason: pay, or keep holding.
func Decide(ctx context.Context, o *office.Office, id string, release bool, by journal.By) error {
	return signing.Decide(ctx, o.DB, o.Region, id, release, by.Reason, office.User(by), by)
}

// DecideAll decides about several checks, all or none; Decided.Wrong says, by the place
// in rulings, what stood in the way. The subject stands in the journal.
func DecideAll(ctx context.Context, o *office.Office, subject string, rulings []signing.Ruling, by journal.By) (signing.BulkResult, error) {
	return signing.DecideAll(ctx, o.DB, o.Region, subject, rulings, office.User(by), by)
}

// DecideKind decides about all open checks of one kind in the user's bureau.
func DecideKind(ctx context.Context, o *office.Office, m month.Month, kind string, release bool, by journal.By) (signing.BulkResult, error) {
	return signing.DecideKind(ctx, o.DB, o.Region, m, kind, release, by.Reason, office.User(by), by)
}

// DecideFrom takes the decisions of a workbook that ChecksWorkbook wrote and somebody
// filled in, all or none. Where a row is wrong it fails and returns every such row.
func DecideFrom(ctx context.Context, o *office.Office, m month.Month, path string, by journal.By) (signing.BulkResult, []worklists.RulingProblem, error) {
	rows, problems, err := worklists.ReadRulings(path)
	if err != nil {
		return signing.BulkResult{}, nil, err
	}
	if len(rows)+len(problems) == 0 {
		return signing.BulkResult{}, nil, fault.New(fault.Invalid, "“%s”里没有填写任何决定，什么都没有改动", path)
	}
	var rulings []signing.Ruling
	for _, r := range rows {
		rulings = append(rulings, signing.Ruling{Finding: r.ID, Release: r.Pay, Reason: r.Reason})
	}
	var done signing.BulkResult
	if len(problems) == 0 {
		if done, err = DecideAll(ctx, o, m.String()+" "+filepath.Base(path), rulings, by); err != nil {
			return done, nil, err
		}
		for i, err := range done.Wrong {
			problems = append(problems, worklists.RulingProblem{Row: rows[i].Row, Column: "编号", Value: rows[i].ID, Reason: err.Error()})
		}
	}
	if len(problems) > 0 {
		slices.SortFunc(problems, func(x, y worklists.RulingProblem) int { return x.Row - y.Row })
		return done, problems, fault.New(fault.Invalid, "“%s”有 %d 行不能处理（见上），什么都没有改动，请改正后重试", path, len(problems))
	}
	return done, nil, nil
}
