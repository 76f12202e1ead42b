package office

import (
	"context"
	"path/filepath"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/reports"
)

// Decide decides about one check (疑点) by its id, for By.Reason: pay, or keep holding.
func (o *Office) Decide(ctx context.Context, id string, release bool, by journal.By) error {
	return o.DB.Decide(ctx, o.Region, id, release, by.Reason, user(by), by)
}

// DecideAll decides about several checks, all or none; Decided.Wrong says, by the place
// in rulings, what stood in the way. The subject stands in the journal.
func (o *Office) DecideAll(ctx context.Context, subject string, rulings []postgres.Ruling, by journal.By) (postgres.Decided, error) {
	return o.DB.DecideAll(ctx, o.Region, subject, rulings, user(by), by)
}

// DecideKind decides about all open checks of one kind in the user's bureau.
func (o *Office) DecideKind(ctx context.Context, m month.Month, kind string, release bool, by journal.By) (postgres.Decided, error) {
	return o.DB.DecideKind(ctx, o.Region, m, kind, release, by.Reason, user(by), by)
}

// DecideFrom takes the decisions of a workbook that ChecksWorkbook wrote and somebody
// filled in, all or none. Where a row is wrong it fails and returns every such row.
func (o *Office) DecideFrom(ctx context.Context, m month.Month, path string, by journal.By) (postgres.Decided, []reports.RulingProblem, error) {
	rows, problems, err := reports.ReadRulings(path)
	if err != nil {
		return postgres.Decided{}, nil, err
	}
	if len(rows)+len(problems) == 0 {
		return postgres.Decided{}, nil, fault.New(fault.Invalid, "“%s”里没有填写任何决定，什么都没有改动", path)
	}
	var rulings []postgres.Ruling
	for _, r := range rows {
		rulings = append(rulings, postgres.Ruling{Finding: r.ID, Release: r.Pay, Reason: r.Reason})
	}
	var done postgres.Decided
	if len(problems) == 0 {
		if done, err = o.DecideAll(ctx, m.String()+" "+filepath.Base(path), rulings, by); err != nil {
			return done, nil, err
		}
		for i, err := range done.Wrong {
			problems = append(problems, reports.RulingProblem{Row: rows[i].Row, Column: "编号", Value: rows[i].ID, Reason: err.Error()})
		}
	}
	if len(problems) > 0 {
		slices.SortFunc(problems, func(x, y reports.RulingProblem) int { return x.Row - y.Row })
		return done, problems, fault.New(fault.Invalid, "“%s”有 %d 行不能处理（见上），什么都没有改动，请改正后重试", path, len(problems))
	}
	return done, nil, nil
}
