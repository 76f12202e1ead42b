package rosters

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/roster"
	"disburse/internal/store/merging"
)

// Merge merges two records of one person (合并), given by their ID numbers, for By.Reason.
func Merge(ctx context.Context, o *office.Office, kept, gone string, dryRun bool, by journal.By) (*merging.Report, error) {
	return merging.Merge(ctx, o.DB, merging.Order{Region: o.Region, Kept: kept, Gone: gone, User: office.User(by), By: by, DryRun: dryRun})
}

// PaidTwice says what of a merge's money is asked back: what both records were paid for
// the same, less what was waived of it.
func PaidTwice(r *merging.Report) string {
	s := fmt.Sprintf("两条记录都发过、应收回的 %s 元", r.Twice.Sub(r.Excused).Grouped())
	if r.Excused > 0 {
		s += fmt.Sprintf("（都发过 %s 元，其中 %s 元已核销）", r.Twice.Grouped(), r.Excused.Grouped())
	}
	return s
}

// OnlyGone lists what only the record that ends says, and so is said no longer.
func OnlyGone(kept, gone *roster.Dossier) []string {
	var all []string
	dates := []struct {
		name       string
		kept, gone month.Date
	}{{"死亡日期", kept.Died, gone.Died}, {"迁入日期", kept.MovedIn, gone.MovedIn}, {"迁出日期", kept.MovedOut, gone.MovedOut}}
	for _, d := range dates {
		if d.gone != 0 && d.gone != d.kept {
			all = append(all, fmt.Sprintf("并入记录的%s是 %s，保留记录的%s，属实的请导入到保留的号码名下", d.name, d.gone, orNone(d.kept)))
		}
	}
	if kept.Account.Number == "" && gone.Account.Number != "" {
		all = append(all, "保留记录没有银行账号，并入记录有，属实的请导入到保留的号码名下")
	}
	var names []string
	for i := range gone.Facts {
		name := gone.Facts[i].Name
		if !slices.ContainsFunc(kept.Facts, func(f roster.Fact) bool { return f.Name == name }) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for i := range gone.Awards {
		name := "项目 " + gone.Awards[i].Item + " 核定金额"
		if !slices.ContainsFunc(kept.Awards, func(w roster.Award) bool { return w.Item == gone.Awards[i].Item }) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		all = append(all, fmt.Sprintf("只有并入记录有：%s，需要的请导入到保留的号码名下", strings.Join(names, "、")))
	}
	return all
}

func orNone(d month.Date) string {
	if d == 0 {
		return "没有填"
	}
	return "是 " + d.String()
}
